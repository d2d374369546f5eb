/** Runs the matcher of cyclonus over many networks in one process. */
import type {
  NetworkInput,
  NetworkNamespace,
  NetworkPod,
  Protocol,
} from "../../policy-pack/analysis/reachability/network";
import type { LabelSelector } from "../../policy-pack/model/kubernetes";
import { askProgram } from "../support/ask-program";

/** A port of a protocol to ask about. */
export interface Probe {
  port: number;
  protocol: Protocol;
}

/** What one connection is judged by each end. */
export interface EndVerdicts {
  ingress: boolean;
  egress: boolean;
}

/** Answers for one network: verdicts by source, destination and probe, in the order asked. */
export interface MatcherAnswer {
  verdicts: string;
  /** The same from rules that cyclonus has rewritten first. */
  simplified: string;
  /** Whether each selection matches, one digit each, as Kubernetes' own library says. */
  selected?: string;
  /** Why the matcher gave up. */
  error?: string;
}

/** A question for the matcher: a network, addresses outside it, and probes. */
export interface MatcherQuestion {
  input: NetworkInput;
  outside: readonly string[];
  probes: readonly Probe[];
  /** Selectors and labels for Kubernetes' own library. Default: none. */
  selections?: readonly { selector: LabelSelector; labels: Record<string, string> }[];
}

/** Asks all questions; answers come in their order. Throws if the program fails or answers too few. */
export function askMatcher(program: string, questions: readonly MatcherQuestion[]): Promise<MatcherAnswer[]> {
  return askProgram(program, questions.map(wireForm));
}

/** Verdicts of one digit: 1 for ingress, plus 2 for egress. */
export function endVerdicts(digit: string | undefined): EndVerdicts {
  const value = Number(digit);
  return { ingress: (value & 1) !== 0, egress: (value & 2) !== 0 };
}

function wireForm({ input, outside, probes, selections }: MatcherQuestion): unknown {
  const labels = new Map(input.namespaces.map((namespace) => [namespace.name, labelsOf(namespace)]));
  const podEnd = (pod: NetworkPod) => ({
    ip: pod.addresses?.[0],
    internal: { Namespace: pod.namespace, NamespaceLabels: labels.get(pod.namespace), PodLabels: pod.labels },
    ports: pod.ports
      .filter((port) => port.name !== undefined)
      .map(({ name, port, protocol = "TCP" }) => ({ name, port, protocol })),
  });
  return {
    policies: input.policies.map(({ namespace, name, spec }) => ({ metadata: { namespace, name }, spec })),
    ends: [...input.pods.map(podEnd), ...outside.map((ip) => ({ ip }))],
    probes,
    selections,
  };
}

/** A namespace's labels as the API server completes them. */
export function labelsOf({ name, labels }: NetworkNamespace): Record<string, string> {
  return { ...labels, "kubernetes.io/metadata.name": name };
}
