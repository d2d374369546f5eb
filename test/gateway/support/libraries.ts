/** Client libraries as their users install them, pinned by the files beside the programs that use them. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { cacheRoot, exists, publish, workFolder } from "../../../tools/build/cache";
import { pythonPlatform } from "../../support/python";

const run = promisify(execFile);
const PROGRAMS = path.join(__dirname, "..", "libraries");

/** What a call through a library came to: its answer as text, or the library's error. */
export interface Outcome {
  answer?: string;
  /** Class of the error that the library raised. */
  error?: string;
  /** HTTP status, where the library tells it. */
  status?: number | null;
}

/** Environment of the programs that call libraries. */
export interface LibraryCall {
  /** Address of the gateway. */
  gateway: string;
  key: string;
  badKey: string;
  /** Name of a model that the key opens. */
  model: string;
  /** Name of a model that it does not open. */
  hidden: string;
}

/** A folder in the cache that an installer filled from lock files; made again when they, or `platform`, change. */
async function installed(
  locks: string[],
  platform: string,
  install: (folder: string) => Promise<unknown>,
): Promise<string> {
  const hash = createHash("sha256").update(platform);
  for (const lock of locks) hash.update(readFileSync(path.join(PROGRAMS, lock)));
  const folder = path.join(cacheRoot(), "libraries", hash.digest("hex").slice(0, 16));
  if (await exists(folder)) return folder;
  const work = await workFolder(cacheRoot());
  for (const lock of locks) copyFileSync(path.join(PROGRAMS, lock), path.join(work, lock));
  await install(work);
  await publish(work, folder);
  return folder;
}

/** Runs a program that calls libraries; `where` tells its language where they are. */
async function outcomes(
  program: string[],
  where: Record<string, string>,
  call: LibraryCall,
): Promise<Record<string, Outcome>> {
  const { gateway, key, badKey, model, hidden } = call;
  const env = { PATH: process.env["PATH"], GATEWAY: gateway, KEY: key, BAD_KEY: badKey, MODEL: model, HIDDEN: hidden };
  const [file = "", ...args] = program;
  const { stdout } = await run(file, args, { env: { ...env, ...where }, maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as Record<string, Outcome>;
}

/** Calls the libraries for JavaScript; one outcome per call. */
export async function callsFromJavaScript(call: LibraryCall): Promise<Record<string, Outcome>> {
  const folder = await installed(["package.json", "package-lock.json"], "node", (work) =>
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: work }),
  );
  const program = [process.execPath, path.join(PROGRAMS, "javascript.cjs")];
  return outcomes(program, { NODE_PATH: path.join(folder, "node_modules") }, call);
}

/** Calls the libraries for Python; one outcome per call. */
export async function callsFromPython(call: LibraryCall): Promise<Record<string, Outcome>> {
  const folder = await installed(["requirements.txt"], pythonPlatform, (work) => {
    const strict = ["--only-binary=:all:", "--no-deps", "--disable-pip-version-check", "--quiet"];
    return run("python3", ["-m", "pip", "install", ...strict, "--target", work, "-r", "requirements.txt"], {
      cwd: work,
    });
  });
  return outcomes(
    ["python3", path.join(PROGRAMS, "python.py")],
    { PYTHONPATH: folder, LANGSMITH_TRACING: "false" },
    call,
  );
}
