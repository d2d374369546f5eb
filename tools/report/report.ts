/** Everything that a report says, before it is written as a page or as Markdown. */
import { type ChangeReport, compareStates, type ObjectChange } from "../../policy-pack/change/change";
import { changedFields, type FieldChange } from "../../policy-pack/change/fields";
import { rules } from "../../policy-pack/rules";
import type { Rule, Violation } from "../../policy-pack/rules/rule";
import { type Reach, reachOf } from "./reach";
import { type PoolUse, poolUses, tenantUses, type TenantUse } from "./shares";
import type { JudgedState } from "./state";

/** How a rule stands; one that was skipped because another is broken neither holds nor is broken. */
export type RuleStatus = "holds" | "broken" | "advisory" | "exempt" | "off" | "skipped";

/** A rule with its standing. */
export interface RuleResult {
  rule: Rule;
  status: RuleStatus;
  /** Violations, those that do not block included. */
  violations: Violation[];
}

/** The state that a report compares with. */
export interface Comparison {
  /** What the state is, for the reader: `revision origin/main`. */
  name: string;
  change: ChangeReport;
  /** Differences in the pack's own settings. */
  settings: FieldChange[];
}

/** A report on one stack. */
export interface Report {
  stack: string;
  /** Date of the report, YYYY-MM-DD. */
  date: string;
  reach: Reach;
  tenants: TenantUse[];
  pools: PoolUse[];
  rules: RuleResult[];
  judgement: JudgedState["judgement"];
  /** Rules that do not block, whether or not they hold, with the reason. */
  levels: { rule: string; level: string; reason: string }[];
  /** Undefined when there is no state to compare with. */
  comparison?: Comparison;
  /** Address of the API server, where the report is on a live cluster. Default: it is on what is declared. */
  server?: string;
}

/** A state before the one that is reported. */
export interface Previous {
  name: string;
  state: JudgedState;
  /**
   * Whether it is the engine's own state: that has the Secrets whose values the engine makes, which the environment is
   * planned without, and lacks some fields with an empty value, which the provider leaves out. Default: false.
   */
  fromEngine?: boolean;
  /** Which objects differ, where that is not told by comparing their fields, as of a live cluster's. Default: it is. */
  changes?: Pick<ChangeReport, "added" | "removed" | "changed">;
}

/** Puts a report together from a state and, where there is one, the state before. */
export function buildReport(
  stack: string,
  date: string,
  state: JudgedState,
  previous?: Previous,
  server?: string,
): Report {
  return {
    stack,
    date,
    server,
    reach: reachOf(state),
    tenants: tenantUses(state),
    pools: poolUses(state),
    rules: ruleResults(state),
    judgement: state.judgement,
    levels: Object.entries(state.settings.levels).map(([rule, { level, reason }]) => ({ rule, level, reason })),
    comparison: previous && {
      name: previous.name,
      change: changeSince(previous, state),
      settings: changedFields(previous.state.settings, state.settings),
    },
  };
}

function changeSince({ state: before, fromEngine = false, changes }: Previous, now: JudgedState): ChangeReport {
  const change = compareStates(before, now);
  if (changes !== undefined) return { ...change, ...changes };
  if (!fromEngine) return change;
  const removed = change.removed.filter((name) => !name.startsWith("Secret "));
  return { ...change, removed, changed: change.changed.flatMap(withoutEmpty) };
}

/** Values, as JSON, that the provider may leave out of the state although they were declared. */
const EMPTY = new Set(["false", "0", '""', "[]", "{}"]);

/** The change without fields that only the provider left out; nothing when no other differs. Rules judge them all the same. */
function withoutEmpty({ object, fields }: ObjectChange): ObjectChange[] {
  const kept = fields.filter(({ before, after }) => before !== undefined || after === undefined || !EMPTY.has(after));
  return kept.length === 0 ? [] : [{ object, fields: kept }];
}

/** The connections from one tenant to another: there must be none. */
export function crossTenant({ reach }: Report): Reach["connections"] {
  return reach.connections.filter((connection) => connection.crossTenant);
}

/** How many rules were looked at. */
export function judgedRules(rules: readonly RuleResult[]): number {
  return rules.filter(({ status }) => status !== "off" && status !== "skipped").length;
}

/** `1 rule`, `2 rules`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function ruleResults({ judgement }: JudgedState): RuleResult[] {
  const off = new Set([...judgement.disabled.map(({ rule }) => rule), ...judgement.unselected]);
  const skipped = new Set(judgement.skipped);
  return rules.map((rule) => {
    const of = (violations: readonly Violation[]) => violations.filter((violation) => violation.rule === rule.id);
    const blocking = of(judgement.violations);
    const advisory = of(judgement.advisories);
    const exempt = of(judgement.exempted.map(({ violation }) => violation));
    return {
      rule,
      status: off.has(rule.id)
        ? "off"
        : skipped.has(rule.id)
          ? "skipped"
          : blocking.length > 0
            ? "broken"
            : advisory.length > 0
              ? "advisory"
              : exempt.length > 0
                ? "exempt"
                : "holds",
      violations: [...blocking, ...advisory, ...exempt],
    };
  });
}
