/** Budgets: how much models may do for a client, or for all clients of a tenant together, in a day or a month. */

/** Most that models may do in some time. Each replica counts for itself, unless the counts are shared. */
export interface Budgets {
  /** Most tokens, of prompts and answers together, per day (UTC). Default: not limited. */
  tokensPerDay?: number;
  /** Most tokens, of prompts and answers together, per 30 days. Default: not limited. */
  tokensPerMonth?: number;
  /** Most seconds for which models work, per day (UTC). Default: not limited. */
  modelSecondsPerDay?: number;
  /** Most seconds for which models work, per 30 days. Default: not limited. */
  modelSecondsPerMonth?: number;
}

/** One kind of budget as the guard's Lua knows it. */
export interface BudgetKind {
  /** Name of the setting. */
  name: keyof Budgets;
  /** What is counted. */
  counts: "tokens" | "milliseconds";
  /** How much of that the setting's unit is. */
  scale: number;
  /** Length of its time in seconds; such times follow each other since 1970-01-01, UTC. */
  seconds: number;
  /** The same time in the words of the service that counts for all replicas. */
  unit: "DAY" | "MONTH";
  /** How much of what is counted the service is told as one: it counts in 32 bits, in which a month's milliseconds have no room. */
  hit: number;
  /** So many of these make it worth telling while an answer passes: one that is broken off tells no end. */
  step: number;
}

const DAY_S = 86_400;
/** The service knows no months of the calendar: its month has 30 days, and so has that of a replica that counts for itself. */
const PERIODS = { Day: { seconds: DAY_S, unit: "DAY" }, Month: { seconds: 30 * DAY_S, unit: "MONTH" } } as const;
const COUNTS = {
  tokens: { counts: "tokens", scale: 1, hit: 1, step: 64 },
  modelSeconds: { counts: "milliseconds", scale: 1000, hit: 1000, step: 5 },
} as const;

const kind = (what: keyof typeof COUNTS, period: keyof typeof PERIODS): BudgetKind => ({
  name: `${what}Per${period}`,
  ...COUNTS[what],
  ...PERIODS[period],
});

/** All kinds of budgets. */
export const BUDGET_KINDS: BudgetKind[] = [
  kind("tokens", "Day"),
  kind("tokens", "Month"),
  kind("modelSeconds", "Day"),
  kind("modelSeconds", "Month"),
];

/** Names of the settings. */
export const BUDGETS = BUDGET_KINDS.map(({ name }) => name);

/** A day's budget that is more than the month's of the same count would never hold: pairs of such names. */
export const DAY_AND_MONTH = [
  ["tokensPerDay", "tokensPerMonth"],
  ["modelSecondsPerDay", "modelSecondsPerMonth"],
] as const;

/** Those of an object's members that are budgets; undefined when none is. */
export function budgetsOf(settings: Budgets): Budgets | undefined {
  const found = BUDGETS.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]] as const]));
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
