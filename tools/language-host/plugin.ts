import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type * as grpc from "@grpc/grpc-js";
import { type RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { bundleOf, laterArguments } from "./bundle";
import { runtimeOptions, sdkEnvironment, sdkScript, terminate } from "./children";

type Call = grpc.ServerWritableStream<RunPluginRequest, RunPluginResponse>;

/** Runs a plug-in that is a folder of Node.js sources, a policy pack or a component package, until the engine cancels the call. */
export function runPlugin(call: Call): void {
  const request = call.request;
  const info = request.getInfo();
  const folder = info?.getProgramDirectory() || request.getPwd();
  const options = runtimeOptions(info);
  const isPolicyPack = fs.existsSync(path.join(folder, "PulumiPolicy.yaml"));
  let args: string[];
  try {
    args = [
      ...options.nodeArguments,
      ...(isPolicyPack ? policyPackArguments(folder, request) : packageArguments(folder, request)),
    ];
  } catch (error) {
    endWithMessage(call, (error as Error).message);
    return;
  }
  const child = spawn(process.execPath, args, {
    cwd: isPolicyPack ? folder : request.getPwd() || folder,
    env: { ...environmentOf(request), ...sdkEnvironment(options) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", (chunk: Buffer) => call.write(new RunPluginResponse().setStdout(chunk)));
  child.stderr.on("data", (chunk: Buffer) => call.write(new RunPluginResponse().setStderr(chunk)));
  child.once("error", (error) => endWithMessage(call, error.message));
  // `close` comes after the last output has been read, `exit` may come before.
  child.once("close", (code) => {
    call.write(new RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
  call.on("cancelled", () => terminate(child));
}

/** A policy pack gets the engine's address, which the engine passes, and its entry point: its bundle, `main` of PulumiPolicy.yaml, else the folder. */
function policyPackArguments(folder: string, request: RunPluginRequest): string[] {
  const bundle = bundleOf(folder);
  const entryPoint = bundle ?? (request.getInfo()?.getEntryPoint() || ".");
  return [...laterArguments(bundle), sdkScript(folder, "run-policy-pack"), ...request.getArgsList(), entryPoint];
}

function packageArguments(folder: string, request: RunPluginRequest): string[] {
  const entryPoint = path.join(folder, request.getInfo()?.getEntryPoint() || ".");
  return [sdkScript(folder, "run-plugin"), entryPoint, ...request.getArgsList()];
}

/** The engine passes the plug-in's whole environment as `NAME=value`; without one, this process' own applies. */
function environmentOf(request: RunPluginRequest): NodeJS.ProcessEnv {
  const pairs = request.getEnvList();
  if (pairs.length === 0) return process.env;
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

function endWithMessage(call: Call, message: string): void {
  call.write(new RunPluginResponse().setStderr(Buffer.from(`${message}\n`)));
  call.write(new RunPluginResponse().setExitcode(1));
  call.end();
}
