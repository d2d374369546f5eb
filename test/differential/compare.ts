/** Puts the analysis and a judge of others side by side, connection by connection. */
import {
  type Endpoint,
  buildNetwork,
  canReach,
  namedRange,
} from "../../policy-pack/analysis/reachability/reachability";
import { type MatcherAnswer, type MatcherQuestion, endVerdicts } from "./matcher";

const SHOWN = 5;

/** Outcome of the comparison of one network. */
export interface Comparison {
  /** Connections that both judged, the two ends of each counted once. */
  compared: number;
  /** How many of them both ends allow; all or none would prove little. */
  allowed: number;
  /** The first few disagreements in words. */
  disagreements: string[];
}

/** Compares with cyclonus. */
export function compare(question: MatcherQuestion, answer: MatcherAnswer): Comparison {
  const result = compareVerdicts(question, answer.verdicts, "cyclonus");
  if (answer.error !== undefined) result.disagreements.push(`cyclonus gave up: ${answer.error}`);
  if (answer.verdicts !== answer.simplified) result.disagreements.push("cyclonus disagrees with itself");
  return result;
}

/**
 * Compares each end of all connections between different ends of which one at least is a pod. A pod always reaches
 * itself, which the others leave out, so those are skipped.
 *
 * @param verdicts A digit by source, destination and probe, in the order asked.
 * @param judge Whose verdicts they are, for messages.
 */
export function compareVerdicts(question: MatcherQuestion, verdicts: string, judge: string): Comparison {
  const result: Comparison = { compared: 0, allowed: 0, disagreements: [] };
  const network = buildNetwork(question.input);
  const ranges = question.outside.map((address) => namedRange(address, [address]));
  const ends: Endpoint[] = [...question.input.pods.map((pod) => pod.id), ...ranges];
  let index = 0;
  for (const from of ends) {
    for (const to of ends) {
      for (const { port, protocol } of question.probes) {
        const theirs = endVerdicts(verdicts[index]);
        index += 1;
        if (from === to || (typeof from !== "string" && typeof to !== "string")) continue;
        const ours = canReach(network, from, to, port, protocol);
        result.compared += 1;
        if (ours.allowed) result.allowed += 1;
        const agree = ours.ingress.allowed === theirs.ingress && ours.egress.allowed === theirs.egress;
        if (!agree && result.disagreements.length < SHOWN)
          result.disagreements.push(`${judge}: ${JSON.stringify(theirs)}; here: ${ours.explanation}`);
      }
    }
  }
  return result;
}
