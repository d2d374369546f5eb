/** Runs rules over a model. */
import { type ClusterModel, describe } from "../model/cluster-model";
import type { PackConfiguration } from "../settings/settings";
import type { Rule, Violation } from "./rule";
import { atOnce, type Turns } from "./turns";

/**
 * Every violation of the rules, in the order of the rules and of the model's objects; of the decisive rules only, where
 * one of them is broken.
 */
export function evaluate(rules: readonly Rule[], model: ClusterModel, configuration: PackConfiguration): Violation[] {
  return atOnce(evaluation(rules, model, configuration));
}

/** The same, a rule a step. */
export function* evaluation(
  rules: readonly Rule[],
  model: ClusterModel,
  configuration: PackConfiguration,
): Turns<Violation[]> {
  const isDecisive = (rule: Rule) => rule.decisive === true;
  const decided = yield* violationsOf(rules.filter(isDecisive), model, configuration);
  if (decided.length > 0) return decided;
  return yield* violationsOf(
    rules.filter((rule) => !isDecisive(rule)),
    model,
    configuration,
  );
}

function* violationsOf(
  rules: readonly Rule[],
  model: ClusterModel,
  configuration: PackConfiguration,
): Turns<Violation[]> {
  const found: Violation[] = [];
  for (const rule of rules) {
    for (const { object, field, message, fix } of rule.check(model, configuration))
      found.push({
        rule: rule.id,
        severity: rule.severity,
        object: describe(object.object, object.namespace),
        origin: object.origin,
        field,
        message,
        fix: fix ?? rule.remediation,
      });
    yield;
  }
  return found;
}

/**
 * A violation as one line of text: rule, object, field, what is wrong, what to do. The field is left out where it is the
 * name, which stands for the object as a whole.
 */
export function formatViolation({ rule, object, field, message, fix }: Violation): string {
  const place = field === "metadata.name" ? object : `${object}: ${field}`;
  return `[${rule}] ${place} ${message} Fix: ${fix}`;
}
