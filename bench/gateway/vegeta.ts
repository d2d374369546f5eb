/**
 * Requests by vegeta (github.com/tsenart/vegeta), a load generator that keeps a rate and takes less of the processors than clients in Node.js. The
 * first run installs it into the cache of the tools with Go's own `go install`.
 */
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { cacheRoot } from "../../tools/build/cache";
import type { Call } from "./load";

const VERSION = "v12.13.0";
const run = promisify(execFile);

/** Path of the program, which is installed when it is not there. */
export function ensureVegeta(): string {
  const folder = path.join(cacheRoot(), `vegeta-${VERSION}`);
  const program = path.join(folder, "vegeta");
  if (existsSync(program)) return program;
  const { status } = spawnSync("go", ["install", `github.com/tsenart/vegeta/v12@${VERSION}`], {
    stdio: "inherit",
    env: { ...process.env, GOBIN: folder },
  });
  if (status !== 0) throw new Error(`go install of vegeta ended with ${status}`);
  return program;
}

/** What a run of requests showed. */
export interface Outcome {
  /** Answers a second. */
  perSecond: number;
  /** Milliseconds of a request by percentile. */
  milliseconds: { median: number; p99: number };
}

interface Report {
  latencies: { "50th": number; "99th": number };
  throughput: number;
  success: number;
  errors: string[];
}

/**
 * Sends a request again and again.
 *
 * @param perSecond Requests a second, whether answers come or not; 0 for as many as connections get answered.
 * @throws Error unless every answer is 200.
 */
export async function attack(
  port: number,
  { path: place, headers, body }: Call,
  { perSecond, seconds, connections }: { perSecond: number; seconds: number; connections: number },
): Promise<Outcome> {
  const target = {
    method: "POST",
    url: `http://127.0.0.1:${port}${place}`,
    header: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: Buffer.from(body).toString("base64"),
  };
  const workers = perSecond === 0 ? connections : 10 * connections;
  const options = ["-format=json", `-rate=${perSecond}`, `-duration=${seconds}s`, `-max-workers=${workers}`];
  const pipeline = '"$0" attack "$@" <<<"$TARGET" | "$0" report -type=json';
  const { stdout } = await run("bash", ["-c", pipeline, ensureVegeta(), ...options, `-connections=${connections}`], {
    env: { ...process.env, TARGET: JSON.stringify(target) },
  });
  const { latencies, throughput, success, errors } = JSON.parse(stdout) as Report;
  if (success !== 1) throw new Error(`not every request was answered: ${errors.join("; ")}`);
  const milliseconds = { median: latencies["50th"] / 1e6, p99: latencies["99th"] / 1e6 };
  return { perSecond: throughput, milliseconds };
}
