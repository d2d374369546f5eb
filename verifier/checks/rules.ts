/** The policy pack's rules on live objects, under the same IDs as at preview. */
import { judge, type Judgement } from "../../policy-pack/rules/judge";
import { rules } from "../../policy-pack/rules";
import type { Rule, Violation } from "../../policy-pack/rules/rule";
import type { PackSettings } from "../../policy-pack/settings/load";
import { isSelected } from "../../policy-pack/settings/selection";
import type { Question, Result } from "../result";
import type { Check, Subject } from "./check";
import { isKubernetesDefault } from "./kubernetes-defaults";

/** The question that the rules of an area answer. */
const QUESTION_OF_AREA: Record<string, Question> = {
  admission: "namespaces",
  capacity: "quotas",
  images: "models",
  models: "models",
  namespaces: "namespaces",
  network: "network",
  objects: "namespaces",
  placement: "namespaces",
  pods: "namespaces",
  rbac: "rights",
  secrets: "secrets",
  storage: "models",
};

/** Rules about how a program is written rather than about what lives in a cluster. */
const PROGRAM_RULES = new Set(["objects/single-definition", "objects/explicit-namespace"]);

const liveRules = (settings: PackSettings) =>
  rules.filter((rule) => !PROGRAM_RULES.has(rule.id) && isSelected(rule, settings.selection));

/** Runs every rule on the live objects: one result for a rule that holds, one for each violation of one that does not. */
export const rulesCheck: Check = {
  name: "rules",
  run(subject) {
    const { violations } = judgeLive(subject);
    const broken = new Set(violations.map(({ rule }) => rule));
    const holding = liveRules(subject.settings).filter(
      ({ id }) => !broken.has(id) && subject.settings.levels[id]?.level !== "disabled",
    );
    // A rule that saw only a part of the objects proves nothing.
    const isComplete = subject.live.unreadable.length === 0;
    return [
      ...violations.map((violation) => violationResult(violation, subject)),
      ...holding.map((rule) => (isComplete ? held(rule) : undecided(rule, subject))),
    ];
  },
};

/** The rules' verdict on live objects, without what Kubernetes makes by itself; each violation once. */
export function judgeLive({ model, settings, today }: Pick<Subject, "model" | "settings" | "today">): Judgement {
  const judgement = judge(liveRules(settings), model, settings, today);
  const found = judgement.violations.filter((violation) => !isKubernetesDefault(violation));
  // A rule may come to the same by several ways.
  const violations = [...new Map(found.map((violation) => [JSON.stringify(violation), violation])).values()];
  return { ...judgement, violations };
}

function about({ id, title }: Rule): Pick<Result, "id" | "question" | "tried"> {
  return { id: `rules/${id}`, question: questionOf(id), tried: `looks for a breach of: ${title}` };
}

function held(rule: Rule): Result {
  return { ...about(rule), outcome: "isolated", found: "no live object breaks the rule" };
}

function undecided(rule: Rule, { live: { unreadable } }: Subject): Result {
  const what = unreadable.map(({ what: name, why }) => `${name} (${why})`).join("; ");
  return {
    ...about(rule),
    outcome: "inconclusive",
    found: `not everything could be read: ${what}`,
    fix: "give the verifier the right to list these resources, or mend the server behind them, and run it again",
  };
}

function violationResult({ rule, object, field, message, fix }: Violation, { model }: Subject): Result {
  const place = field === "metadata.name" ? object : `${object}: ${field}`;
  const namespace = /^\S+ ([^/]+)\//.exec(object)?.[1] ?? object.replace(/^Namespace /, "");
  return {
    id: `rules/${rule} ${object} ${field}`,
    question: questionOf(rule),
    tenant: model.tenantOf(namespace),
    tried: `holds live objects against rule ${rule}`,
    outcome: "open",
    found: `${place} ${message}`,
    fix,
  };
}

function questionOf(rule: string): Question {
  return QUESTION_OF_AREA[rule.split("/")[0] ?? ""] ?? "namespaces";
}
