/** What the analysis of the live policies says of connections between probes. */
import { networkInput } from "../../policy-pack/analysis/reachability/from-model";
import {
  ReachabilityRefusal,
  type NetworkPolicySource,
  type NetworkPod,
} from "../../policy-pack/analysis/reachability/network";
import { buildNetwork, canReach, namedRange, type Network } from "../../policy-pack/analysis/reachability/reachability";
import type { NetworkPolicySpec } from "../../policy-pack/model/kubernetes";
import type { Subject } from "../checks/check";
import { policyObjects } from "./objects";
import { CONTROL_NAMESPACE, podOf, probeLabels, STRANGER_NAMESPACE, type Probe } from "./places";
import { LISTENER_PORT } from "./probe";

/** What is foreseen of one connection. */
export interface Forecast {
  /** Whether policies let it through; undefined where the analysis cannot say. */
  allowed?: boolean;
  /** The policies that say so, in words. */
  why: string;
}

/** Foresees connections. */
export interface Predictor {
  pod(from: Probe, to: string, port: number, protocol: "TCP" | "UDP"): Forecast;
  /** An address outside the pods. */
  address(from: Probe, host: string, port: number): Forecast;
  /** Of two ways of which the network takes one: known where both say the same. */
  either(this: void, one: Forecast, other: Forecast): Forecast;
}

/** Probes with their addresses. */
export interface PlacedProbe {
  probe: Probe;
  addresses?: readonly string[];
}

/**
 * Analyses the live policies over the live pods and the probes. Where the analysis refuses, nothing is foreseen, and
 * `refusal` says why.
 */
export function predictorOf(
  { model, settings: { configuration } }: Subject,
  probes: readonly PlacedProbe[],
): { predict: Predictor; refusal?: string } {
  try {
    const input = networkInput(model, configuration, { hypotheticalPods: false });
    const known = new Set(input.namespaces.map(({ name }) => name));
    const own = [CONTROL_NAMESPACE, STRANGER_NAMESPACE]
      .filter((name) => !known.has(name))
      .map((name) => ({ name, labels: {} }));
    const network = buildNetwork({
      ...input,
      namespaces: [...input.namespaces, ...own],
      pods: [...input.pods, ...probes.map(networkPod)],
      policies: [...input.policies, ...ownPolicies()],
    });
    return { predict: predictorOn(network) };
  } catch (error) {
    if (!(error instanceof ReachabilityRefusal)) throw error;
    return { predict: NOTHING_FORESEEN, refusal: error.reasons.join("; ") };
  }
}

function networkPod({ probe, addresses }: PlacedProbe): NetworkPod {
  return {
    id: podOf(probe),
    namespace: probe.namespace,
    labels: probeLabels(probe.role),
    ports: (["TCP", "UDP"] as const).map((protocol) => ({ port: LISTENER_PORT, protocol })),
    ...(addresses !== undefined && { addresses: [...addresses] }),
  };
}

function ownPolicies(): NetworkPolicySource[] {
  return (policyObjects() as { metadata: { namespace: string; name: string }; spec: NetworkPolicySpec }[]).map(
    ({ metadata: { namespace, name }, spec }) => ({ namespace, name, spec }),
  );
}

function either(one: Forecast, other: Forecast): Forecast {
  return one.allowed === other.allowed ? one : { why: `${one.why}; ${other.why}` };
}

const NOTHING_FORESEEN: Predictor = {
  pod: () => ({ why: "the analysis refuses" }),
  address: () => ({ why: "the analysis refuses" }),
  either,
};

function predictorOn(network: Network): Predictor {
  return {
    pod: (from, to, port, protocol) => {
      const { allowed, explanation } = canReach(network, podOf(from), to, port, protocol);
      return { allowed, why: explanation };
    },
    address: (from, host, port) => {
      const { allowed, explanation } = canReach(network, podOf(from), namedRange(host, [host]), port, "TCP");
      return { allowed, why: explanation };
    },
    either,
  };
}
