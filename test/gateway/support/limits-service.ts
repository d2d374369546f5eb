/** The rate limit service of shared limits with its store, as the platform starts them. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { LOOPBACK } from "../../../components/gateway";
import {
  SERVICE_CONFIGURATION,
  SERVICE_FILE,
  serviceEnvironment,
  storeArguments,
  type ServicePlace,
} from "../../../components/gateway/shared-limits";
import { ensureDebianPackages, findProgram, isProvided, whyNoInstallation } from "../../../tools/build/debian";
import { ensureTools } from "../../../tools/install";
import { killed } from "../../support/processes";
import { swapFiles } from "../../../tools/gateway/process";
import { freePorts } from "../../../tools/local/free-ports";
import { eventually } from "./gateway";

/** The server is in the package of its tools, where it is the program that checks dumps unless it is called by its own name. */
const REDIS = { name: "redis-tools", provides: "redis-check-rdb" };

/** Why the service cannot run on this machine, or undefined when it can. */
export const whyNoStore = (): string | undefined => (isProvided(REDIS) ? undefined : whyNoInstallation());

/** A running service. */
export class LimitsService {
  private store: ChildProcess | undefined;
  private service: ChildProcess | undefined;

  private constructor(
    private readonly directory: string,
    private readonly program: string,
    private readonly place: ServicePlace,
  ) {}

  /** Starts store and service. */
  static async start(): Promise<LimitsService> {
    await ensureDebianPackages([REDIS], process.stderr);
    const tools = await ensureTools(["ratelimit"]);
    const directory = mkdtempSync(path.join(tmpdir(), "limits-"));
    const [port, metricsPort, grpcPort, debugPort] = (await freePorts(4)) as [number, number, number, number];
    const place: ServicePlace = {
      address: LOOPBACK,
      port,
      metricsPort,
      inner: { grpcPort, debugPort },
      storeSocket: path.join(directory, "store.sock"),
      runtimeDirectory: directory,
    };
    // As the kubelet lays a ConfigMap out.
    swapFiles(path.join(directory, "config"), { [SERVICE_FILE]: SERVICE_CONFIGURATION });
    const started = new LimitsService(directory, tools.path("ratelimit"), place);
    await started.startStore();
    await started.startService();
    return started;
  }

  /** Port for the guard's questions. */
  get port(): number {
    return this.place.port;
  }

  /** Ids of the processes of service and store. */
  get pids(): number[] {
    return [this.service, this.store].flatMap((each) => each?.pid ?? []);
  }

  /** Starts the store with what it has on its disk. */
  async startStore(): Promise<void> {
    const { storeSocket } = this.place;
    rmSync(storeSocket, { force: true });
    const command = findProgram(REDIS.provides);
    this.store = spawn(command, storeArguments(storeSocket, this.directory), {
      argv0: "redis-server",
      stdio: "ignore",
    });
    await eventually("the store's start", () => existsSync(storeSocket));
  }

  /** Starts the service. */
  async startService(): Promise<void> {
    const env = { PATH: process.env["PATH"], ...serviceEnvironment(this.place) };
    this.service = spawn(this.program, [], { env, stdio: "ignore" });
    await eventually("the service's start", () =>
      fetch(`http://${LOOPBACK}:${this.port}/healthcheck`).then(
        (reply) => reply.ok,
        () => false,
      ),
    );
  }

  /** Kills the store: the service runs on and can count nothing. */
  async killStore(): Promise<void> {
    if (this.store) await killed(this.store);
  }

  /** Kills the service. */
  async killService(): Promise<void> {
    if (this.service) await killed(this.service);
  }

  /** Ends both and removes their files. */
  async stop(): Promise<void> {
    await this.killService();
    await this.killStore();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
