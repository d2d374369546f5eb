/** A tenant's gateway as a plain process on the loopback address: Envoy with the planned files, laid out as in its pod. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { BOOTSTRAP_FILE, LOOPBACK, type Placement } from "../../components/gateway/placement";
import { freePorts } from "../local/free-ports";
import { ensureEnvoy } from "./envoy";

/** A place on free ports with all folders below one. */
export async function loopbackPlacement(directory: string, ollamaPort: number): Promise<Placement> {
  const [port, metricsPort, adminPort] = (await freePorts(3)) as [number, number, number];
  return {
    address: LOOPBACK,
    port,
    metricsPort,
    adminPort,
    ollamaPort,
    archiveDirectory: path.join(directory, "archive"),
    configDirectory: path.join(directory, "config"),
    policyDirectory: path.join(directory, "policy"),
    tokensDirectory: path.join(directory, "tokens"),
    certificateDirectory: path.join(directory, "certificate"),
  };
}

/** Writes the files that Envoy is started with. */
export function writeStartFiles({ configDirectory }: Placement, files: Readonly<Record<string, string>>): void {
  mkdirSync(configDirectory);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(configDirectory, name), text);
}

/** Starts Envoy with the files that are there; what it writes is added to `stdout` and `stdout.err` of the folder. */
export function startEnvoy(directory: string, place: Placement, processes = "/dev/null"): ChildProcess {
  const command = [ensureEnvoy(), "-c", path.join(place.configDirectory, BOOTSTRAP_FILE)];
  const options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "warn"];
  return spawn(
    "/bin/sh",
    [
      "-c",
      'echo $$ >"$PROCESSES"; exec "$0" "$@" >>"$LOG" 2>>"$LOG.err"',
      ...command,
      ...options,
      ...["--file-flush-interval-msec", "20"],
    ],
    { env: { ...process.env, LOG: path.join(directory, "stdout"), PROCESSES: processes }, stdio: "ignore" },
  );
}

let generation = 0;

/** Lays files out as the kubelet does: a folder per version, `..data` pointing to it, and a link per file. */
export function swapFiles(directory: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(directory, { recursive: true });
  generation += 1;
  const version = `..version-${generation}`;
  mkdirSync(path.join(directory, version));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, version, name), text);
  const data = path.join(directory, "..data");
  let before: string | undefined;
  try {
    before = readlinkSync(data);
  } catch {
    for (const name of Object.keys(files)) symlinkSync(path.join("..data", name), path.join(directory, name));
  }
  symlinkSync(version, `${data}_tmp`);
  renameSync(`${data}_tmp`, data);
  if (before !== undefined) rmSync(path.join(directory, before), { recursive: true });
}
