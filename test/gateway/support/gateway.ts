/** A real Envoy with the gateway's files, in front of a server on this machine. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { GatewayInput, Placement } from "../../../components/gateway";
import { gatewayFiles, BOOTSTRAP_FILE, LOOPBACK } from "../../../components/gateway";
import { ensureEnvoy } from "../../../tools/gateway/envoy";
import { killed } from "../../support/processes";

/** One line of the audit log. */
export interface AuditLine {
  [field: string]: string | number | boolean | null;
}

/** Hash of a key, as the gateway's input wants it. */
export const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

/** How long to wait for something that must happen before a test gives up. */
const PATIENCE_MS = 15_000;

/** Waits until a check holds. */
export async function eventually<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`${what}: did not happen`);
    await pause(5);
  }
}

/** Ports that nothing listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A running gateway. */
export class RunningGateway {
  private readonly lines: AuditLine[] = [];
  private bytesRead = 0;

  private constructor(
    readonly directory: string,
    readonly place: Placement,
    private envoy: ChildProcess,
    private readonly processes: string | undefined,
  ) {}

  /** The process of Envoy. */
  get process(): ChildProcess {
    return this.envoy;
  }

  /**
   * Starts Envoy with the files of the input, after `change` has altered them, and waits until it answers. `prepare`
   * lays out what comes from elsewhere, such as a certificate. `processes` is the file of a cgroup that takes Envoy in.
   */
  static async start(
    input: GatewayInput,
    ollamaPort: number,
    change: (files: Record<string, string>) => void = () => {},
    prepare: (place: Placement) => void = () => {},
    processes?: string,
  ): Promise<RunningGateway> {
    const directory = mkdtempSync(path.join(tmpdir(), "gateway-"));
    const [port, metricsPort, adminPort] = (await freePorts(3)) as [number, number, number];
    const place: Placement = {
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
    const files = gatewayFiles(input, place);
    const startFiles = { ...files.program, ...files.config };
    change(startFiles);
    mkdirSync(place.configDirectory);
    for (const [name, text] of Object.entries(startFiles)) writeFileSync(path.join(place.configDirectory, name), text);
    swapFiles(place.policyDirectory, files.secrets);
    if (files.tokens !== undefined) swapFiles(place.tokensDirectory, files.tokens);
    prepare(place);
    const gateway = new RunningGateway(directory, place, launch(directory, place, processes), processes);
    await gateway.answers();
    return gateway;
  }

  /** Waits until the gateway can pass requests on. */
  private async answers(): Promise<void> {
    await eventually("the gateway's start", async () => {
      if (this.envoy.exitCode !== null) throw new Error(`Envoy ended: ${this.errors.slice(-2000)}`);
      return fetch(`http://${LOOPBACK}:${this.place.metricsPort}/ready`).then(
        (reply) => reply.ok && reply.text().then(() => true),
        () => false,
      );
    });
  }

  /** Kills Envoy and starts it again on the same ports with the files that are there. */
  async restart(): Promise<void> {
    await killed(this.envoy);
    this.envoy = launch(this.directory, this.place, this.processes);
    await this.answers();
  }

  /** Address of the gateway. */
  get url(): string {
    return `http://${LOOPBACK}:${this.place.port}`;
  }

  /** What Envoy wrote to its error log. */
  get errors(): string {
    return readFileSync(path.join(this.directory, "stdout.err"), "utf8");
  }

  /** All lines of the audit log so far. Each is read from the file once. */
  audit(): readonly AuditLine[] {
    const file = openSync(path.join(this.directory, "stdout"), "r");
    try {
      const added = Buffer.alloc(fstatSync(file).size - this.bytesRead);
      readSync(file, added, 0, added.length, this.bytesRead);
      // The last line may still be being written.
      const whole = added.subarray(0, added.lastIndexOf("\n") + 1);
      this.bytesRead += whole.length;
      for (const line of whole.toString("utf8").split("\n").slice(0, -1))
        this.lines.push(JSON.parse(line) as AuditLine);
    } finally {
      closeSync(file);
    }
    return this.lines;
  }

  /** The line of one request, when it has been written. */
  auditOf(requestId: string): Promise<AuditLine> {
    return eventually(`the audit line of ${requestId}`, () =>
      this.audit().findLast((line) => line["request_id"] === requestId),
    );
  }

  /** The lines of the log, once there are as many. */
  auditLines(count: number): Promise<readonly AuditLine[]> {
    return eventually(`${count} audit lines`, () => {
      const lines = this.audit();
      return lines.length >= count && lines;
    });
  }

  /** The metrics. */
  async metrics(): Promise<string> {
    return (await fetch(`http://${LOOPBACK}:${this.place.metricsPort}/stats/prometheus`)).text();
  }

  /** Replaces the policy as the kubelet replaces a Secret's files, and waits until Envoy has read it. */
  async update(input: GatewayInput): Promise<void> {
    const attempts = await this.counter("rds_update_attempt");
    swapFiles(this.place.policyDirectory, gatewayFiles(input, this.place).secrets);
    await eventually("the policy's update", async () => (await this.counter("rds_update_attempt")) > attempts);
  }

  /** Replaces what makes a token valid, as the kubelet replaces a Secret's files. */
  updateTokens(input: GatewayInput): void {
    swapFiles(this.place.tokensDirectory, gatewayFiles(input, this.place).tokens ?? {});
  }

  /** Replaces the policy by any text. */
  swap(files: Record<string, string>): void {
    swapFiles(this.place.policyDirectory, files);
  }

  /** Value of one of Envoy's counters of the route configuration. */
  async counter(name: string): Promise<number> {
    const line = (await this.metrics()).split("\n").find((text) => text.includes(`${name}{`) && !text.startsWith("#"));
    return Number(line?.split(" ").at(-1) ?? 0);
  }

  /** Ends Envoy and removes its files. */
  async stop(): Promise<void> {
    await killed(this.envoy);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Starts Envoy with the files that are there; what it writes is added to what it wrote before. */
function launch(directory: string, place: Placement, processes = "/dev/null"): ChildProcess {
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
export function swapFiles(directory: string, files: Record<string, string>): void {
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
