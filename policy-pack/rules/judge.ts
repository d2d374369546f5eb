/** Sorts violations into those that block, those that advise and those that are exempt. */
import type { Exemption, PackSettings } from "../settings/load";
import type { ClusterModel } from "../model/cluster-model";
import { isSelected } from "../settings/selection";
import { evaluation } from "./evaluate";
import type { Rule, Violation } from "./rule";
import { atOnce, type Turns } from "./turns";

/** The verdict on a model. */
export interface Judgement {
  /** Violations that block. */
  violations: Violation[];
  /** Violations of rules whose level is advisory. */
  advisories: Violation[];
  /** Violations that an exemption covers today. */
  exempted: { violation: Violation; exemption: Exemption }[];
  /** Exemptions whose last day has passed, so that their violations block again. */
  expired: Exemption[];
  /** Exemptions that cover no violation. */
  unused: Exemption[];
  /** Rules that are not looked at. */
  disabled: { rule: string; reason: string }[];
  /** IDs of the rules that the settings do not select. */
  unselected: string[];
  /** IDs of the rules that were not looked at, because a decisive one is broken: whether they hold is not known. */
  skipped: string[];
}

/** What settings say of rules, whatever the model. */
interface Choice {
  /** Rules that are looked at. */
  active: readonly Rule[];
  decisive: ReadonlySet<string>;
  disabled: readonly Rule[];
  unselected: readonly string[];
}

/** The engine asks about each resource of a program by the same rules and settings. */
const choices = new WeakMap<readonly Rule[], WeakMap<PackSettings, Choice>>();

function choiceOf(rules: readonly Rule[], settings: PackSettings): Choice {
  const bySettings = choices.get(rules) ?? new WeakMap<PackSettings, Choice>();
  choices.set(rules, bySettings);
  const choice = bySettings.get(settings) ?? choose(rules, settings);
  bySettings.set(settings, choice);
  return choice;
}

function choose(rules: readonly Rule[], { levels, selection }: PackSettings): Choice {
  const selected = rules.filter((rule) => isSelected(rule, selection));
  const disabled = selected.filter((rule) => levels[rule.id]?.level === "disabled");
  const active = selected.filter((rule) => !disabled.includes(rule));
  const decisive = new Set(active.filter((rule) => rule.decisive === true).map(({ id }) => id));
  return {
    active,
    decisive,
    disabled,
    unselected: rules.filter((rule) => !selected.includes(rule)).map(({ id }) => id),
  };
}

/**
 * Runs the rules and applies levels and exemptions. `today` is a date as YYYY-MM-DD. A decisive rule always blocks: whatever accepted its
 * breach would accept everything that was not looked at for it.
 */
export function judge(rules: readonly Rule[], model: ClusterModel, settings: PackSettings, today: string): Judgement {
  return atOnce(judging(rules, model, settings, today));
}

/** The same, a rule a step. */
export function* judging(
  rules: readonly Rule[],
  model: ClusterModel,
  settings: PackSettings,
  today: string,
): Turns<Judgement> {
  const { active, decisive, disabled, unselected } = choiceOf(rules, settings);
  const { configuration, levels, exemptions } = settings;
  const expired = exemptions.filter((exemption) => exemption.expires < today);
  const valid = exemptions.filter((exemption) => !expired.includes(exemption));
  const judgement: Judgement = {
    violations: [],
    advisories: [],
    exempted: [],
    expired,
    unused: [],
    disabled: disabled.map((rule) => ({ rule: rule.id, reason: levels[rule.id]?.reason ?? "" })),
    unselected: [...unselected],
    skipped: [],
  };
  const used = new Set<Exemption>();
  for (const violation of yield* evaluation(active, model, configuration)) {
    if (decisive.has(violation.rule)) {
      judgement.violations.push(violation);
      judgement.skipped = active.map(({ id }) => id).filter((id) => !decisive.has(id));
      continue;
    }
    const exemption = valid.find((candidate) => covers(candidate, violation));
    if (exemption !== undefined) {
      used.add(exemption);
      judgement.exempted.push({ violation, exemption });
    } else if (levels[violation.rule]?.level === "advisory") judgement.advisories.push(violation);
    else judgement.violations.push(violation);
  }
  // Whether an exemption from a rule that was not looked at covers anything is not known.
  const unknown = new Set([...judgement.unselected, ...judgement.skipped]);
  return { ...judgement, unused: valid.filter((exemption) => !used.has(exemption) && !unknown.has(exemption.rule)) };
}

function covers({ rule, object, field }: Exemption, violation: Violation): boolean {
  return rule === violation.rule && object === violation.object && (field === undefined || field === violation.field);
}
