/** The policy pack's rules on live objects, under the same IDs as at preview. */
import { judge, type Judgement } from "../../policy-pack/rules/judge";
import { rules } from "../../policy-pack/rules";
import type { Rule, Violation } from "../../policy-pack/rules/rule";
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

const liveRules = rules.filter(({ id }) => !PROGRAM_RULES.has(id));

/**
 * Runs every rule on the live objects: one result for a rule that holds or was not looked at, one for each breach of one that is broken.
 * What an exemption or a level of the settings lets pass is open all the same, and told with the reason why that is accepted.
 */
export const rulesCheck: Check = {
  name: "rules",
  run(subject) {
    const judgement = judgeLive(subject);
    const { violations, advisories, exempted } = judgement;
    const broken = [
      ...violations.map((violation) => violationResult(violation, subject)),
      ...advisories.map((violation) => violationResult(violation, subject, adviceOnly(violation, subject))),
      ...exempted.map(({ violation, exemption: { expires, reason } }) =>
        violationResult(violation, subject, `exempt until ${expires}: ${reason}`),
      ),
    ];
    const told = new Set(
      [...violations, ...advisories, ...exempted.map(({ violation }) => violation)].map((one) => one.rule),
    );
    const rest = liveRules.filter(({ id }) => !told.has(id)).flatMap((rule) => standing(rule, judgement, subject));
    return [...broken, ...rest];
  },
};

/** The result of a rule of which no breach was found; none for one that the settings do not select. */
function standing(rule: Rule, { disabled, unselected, skipped, violations }: Judgement, subject: Subject): Result[] {
  if (unselected.includes(rule.id)) return [];
  const off = disabled.find((one) => one.rule === rule.id);
  if (off !== undefined)
    return [
      {
        ...about(rule),
        outcome: "inconclusive",
        found: "the rule is not looked at",
        accepted: `switched off: ${off.reason}`,
      },
    ];
  if (skipped.includes(rule.id)) return [skippedFor(rule, violations[0]?.rule ?? "")];
  // A rule that saw only a part of the objects proves nothing.
  return [subject.live.unreadable.length === 0 ? held(rule) : undecided(rule, subject)];
}

function adviceOnly({ rule }: Violation, { settings }: Subject): string {
  return `the rule only advises: ${settings.levels[rule]?.reason ?? ""}`;
}

function skippedFor(rule: Rule, decisive: string): Result {
  return {
    ...about(rule),
    outcome: "inconclusive",
    found: `not looked at: ${decisive} is broken, without which no other rule can be judged`,
    fix: `mend what breaks ${decisive}, and run the verifier again`,
  };
}

/** The rules' verdict on live objects, without what Kubernetes makes by itself; each violation once. Rules about programs are off. */
export function judgeLive({ model, settings, today }: Pick<Subject, "model" | "settings" | "today">): Judgement {
  const judgement = judge(liveRules, model, settings, today);
  const own = (found: readonly Violation[]): Violation[] => {
    const others = found.filter((violation) => !isKubernetesDefault(violation));
    // A rule may come to the same by several ways.
    return [...new Map(others.map((violation) => [JSON.stringify(violation), violation])).values()];
  };
  const reason = "a live cluster tells nothing of how a program is written";
  const disabled = [...judgement.disabled, ...[...PROGRAM_RULES].map((rule) => ({ rule, reason }))];
  return { ...judgement, violations: own(judgement.violations), advisories: own(judgement.advisories), disabled };
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

/** @param accepted Why the breach is no failure. Default: it is one. */
function violationResult(
  { rule, object, field, message, fix }: Violation,
  { model }: Subject,
  accepted?: string,
): Result {
  const place = field === "metadata.name" ? object : `${object}: ${field}`;
  const namespace = /^\S+ ([^/]+)\//.exec(object)?.[1] ?? object.replace(/^Namespace /, "");
  return {
    id: `rules/${rule} ${object} ${field}`,
    question: questionOf(rule),
    tenant: model.tenantOf(namespace),
    tried: `holds live objects against rule ${rule}`,
    outcome: "open",
    found: `${place} ${message}`,
    ...(accepted !== undefined && { accepted }),
    fix,
  };
}

function questionOf(rule: string): Question {
  return QUESTION_OF_AREA[rule.split("/")[0] ?? ""] ?? "namespaces";
}
