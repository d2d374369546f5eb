import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { podProcesses } from "../../../tools/local-cluster/node/control-groups";
import type { NodeCluster } from "./cluster";
import type { Attempt, Outcome, ProbePod } from "./probes";

/**
 * Tries connections from a pod's network without the cluster's help: the probe program runs on the machine, inside the pod's network
 * namespace. So it goes on while the API server, the kubelet and the container runtime are down.
 */
export function tryFromNamespace(cluster: NodeCluster, pod: ProbePod, attempts: Attempt[]): Promise<Outcome[]> {
  const pid = processOf(pod);
  const input = attempts.map((attempt) => ({ ...attempt, protocol: attempt.protocol.toLowerCase() }));
  return new Promise((resolve, reject) => {
    const args = [`--net=/proc/${pid}/ns/net`, cluster.tools.path("probe"), "try"];
    const child = spawn("nsenter", args, { stdio: ["pipe", "pipe", "inherit"] });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve(JSON.parse(said) as Outcome[]) : reject(new Error(`the probe ended with code ${code}`)),
    );
    child.stdin.end(JSON.stringify(input));
  });
}

/** Process of the pod's probe, which has the pod's name on its command line. */
export function processOf({ id }: ProbePod): number {
  const found = podProcesses().find((pid) => commandLine(pid).includes(id));
  if (found === undefined) throw new Error(`no process of pod ${id}`);
  return found;
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** Tries again and again until it is stopped. */
export interface Prober {
  /** Number of rounds so far. */
  rounds(): number;
  /** Ends it and returns every result that each attempt ever had, in the order of the attempts. */
  stop(): Promise<Set<string>[]>;
}

/** Starts a prober; the attempts of a round are made at the same time. */
export function startProber(cluster: NodeCluster, pod: ProbePod, attempts: Attempt[]): Prober {
  const seen = attempts.map(() => new Set<string>());
  let stopped = false;
  let count = 0;
  const running = (async () => {
    while (!stopped) {
      const outcomes = await tryFromNamespace(cluster, pod, attempts);
      for (const [index, { result }] of outcomes.entries()) seen[index]?.add(result);
      count++;
    }
  })();
  return {
    rounds: () => count,
    stop: async () => {
      stopped = true;
      await running;
      return seen;
    },
  };
}
