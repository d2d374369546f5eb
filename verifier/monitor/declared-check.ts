/**
 * Whether what is declared is in the cluster as declared. The verifier's own check of drift asks the API server by dry runs, for which the monitor
 * has no right; this one compares what it sees.
 */
import { record } from "../../policy-pack/model/json";
import { groupOf } from "../../policy-pack/model/scope";
import type { Check, Subject } from "../checks/check";
import { questionOfKind } from "../checks/question-of-kind";
import { weakensNothing } from "../drift/harmless";
import type { Result } from "../result";
import { differencesOf } from "./drift";
import { writerOf, type LiveObject } from "./objects";

/** Why nothing is known of the objects of a kind, by kind and API group as `kindOf` names them, or by the API group alone. */
export type UnseenKinds = ReadonlyMap<string, string>;

/** Kind and API group of an object, or of the objects of a resource. */
export const kindOf = (kind: string, group: string): string => `${kind} ${group}`;

/** What was found about a declared object, as long as neither it nor its tenant is another one. */
interface Judged {
  live: LiveObject | undefined;
  tenant: string | undefined;
  results: Result[];
}

/**
 * The check of a monitor that knows these objects: one result for each field that differs, open where that weakens something, and one when none does.
 * It remembers what it has compared, so that after a change only what has changed is compared again.
 */
export function declaredCheck(declared: readonly LiveObject[]): (unseen: UnseenKinds) => Check {
  const known = new Map<LiveObject, Judged>();
  const judgeAgain = (object: LiveObject, live: LiveObject | undefined, { model }: Subject): Result[] => {
    const { namespace, name } = object.metadata;
    const tenant = model.tenantOf(namespace ?? (object.kind === "Namespace" ? name : ""));
    const before = known.get(object);
    if (before?.live === live && before?.tenant === tenant && before !== undefined) return before.results;
    const results = judge(object, live, tenant);
    known.set(object, { live, tenant, results });
    return results;
  };
  return (unseen) => ({
    name: "declared",
    run: (subject) => {
      const live = new Map((subject.live.objects as LiveObject[]).map((object) => [placeOf(object), object]));
      const found = declared.map((object) => {
        const own = live.get(placeOf(object));
        const group = groupOf(object.apiVersion);
        const why = unseen.get(kindOf(object.kind, group)) ?? unseen.get(group);
        // What is not seen because its kind is not is no more missing than it is there.
        return own === undefined && why !== undefined
          ? [unseenResult(object, why, subject)]
          : judgeAgain(object, own, subject);
      });
      const results = found.flat();
      const differing = results.filter(({ outcome }) => outcome !== "inconclusive");
      return differing.length > 0 ? results : [...results, asDeclared(declared.length - results.length)];
    },
  });
}

function shownName({ kind, metadata: { namespace, name } }: LiveObject): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

function unseenResult(declared: LiveObject, why: string, { model }: Subject): Result {
  const shown = shownName(declared);
  return {
    id: `declared/${shown}`,
    question: questionOfKind(declared.kind),
    tenant: model.tenantOf(declared.metadata.namespace ?? ""),
    tried: `compares ${shown} with what is declared`,
    outcome: "inconclusive",
    found: `no ${declared.kind} is seen: ${why}`,
    fix: "add the API group to cluster.monitor.apiGroups when the right is missing",
  };
}

function judge(declared: LiveObject, live: LiveObject | undefined, tenant: string | undefined): Result[] {
  const shown = shownName(declared);
  const base = {
    question: questionOfKind(declared.kind),
    tenant,
    tried: `compares ${shown} with what is declared`,
  };
  if (live === undefined) return [{ ...base, ...OPEN, id: `declared/${shown}`, found: `${shown} is missing` }];
  const writer = writerOf(live);
  const by = writer === undefined ? "" : `, last written by ${writer.manager} at ${writer.time}`;
  return differencesOf(declared, live).map(({ path, steps, declared: ours, live: theirs }) => {
    const id = `declared/${shown} ${path}`;
    const found = `${path}: declared ${show(ours)}, live ${show(theirs)}${by}`;
    if (weakensNothing(declared, { path: steps, declared: ours, live: theirs }))
      return { ...base, outcome: "isolated", id, found: `it differs, and is not weaker: ${found}` };
    return { ...base, ...OPEN, id, found };
  });
}

const OPEN = {
  outcome: "open",
  fix: "`npm run drift -- --mend` takes the change back; what should stay belongs in the tenant's file",
} as const;

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
  const { namespace = "", name = "" } = record(object.metadata);
  return `${groupOf(object.apiVersion)} ${object.kind} ${String(namespace)}/${String(name)}`;
}
