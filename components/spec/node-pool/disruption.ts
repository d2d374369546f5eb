import type { CountOrPercentage, DisruptionReason, Duration, DurationOrNever } from "../forms";
import { parseSeconds } from "../duration";
import { present, type Draft } from "../draft";
import type { Report } from "../fault";
import type { At } from "../path";
import { neverComes, wrongField } from "./cron";
import { TERMINATION_GRACE_SECONDS } from "../replica";

/** How nodes of a pool end. */
export interface DisruptionSpec {
  /**
   * How long a node must be empty before it is removed, for example `10m`. Default: `10m`.
   * @default "10m" @examples ["10m"]
   */
  consolidateAfter?: DurationOrNever;
  /**
   * How many nodes may be disrupted at once, a count or a percentage, for example `1` or `10%`. Default: `1`.
   * @default "1" @examples ["10%"]
   */
  maxUnavailableNodes?: CountOrPercentage;
  /**
   * Further bounds on disruption, for some time of the day or some reasons; the tightest holds. Default: none.
   * @maxItems 49 @default [] @examples [[{ "nodes": "0", "schedule": "0 7 * * mon-fri", "duration": "12h" }]]
   */
  budgets?: DisruptionBudgetSpec[];
  /**
   * Age at which a node is replaced, whatever the budgets say, or `Never`. Default: `720h`, 30 days.
   * @default "720h" @examples ["336h"]
   */
  expireAfter?: DurationOrNever;
  /**
   * Longest that a node which ends waits for its pods, at least `10m`, which a server's pod has for its answers. Default: `1h`.
   * @default "1h" @examples ["30m"]
   */
  terminationGracePeriod?: Duration;
}

/** A bound on disruption that holds at some times, or for some reasons. */
export interface DisruptionBudgetSpec {
  /**
   * How many nodes may be disrupted at once, a count or a percentage; `0` for none.
   * @examples ["0"]
   */
  nodes: CountOrPercentage;
  /**
   * When it begins to hold, in UTC as five fields of cron, for example `0 7 * * mon-fri`; with `duration`. Default: always.
   * @maxLength 100
   * @pattern ^(@(annually|yearly|monthly|weekly|daily|midnight|hourly)|[0-9A-Za-z/*,-]+( [0-9A-Za-z/*,-]+){4})$
   * @patternErrorMessage five fields of cron, for example `0 7 * * mon-fri`
   * @examples ["0 7 * * mon-fri"]
   */
  schedule?: string;
  /**
   * How long it holds from each beginning, in hours and minutes; with `schedule`. Default: always.
   * @maxLength 32 @pattern ^([0-9]+h[0-9]+m|[0-9]+[hm])$
   * @patternErrorMessage a duration in hours and minutes, for example `8h` or `1h30m`
   * @examples ["12h"]
   */
  duration?: string;
  /**
   * Reasons for which it holds: `Underutilized`, `Empty` and `Drifted`. Default: all.
   * @minItems 1 @uniqueItems @examples [["Drifted"]]
   */
  reasons?: DisruptionReason[];
}

/** How nodes of a pool end, with every default filled in. */
export interface Disruption {
  consolidateAfter: string;
  maxUnavailableNodes: string;
  budgets: DisruptionBudgetSpec[];
  expireAfter: string;
  terminationGracePeriod: string;
}

/** It is Karpenter's default, written out because it heeds neither budgets nor how busy the node is. */
const DEFAULT_EXPIRE_AFTER = "720h";
/** The pods' own grace period fits in it several times. */
const DEFAULT_NODE_GRACE = "1h";

/** Checks how nodes of a pool end. */
export function checkDisruption(disruption: Draft<DisruptionSpec> = {}, at: At, report: Report): void {
  const { terminationGracePeriod: grace, expireAfter } = disruption;
  const minutes = TERMINATION_GRACE_SECONDS / 60;
  if (grace !== undefined && parseSeconds(grace) < TERMINATION_GRACE_SECONDS) {
    report({
      path: at("terminationGracePeriod"),
      value: grace,
      problem: "is shorter than the time that a server's pod has to end its answers, which would be cut off",
      allowed: `at least \`${minutes}m\``,
      fix: `write \`${minutes}m\` or more`,
    });
  }
  if (expireAfter !== undefined && expireAfter !== "Never" && parseSeconds(expireAfter) < 3600) {
    report({
      path: at("expireAfter"),
      value: expireAfter,
      problem: "replaces nodes within the hour, before they have loaded their models well",
      allowed: "at least `1h`, or `Never`",
      fix: "write for example `720h`",
    });
  }
  for (const { item, index } of present(disruption.budgets)) {
    const wrong = wrongField(item.schedule ?? "@daily");
    if (wrong !== undefined) {
      report({
        path: at("budgets", index, "schedule"),
        value: item.schedule,
        problem: `has \`${wrong.text}\` as its ${wrong.name}, and with that no node of the pool would ever be replaced`,
        allowed: `${wrong.allowed} as the ${wrong.name}, \`*\`, lists, ranges from the lower to the higher, and steps`,
        fix: "correct the field, for example `0 7 * * mon-fri`",
      });
    } else if (neverComes(item.schedule ?? "@daily")) {
      report({
        path: at("budgets", index, "schedule"),
        value: item.schedule,
        problem:
          "names days that none of its months has, and Karpenter takes a budget that never begins for one that always holds",
        allowed: "at least one day that one of the months has, for example `0 0 29 2 *`",
        fix: "correct the day of the month, or the month",
      });
    }
    for (const [key, other] of [
      ["schedule", "duration"],
      ["duration", "schedule"],
    ] as const) {
      if (item[key] === undefined || item[other] !== undefined) continue;
      report({
        path: at("budgets", index, other),
        problem: `is missing beside \`${key}\`, and the two say together when the budget holds`,
        allowed: "both or neither",
        fix: `add \`${other}\`, or remove \`${key}\``,
      });
    }
  }
}

/** Fills in the defaults. */
export function resolveDisruption(spec: DisruptionSpec = {}): Disruption {
  return {
    consolidateAfter: spec.consolidateAfter ?? "10m",
    maxUnavailableNodes: spec.maxUnavailableNodes ?? "1",
    budgets: spec.budgets ?? [],
    expireAfter: spec.expireAfter ?? DEFAULT_EXPIRE_AFTER,
    terminationGracePeriod: spec.terminationGracePeriod ?? DEFAULT_NODE_GRACE,
  };
}
