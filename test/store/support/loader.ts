/** Runs the loader as its Job does: a Node.js process with a request, a store and an environment. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const LOADER = path.join(__dirname, "..", "..", "..", "components", "store", "loader", "loader.mjs");

/** The document that the platform writes for the loader. */
export interface StoreRequest {
  models: { name: string; source: string; digest?: string }[];
  views?: Record<string, string[]>;
  plainHttpHosts?: string[];
  maxBytes?: number;
  recheck?: boolean;
}

/** How the loader is started. */
export interface LoaderOptions {
  /** Content of the credentials file. */
  credentials?: unknown;
  /** PEM of a certificate authority. */
  ca?: string;
  environment?: NodeJS.ProcessEnv;
  /** Name of the pod. Default: one name, as if the container was started again. */
  owner?: string;
  /** Called with the process, to end it early. */
  started?: (child: ChildProcess) => void;
}

export interface LoaderResult {
  /** Exit code, or null when it was killed. */
  code: number | null;
  output: string;
}

/** A store in a temporary folder. */
export interface Store {
  root: string;
  load(request: StoreRequest, options?: LoaderOptions): Promise<LoaderResult>;
  remove(): void;
}

/** Makes an empty store. `root` is its folder when it has to be a certain one. */
export function newStore(root?: string): Store {
  const directory = mkdtempSync(path.join(tmpdir(), "store-"));
  const folder = root ?? path.join(directory, "store");
  mkdirSync(folder, { recursive: true });
  return {
    root: folder,
    load: (request, options = {}) => run(directory, folder, request, options),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function run(directory: string, root: string, request: StoreRequest, options: LoaderOptions): Promise<LoaderResult> {
  const file = (name: string, content: string): string => {
    const place = path.join(directory, name);
    writeFileSync(place, content);
    return place;
  };
  const { credentials, ca, owner = "pod", environment = {}, started } = options;
  const args = [
    ["--request", file("request.json", JSON.stringify({ schemaVersion: 1, ...request }))],
    ["--store", root, "--owner", owner, "--pause-seconds", "0.05", "--idle-seconds", "20", "--stale-lock-seconds", "6"],
    credentials === undefined ? [] : ["--credentials", file("config.json", JSON.stringify(credentials))],
    ca === undefined ? [] : ["--ca", file("ca.crt", ca)],
  ].flat();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [LOADER, ...args], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
    started?.(child);
  });
}
