/**
 * Whether what is declared is in the cluster as declared. The verifier's own check of drift asks the API server by dry runs, for which the monitor
 * has no right; this one compares what it sees.
 */
import { record } from "../../policy-pack/model/json";
import { groupOf } from "../../policy-pack/model/scope";
import type { Check, Subject } from "../checks/check";
import { weakensNothing } from "../drift/harmless";
import type { Result } from "../result";
import { differencesOf } from "./drift";
import { writerOf, type LiveObject } from "./objects";

/** The check of a monitor that knows these objects: one result for each field that differs, open where that weakens something, and one when none does. */
export function declaredCheck(declared: readonly LiveObject[]): Check {
  return {
    name: "declared",
    run: (subject) => {
      const served = new Set(subject.live.resources.map(({ kind, group }) => `${kind} ${group}`));
      const live = new Map(subject.live.objects.map((object) => [placeOf(object), object]));
      const results = declared.flatMap((object) => {
        // A kind that is withheld, or that the cluster does not serve, cannot be compared.
        if (!served.has(`${String(object["kind"])} ${groupOf(String(object["apiVersion"]))}`)) return [];
        return judge(object, live.get(placeOf(object)), subject);
      });
      return results.length > 0 ? results : [asDeclared(declared.length)];
    },
  };
}

function judge(declared: LiveObject, live: LiveObject | undefined, { model }: Subject): Result[] {
  const { namespace, name } = record(declared["metadata"]);
  const kind = String(declared["kind"]);
  const shown = namespace === undefined ? `${kind} ${String(name)}` : `${kind} ${String(namespace)}/${String(name)}`;
  const tenant = model.tenantOf(String(namespace ?? (kind === "Namespace" ? name : "")));
  const base = {
    question: QUESTION_OF_KIND[kind] ?? ("namespaces" as const),
    tenant,
    tried: `compares ${shown} with what is declared`,
  };
  if (live === undefined) return [{ ...base, ...OPEN, id: `declared/${shown}`, found: `${shown} is missing` }];
  const writer = writerOf(live);
  const by = writer === undefined ? "" : `, last written by ${writer.manager} at ${writer.time}`;
  return differencesOf(declared, live).map(({ path, steps, declared: ours, live: theirs }) => {
    const id = `declared/${shown} ${path}`;
    const found = `${path}: declared ${show(ours)}, live ${show(theirs)}${by}`;
    if (weakensNothing({ kind }, { path: steps, declared: ours, live: theirs }))
      return { ...base, outcome: "isolated", id, found: `it differs, and is not weaker: ${found}` };
    return { ...base, ...OPEN, id, found };
  });
}

const OPEN = {
  outcome: "open",
  fix: "`npm run drift -- --mend` takes the change back; what should stay belongs in the tenant's file",
} as const;

const QUESTION_OF_KIND: Record<string, Result["question"]> = {
  NetworkPolicy: "network",
  Service: "network",
  Ingress: "network",
  Role: "rights",
  RoleBinding: "rights",
  ServiceAccount: "rights",
  ResourceQuota: "quotas",
  LimitRange: "quotas",
  Deployment: "models",
};

function asDeclared(count: number): Result {
  return {
    id: "declared",
    question: "namespaces",
    tried: `compares ${count} objects with what is declared`,
    outcome: "isolated",
    found: "each is there as declared",
  };
}

const LONGEST = 160;

/** A value as JSON, shortened. Secrets are never compared, so none can be in it. */
function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}

function placeOf(object: LiveObject): string {
  const { namespace = "", name = "" } = record(object["metadata"]);
  return `${groupOf(String(object["apiVersion"]))} ${String(object["kind"])} ${String(namespace)}/${String(name)}`;
}
