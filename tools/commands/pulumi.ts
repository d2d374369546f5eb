import { openStackWithoutCluster, runCommand } from "./context";
import { passOn } from "./pass-on";
import { stackOptions } from "../local/stack";

/** `npm run pulumi -- <arguments>`: Pulumi as it is, on the local backend, with the dev stack selected. */
runCommand(async () => {
  const stack = await openStackWithoutCluster();
  const args = process.argv.slice(2);
  const command = args.find((arg) => !arg.startsWith("-")) ?? "";
  // In another project's folder the stack has another config file, its own.
  const isElsewhere = args.some((arg) => /^(-C|--cwd)/.test(arg));
  const config = isElsewhere ? [] : stackOptions(stack, command).slice(2);
  await passOn("pulumi", [...args, ...config], { ...stack.environment, PULUMI_STACK: stack.name }, stack.project);
});
