/** What the verifier found out, and what it amounts to. */

/** The eight questions that a security review of a shared cluster asks, in the order in which they are answered. */
export const QUESTIONS = {
  namespaces: "Is every tenant's namespace complete and are its pods confined?",
  network: "Are tenants' networks closed except for what is declared?",
  rights: "Can nobody act outside their own tenant, or widen it?",
  quotas: "Are shares limited and kept?",
  models: "Do servers serve only what their tenant may use?",
  audit: "Does the API server record what is done?",
  secrets: "Are Secrets kept from those who do not need them?",
  health: "Do tenants' servers answer?",
} as const;

export type Question = keyof typeof QUESTIONS;

/**
 * `isolated`: shown to hold. `open`: shown not to hold. `inconclusive`: could not be decided, which never counts as a
 * pass.
 */
export type Outcome = "isolated" | "open" | "inconclusive";

/** One thing that was tried or looked at, with what answered. It never holds a secret. */
export interface Result {
  /** Stable from run to run: `<check>/<what>`. A baseline knows results by it. */
  id: string;
  question: Question;
  /** Tenant concerned; absent for the cluster as a whole. */
  tenant?: string;
  /** What was tried or looked at, as a sentence without a subject: `creates a privileged pod`. */
  tried: string;
  outcome: Outcome;
  /** What answered, or why nothing did. */
  found: string;
  /**
   * What the analysis of the live objects had predicted, where that is something else: then either the analysis or the
   * cluster is wrong, which is a failure of its own kind.
   */
  disagreement?: string;
  /**
   * Why the settings accept that this is no pass: an exemption, a level, a rule that is switched off. Then it neither fails the run nor counts
   * for its coverage, and still is no pass.
   */
  accepted?: string;
  /** What to do; absent where nothing has to be done. */
  fix?: string;
}

/** What the results amount to. */
export interface Summary {
  /** Results by outcome. */
  counts: Record<Outcome, number>;
  /** Results that are no pass, and that the settings accept. */
  accepted: number;
  /** Results whose prediction was another. */
  disagreements: number;
  /** Share of results that are not inconclusive, in percent from 0 to 100, without those that are accepted; 0 where there is no result. */
  coverage: number;
  /** Open results and disagreements that fail the run: all of them, or only those that the baseline does not know. */
  failing: Result[];
  /** 0: proven. 1: a violation or a disagreement. 2: could not verify. */
  exitCode: 0 | 1 | 2;
}

/** How strict the verdict is. */
export interface Strictness {
  /** Least coverage in percent. Below it the run could not verify. Default: 100, so that one inconclusive result is too many. */
  leastCoverage?: number;
  /** IDs of results that may fail without failing the run. Default: none. */
  known?: ReadonlySet<string>;
}

/** Sums up. A run without any result could not verify anything. */
export function summarize(results: readonly Result[], { leastCoverage = 100, known = new Set() }: Strictness): Summary {
  const counts: Record<Outcome, number> = { isolated: 0, open: 0, inconclusive: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  const wanted = results.filter(({ accepted }) => accepted === undefined);
  const decided = wanted.filter(({ outcome }) => outcome !== "inconclusive");
  const coverage = wanted.length === 0 ? 0 : (100 * decided.length) / wanted.length;
  const failing = results.filter((result) => isFailure(result) && !known.has(result.id));
  const unverified = wanted.length === 0 || coverage < leastCoverage;
  return {
    counts,
    accepted: results.length - wanted.length,
    disagreements: results.filter(({ disagreement }) => disagreement !== undefined).length,
    coverage,
    failing,
    exitCode: failing.length > 0 ? 1 : unverified ? 2 : 0,
  };
}

/** Whether the result says that something does not hold which the settings do not accept, or that the analysis errs. */
export function isFailure({ outcome, disagreement, accepted }: Result): boolean {
  return (outcome === "open" && accepted === undefined) || disagreement !== undefined;
}

/** Whether the result is no pass: something is open, be it accepted, is undecided or errs. */
export function isNoPass(result: Result): boolean {
  return result.outcome !== "isolated" || isFailure(result);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
