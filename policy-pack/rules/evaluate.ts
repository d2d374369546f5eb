/** Runs rules over a model. */
import { type ClusterModel, describe } from "../model/cluster-model";
import type { PackConfiguration } from "../settings/settings";
import type { Rule, Violation } from "./rule";

/**
 * Every violation of the rules, in the order of the rules and of the model's objects; of the decisive rules only, where
 * one of them is broken.
 */
export function evaluate(rules: readonly Rule[], model: ClusterModel, configuration: PackConfiguration): Violation[] {
  const { decisive, others } = partsOf(rules);
  const decided = violationsOf(decisive, model, configuration);
  return decided.length > 0 ? decided : violationsOf(others, model, configuration);
}

interface Parts {
  decisive: readonly Rule[];
  others: readonly Rule[];
}

/** The engine asks about each resource of a program by the same rules. */
const parts = new WeakMap<readonly Rule[], Parts>();

function partsOf(rules: readonly Rule[]): Parts {
  const known = parts.get(rules);
  if (known !== undefined) return known;
  const made = {
    decisive: rules.filter((rule) => rule.decisive === true),
    others: rules.filter((rule) => rule.decisive !== true),
  };
  parts.set(rules, made);
  return made;
}

function violationsOf(rules: readonly Rule[], model: ClusterModel, configuration: PackConfiguration): Violation[] {
  return rules.flatMap((rule) =>
    rule.check(model, configuration).map(({ object, field, message, fix }) => ({
      rule: rule.id,
      severity: rule.severity,
      object: describe(object.object, object.namespace),
      origin: object.origin,
      field,
      message,
      fix: fix ?? rule.remediation,
    })),
  );
}

/**
 * A violation as one line of text: rule, object, field, what is wrong, what to do. The field is left out where it is the
 * name, which stands for the object as a whole.
 */
export function formatViolation({ rule, object, field, message, fix }: Violation): string {
  const place = field === "metadata.name" ? object : `${object}: ${field}`;
  return `[${rule}] ${place} ${message} Fix: ${fix}`;
}
