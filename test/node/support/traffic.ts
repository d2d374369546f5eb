import { canReach, type Network } from "../../../policy-pack/analysis/reachability/reachability";
import type { NodeCluster } from "./cluster";
import { analysed } from "./expected";
import { protocols, tryFrom, type Outcome, type Protocol, type RunningProbe } from "./probes";

/** The three ways to address a pod. */
export const routes = ["pod address", "service address", "service name"] as const;
export type Route = (typeof routes)[number];

/** A connection between two probe pods that was tried, with what was expected and why. */
export interface Trial {
  from: RunningProbe;
  to: RunningProbe;
  route: Route;
  port: number;
  protocol: Protocol;
  expected: boolean;
  explanation: string;
  outcome: Outcome;
}

function hostOf(to: RunningProbe, route: Route): string {
  if (route === "pod address") return to.podAddress;
  return route === "service address" ? to.serviceAddress : `${to.name}.${to.namespace}.svc.cluster.local`;
}

const routesFrom = ({ withoutNames }: RunningProbe): readonly Route[] =>
  withoutNames === true ? routes.filter((route) => route !== "service name") : routes;

/** Tries every ordered pair of pods on every route, port and protocol. */
export async function tryAll(
  cluster: NodeCluster,
  network: Network,
  pods: readonly RunningProbe[],
  ports: readonly number[],
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const from of pods) {
    const wanted = pods
      .filter((to) => to !== from)
      .flatMap((to) => routesFrom(from).map((route) => ({ to, route })))
      .flatMap((pair) => ports.flatMap((port) => protocols.map((protocol) => ({ ...pair, port, protocol }))));
    const attempts = wanted.map(({ to, route, port, protocol }) => ({ host: hostOf(to, route), port, protocol }));
    const outcomes = await tryFrom(cluster, from, attempts);
    for (const [index, { to, route, port, protocol }] of wanted.entries()) {
      const { allowed, explanation } = canReach(network, analysed(from), analysed(to), port, protocol);
      const outcome = outcomes[index] ?? { result: "error", detail: "no outcome" };
      trials.push({ from, to, route, port, protocol, expected: allowed, explanation, outcome });
    }
  }
  return trials;
}

/** Whether the right pod answered. Undefined when the outcome says neither that it is open nor that it is closed. */
export function observed({ to, outcome }: Trial): boolean | undefined {
  if (outcome.result === "open") return outcome.detail === to.id ? true : undefined;
  return outcome.result === "refused" ? false : undefined;
}

export const describeTrial = ({ from, to, route, port, protocol, expected, explanation, outcome }: Trial): string =>
  `${from.id} to ${to.id} by ${route}, ${protocol} ${port}: expected ${expected ? "open" : "refused"}, ` +
  `was ${outcome.result}${outcome.detail ? ` (${outcome.detail})` : ""}; ${explanation}`;

/** Trials that did not go as expected; an outcome that proves nothing is never as expected. */
export const disagreements = (trials: readonly Trial[]): string[] =>
  trials.filter((trial) => observed(trial) !== trial.expected).map(describeTrial);

/** What distinguishes a trial from all others of the same pods. */
const trialKey = ({ from, to, route, port, protocol }: Trial): string => [from.id, to.id, route, port, protocol].join();

/**
 * Trials that were refused and whose twin, the same connection under other circumstances, was not open either: such a refusal says
 * nothing about those circumstances, since something else may be the reason.
 */
export function withoutTwin(trials: readonly Trial[], twins: readonly Trial[]): string[] {
  const open = new Set(twins.filter((trial) => observed(trial) === true).map(trialKey));
  return trials.filter((trial) => observed(trial) === false && !open.has(trialKey(trial))).map(describeTrial);
}
