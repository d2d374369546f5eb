/** A real Envoy with the gateway's files, in front of a server on this machine. */
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { GatewayInput, Placement } from "../../../components/gateway";
import { gatewayFiles, LOOPBACK } from "../../../components/gateway";
import { loopbackPlacement, startEnvoy, swapFiles, writeStartFiles } from "../../../tools/gateway/process";
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
    const place = await loopbackPlacement(directory, ollamaPort);
    const files = gatewayFiles(input, place);
    const startFiles = { ...files.program, ...files.config };
    change(startFiles);
    writeStartFiles(place, startFiles);
    swapFiles(place.policyDirectory, files.secrets);
    if (files.tokens !== undefined) swapFiles(place.tokensDirectory, files.tokens);
    prepare(place);
    const gateway = new RunningGateway(directory, place, startEnvoy(directory, place, processes), processes);
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
    this.envoy = startEnvoy(this.directory, this.place, this.processes);
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
