import { spawn } from "node:child_process";
import { openStackWithoutCluster, runCommand } from "./context";
import { EngineFailure } from "./run";
import { stackOptions } from "../local/stack";

/** `npm run pulumi -- <arguments>`: Pulumi as it is, on the local backend, with the dev stack selected. */
runCommand(async () => {
  const stack = await openStackWithoutCluster();
  const args = process.argv.slice(2);
  const command = args.find((arg) => !arg.startsWith("-")) ?? "";
  // In another project's folder the stack has another config file, its own.
  const isElsewhere = args.some((arg) => /^(-C|--cwd)/.test(arg));
  const config = isElsewhere ? [] : stackOptions(stack, command).slice(2);
  // The terminal sends Ctrl-C to Pulumi too, which decides what to do.
  process.on("SIGINT", () => undefined);
  const child = spawn("pulumi", [...args, ...config], {
    cwd: stack.project,
    env: { ...stack.environment, PULUMI_STACK: stack.name },
    stdio: "inherit",
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 1));
  });
  if (code !== 0) throw new EngineFailure(code);
});
