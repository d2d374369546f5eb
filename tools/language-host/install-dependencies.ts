import { spawn } from "node:child_process";
import type * as grpc from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import { type InstallDependenciesRequest, InstallDependenciesResponse } from "@pulumi/pulumi/proto/language_pb";
import { describeEnd, runtimeOptions } from "./children";

const MANAGERS = ["npm", "pnpm", "yarn", "bun"];

/** Installs a program's packages with the package manager that its Pulumi.yaml names, as `pulumi install` asks. */
export function installDependencies(
  call: grpc.ServerWritableStream<InstallDependenciesRequest, InstallDependenciesResponse>,
): void {
  const info = call.request.getInfo();
  const { packageManager } = runtimeOptions(info);
  const fail = (details: string): void => void call.emit("error", { code: status.FAILED_PRECONDITION, details });
  if (!MANAGERS.includes(packageManager)) {
    fail(`runtime.options.packagemanager is "${packageManager}"; allowed are ${MANAGERS.join(", ")}`);
    return;
  }
  const child = spawn(packageManager, ["install"], {
    cwd: info?.getProgramDirectory() || call.request.getDirectory(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", (chunk: Buffer) => call.write(new InstallDependenciesResponse().setStdout(chunk)));
  child.stderr.on("data", (chunk: Buffer) => call.write(new InstallDependenciesResponse().setStderr(chunk)));
  child.once("error", (error) => fail(`${packageManager} could not be started: ${error.message}`));
  child.once("close", (code, signal) => {
    if (code === 0) call.end();
    else if (code !== null || signal) fail(`${packageManager} install ended with ${describeEnd(code, signal)}`);
  });
  call.on("cancelled", () => child.kill());
}
