/** Runs the matcher of cyclonus over many networks in one process. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { NetworkInput, NetworkPod, Protocol } from "../../policy-pack/analysis/reachability/network";
import type { LabelSelector } from "../../policy-pack/model/kubernetes";

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
export async function askMatcher(program: string, questions: readonly MatcherQuestion[]): Promise<MatcherAnswer[]> {
  const child = spawn(program, [], { stdio: ["pipe", "pipe", "inherit"] });
  const answers: MatcherAnswer[] = [];
  const closed = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line) as MatcherAnswer);
  })();
  for (const question of questions) child.stdin.write(`${JSON.stringify(wireForm(question))}\n`);
  child.stdin.end();
  const [code] = await Promise.all([closed, reading]);
  if (code !== 0 || answers.length !== questions.length)
    throw new Error(`The matcher ended with ${code} after ${answers.length} of ${questions.length} answers`);
  return answers;
}

/** Verdicts of one digit: 1 for ingress, plus 2 for egress. */
export function endVerdicts(digit: string | undefined): EndVerdicts {
  const value = Number(digit);
  return { ingress: (value & 1) !== 0, egress: (value & 2) !== 0 };
}

function wireForm({ input, outside, probes, selections }: MatcherQuestion): unknown {
  const labels = new Map(
    input.namespaces.map(({ name, labels }) => [name, { ...labels, "kubernetes.io/metadata.name": name }]),
  );
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
