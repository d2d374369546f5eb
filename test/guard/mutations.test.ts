import assert from "node:assert/strict";
import type { GuardObject } from "../../components/plan/guard/guard";
import { ensureTools } from "../../tools/install";
import { JUDGED } from "./cases";
import { copy, type Loose } from "./support/acts";
import { clausesOf, isShape } from "./support/clauses";
import { Judge } from "./support/judge";
import { PLAN } from "./support/platform";

/** A policy with something missing. */
interface Mutant {
  what: string;
  policy: GuardObject;
}

const acts = JUDGED.map(({ act }) => act);

/** Each validation without one of its clauses. */
function withoutClauses(policy: GuardObject): Mutant[] {
  const { validations } = policy.spec as Loose;
  return validations.flatMap(({ expression, message }: Loose, index: number) =>
    clausesOf(expression)
      .map(({ start, end }) => ({ start, end, clause: expression.slice(start, end) }))
      .filter(({ clause }) => !isShape(clause))
      .filter(({ clause, start }) => !(clause.includes("p.endPort") && isOfRangesIn(expression, message, start)))
      .map(({ start, end, clause }) => {
        const mutated = copy(policy) as Loose;
        mutated.spec.validations[index].expression = `${expression.slice(0, start)}true${expression.slice(end)}`;
        return { what: `${policy.metadata.name} without the clause ${clause} of validation ${index}`, policy: mutated };
      }),
  );
}

/**
 * Whether a place in an expression is about ranges of addresses that are let in. The platform's own policies let none in, so that none is
 * known, at whatever port.
 */
function isOfRangesIn(expression: string, message: string, place: number): boolean {
  return message.startsWith("spec.ingress: peers") && place > expression.indexOf("has(q.ipBlock))");
}

/** Every way to take one validation, one clause, one resource or one operation out of a policy. */
function mutantsOf(policy: GuardObject): Mutant[] {
  const mutant = (what: string, edit: (spec: Loose) => void): Mutant => {
    const mutated = copy(policy);
    edit(mutated.spec);
    return { what: `${policy.metadata.name} without ${what}`, policy: mutated };
  };
  const spec = policy.spec as Loose;
  const validations = spec.validations.map(({ message }: Loose, index: number) =>
    mutant(`validation ${index}: ${message}`, (mutated) => mutated.validations.splice(index, 1)),
  );
  const rules = spec.matchConstraints.resourceRules.flatMap(
    ({ apiGroups, resources, operations }: Loose, index: number) => {
      const without = (field: string, value: string): Mutant =>
        mutant(`${value} of ${apiGroups[0]}/${resources.join(",")}`, (mutated) => {
          const rule = mutated.matchConstraints.resourceRules[index];
          rule[field] = rule[field].filter((one: string) => one !== value);
        });
      return [
        ...resources.map((resource: string) => without("resources", resource)),
        ...operations.map((operation: string) => without("operations", operation)),
      ];
    },
  );
  return [...validations, ...rules, ...withoutClauses(policy)];
}

describe("a guard with something missing", () => {
  const policies = PLAN.guard?.policies ?? [];
  let judge: Judge;
  /** Names of the policies that refuse each act. */
  let refusedBy: string[][];

  before("judge all acts by the whole guard", async function () {
    this.timeout(120_000);
    judge = new Judge((await ensureTools(["admission-judge"])).path("admission-judge"));
    refusedBy = (await judge.denials(policies, acts)).map((denials) => denials.map(({ policy }) => policy));
  });
  after(() => judge?.close());

  for (const policy of policies)
    it(`lets an act pass that the whole guard refuses: ${policy.metadata.name}`, async () => {
      const { name } = policy.metadata;
      const alone = acts.filter((_, index) => refusedBy[index]?.every((other) => other === name) === true);
      const unnoticed: string[] = [];
      for (const { what, policy: mutated } of mutantsOf(policy)) {
        const verdicts = await judge.denials([mutated], alone);
        if (verdicts.every((denials) => denials.length > 0)) unnoticed.push(what);
      }
      assert.equal(unnoticed.join("\n"), "");
    });
});
