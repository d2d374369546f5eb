import { type ChildProcess, spawn } from "node:child_process";
import type * as grpc from "@grpc/grpc-js";
import { type RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb";
import { bundleOf, laterArguments } from "./bundle";
import { describeEnd, runtimeOptions, SdkMissingError, sdkEnvironment, sdkScript, terminate } from "./children";

/** Exit code by which the SDK says: the error has been shown to the user already, add nothing. */
const ALREADY_REPORTED = 32;

const running = new Set<ChildProcess>();
let cancelled = false;

/** Ends all running programs. The engine finishes the resource operations under way by itself. */
export function cancelPrograms(): void {
  cancelled = true;
  for (const child of running) terminate(child);
}

/** Runs the user's program once, for a preview or an update, and answers when it has ended. */
export function run(
  call: grpc.ServerUnaryCall<RunRequest, RunResponse>,
  answer: grpc.sendUnaryData<RunResponse>,
  engine: string,
): void {
  let child: ChildProcess;
  try {
    child = start(call.request, engine);
  } catch (error) {
    if (!(error instanceof SdkMissingError)) throw error;
    answer(null, failed(error.message));
    return;
  }
  running.add(child);
  call.on("cancelled", () => terminate(child));
  child.once("error", (error) => answer(null, failed(`The program could not be started: ${error.message}`)));
  child.once("exit", (code, signal) => {
    running.delete(child);
    answer(null, outcome(code, signal));
  });
}

function outcome(code: number | null, signal: NodeJS.Signals | null): RunResponse {
  if (code === 0) return new RunResponse();
  if (code === ALREADY_REPORTED || (cancelled && signal)) return new RunResponse().setBail(true);
  return failed(`Program exited with non-zero ${describeEnd(code, signal)}`);
}

const failed = (message: string): RunResponse => new RunResponse().setError(message);

function start(request: RunRequest, engine: string): ChildProcess {
  const info = request.getInfo();
  const folder = info?.getProgramDirectory() || request.getPwd();
  const bundle = bundleOf(folder);
  const options = { ...runtimeOptions(info), ...(bundle !== undefined && { typescript: false }) };
  const flags: [string, string][] = [
    ["monitor", request.getMonitorAddress()],
    ["engine", engine],
    ["organization", request.getOrganization()],
    ["project", request.getProject()],
    ["stack", request.getStack()],
    ["root-directory", info?.getRootDirectory() ?? ""],
    ["pwd", request.getPwd()],
    ["parallel", String(request.getParallel())],
  ];
  const given = flags.filter(([, value]) => value !== "").flatMap(([name, value]) => [`--${name}`, value]);
  if (request.getDryrun()) given.push("--dry-run");
  const entryPoint = bundle ?? (info?.getEntryPoint() || request.getProgram() || ".");
  const nodeArguments = [...laterArguments(bundle), ...options.nodeArguments];
  const args = [...nodeArguments, sdkScript(folder, "run"), ...given, entryPoint, ...request.getArgsList()];
  const env = {
    ...process.env,
    ...sdkEnvironment(options),
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
  };
  // Standard output and error are the engine's pipes: what the program prints is shown as it comes.
  return spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "inherit", "inherit"] });
}
