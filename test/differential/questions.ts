/**
 * What the judges of reachability are asked: the recipes, and generated networks. The number of networks and the seed
 * may be set by DIFFERENTIAL_CASES and DIFFERENTIAL_SEED.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { NetworkInput } from "../../policy-pack/analysis/reachability/network";
import { networkInput, outsideAddresses } from "../unit/policy-pack/analysis/reachability/generators";
import type { Comparison } from "./compare";
import type { MatcherQuestion, Probe } from "./matcher";
import { recipeCluster, recipes } from "./recipes";

export const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 20_250_101);
const BATCH = 500;

/** Number of generated networks: what the environment says, else the given one. */
export const cases = (standard: number) => Number(process.env.DIFFERENTIAL_CASES ?? standard);

const recipeProbes: Probe[] = (["TCP", "UDP", "SCTP"] as const).flatMap((protocol) =>
  [53, 80, 81, 90].map((port) => ({ protocol, port })),
);

/** Ports on either side of every boundary that the generated policies draw. */
const generatedProbes: Probe[] = [
  { protocol: "TCP", port: 79 },
  { protocol: "TCP", port: 80 },
  { protocol: "TCP", port: 81 },
  { protocol: "TCP", port: 501 },
  { protocol: "UDP", port: 80 },
  { protocol: "UDP", port: 443 },
  { protocol: "SCTP", port: 443 },
  { protocol: "SCTP", port: 82 },
];

/** Generated networks, the same for the same seed. */
export function generated(count: number): NetworkInput[] {
  return fc.sample(networkInput, { numRuns: count, seed: SEED });
}

export const ask = (input: NetworkInput): MatcherQuestion => ({
  input,
  outside: outsideAddresses,
  probes: generatedProbes,
});

/** A question for every recipe, in their order. */
export function recipeQuestions(): MatcherQuestion[] {
  return Object.values(recipes).map((policies) => ({
    input: recipeCluster(policies),
    outside: outsideAddresses,
    probes: recipeProbes,
  }));
}

/**
 * Compares generated networks, says how many connections that were and returns the share of them that are allowed.
 *
 * @throws AssertionError with the first network on which the two disagree.
 */
export async function compareGenerated(
  count: number,
  compareAll: (questions: readonly MatcherQuestion[]) => Promise<Comparison[]>,
): Promise<{ share: number }> {
  const inputs = generated(count);
  const totals = { compared: 0, allowed: 0 };
  for (let start = 0; start < inputs.length; start += BATCH) {
    const results = await compareAll(inputs.slice(start, start + BATCH).map(ask));
    for (const [index, result] of results.entries()) {
      const network = JSON.stringify(inputs[start + index]);
      assert.deepEqual(result.disagreements, [], `network ${start + index}: ${network}`);
      totals.compared += result.compared;
      totals.allowed += result.allowed;
    }
  }
  const share = totals.allowed / totals.compared;
  console.log(`      ${totals.compared} connections compared, ${(100 * share).toFixed(0)} % of them allowed`);
  return { share };
}
