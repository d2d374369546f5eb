/** Drift: what lives in the cluster against what the stack declares, field by field, with whoever wrote it. */
import { isDeepStrictEqual } from "node:util";
import { groupOf } from "../../policy-pack/model/scope";
import { ApiError, ObjectApi, type ApiObject } from "../drift/api";
import { declaredDriftOf, driftOf, looksUnlike, undeclaredDriftOf, type FieldDrift } from "../drift/compare";
import { liveAndApplied, nameOf } from "../drift/drift";
import { weakensNothing } from "../drift/harmless";
import { formatField } from "../drift/print";
import { inParallel, resourceName, whyUnseen, type LiveObjects } from "../live-objects";
import type { Result } from "../result";
import type { Subject } from "./check";
import { questionOfKind } from "./question-of-kind";

const AT_ONCE = 16;
/** Name for the dry runs on objects that nobody has applied. */
const VERIFIER = "ollama-platform-verify";

/** What is different in one declared object. */
export interface LiveDrift {
  object: ApiObject;
  isGone?: boolean;
  fields: FieldDrift[];
  /** Why the fields could not be compared for certain. */
  doubt?: string;
}

/** Tells every declared object that is not as declared; the others are counted. Nothing is changed. */
export async function checkDrift(subject: Subject, declared: readonly ApiObject[]): Promise<Result[]> {
  const differing = (await findLiveDrift(subject, declared)).map((drift) => resultOf(subject, drift));
  const unlike = new Set(differing.map(({ tenant }) => tenant));
  return [...differing, ...placesOf(subject, declared).filter(({ tenant }) => !unlike.has(tenant))];
}

/**
 * Compares the declared objects with the live ones. Only where something looks different is the API server asked, by a
 * dry run, what the declared fields would come to; nothing is changed. Of Secrets only the names of their fields are looked at.
 *
 * @returns Those that differ.
 */
export async function findLiveDrift(
  { api, live: seen }: Pick<Subject, "api" | "live">,
  declared: readonly ApiObject[],
): Promise<LiveDrift[]> {
  const live = new Map(seen.objects.map((object) => [keyOf(object as ApiObject), object as ApiObject]));
  const asked = new ObjectApi(api);
  const found = await inParallel(declared, AT_ONCE, async (object): Promise<LiveDrift> => ({
    object,
    ...(unseenDrift(seen, object, live) ?? (await compare(asked, object, live.get(keyOf(object))))),
  }));
  return found.filter(({ isGone, fields, doubt }) => isGone === true || fields.length > 0 || doubt !== undefined);
}

/** Group, kind, namespace and name of an object. */
export const keyOf = ({ apiVersion, kind, metadata }: ApiObject): string =>
  [groupOf(apiVersion), kind, metadata.namespace ?? "", metadata.name].join("/");

/** What is not seen because its kind could not be read is not gone. */
function unseenDrift(
  seen: LiveObjects,
  { apiVersion, kind, metadata }: ApiObject,
  live: ReadonlyMap<string, ApiObject>,
): Omit<LiveDrift, "object"> | undefined {
  if (live.has(keyOf({ apiVersion, kind, metadata }))) return undefined;
  const group = groupOf(apiVersion);
  const names = seen.resources.filter((one) => one.kind === kind && one.group === group).map(resourceName);
  const doubt = whyUnseen(seen, names.length > 0 ? names : [`${kind}.${group}`]);
  return doubt === undefined ? undefined : { fields: [], doubt };
}

async function compare(
  api: ObjectApi,
  declared: ApiObject,
  live: ApiObject | undefined,
): Promise<Omit<LiveDrift, "object">> {
  if (live === undefined) return { isGone: true, fields: [] };
  const owner = ownerOf(live);
  if (declared.kind === "Secret") return { fields: secretDrift(declared, live, owner) };
  if (!looksUnlike(live, declared)) return { fields: undeclaredDriftOf(live, owner) };
  // What was read before may have been changed by a controller since.
  const compared = await liveAndApplied(api, declared, owner);
  if (compared === undefined) return { isGone: true, fields: [] };
  const { live: now, applied } = compared;
  if (!(applied instanceof ApiError)) return { fields: driftOf(now, applied, owner) };
  const fields = declaredDriftOf(now, declared, owner);
  // What cannot be changed in place differs for certain; a missing right says nothing.
  return applied.code === 422 ? { fields } : { fields, doubt: applied.message };
}

/** Name under which the stack's provider has applied the object. */
function ownerOf({ metadata }: ApiObject): string {
  const applied = (metadata.managedFields ?? []).filter(({ operation }) => operation === "Apply");
  const own = applied.find(({ manager }) => manager.startsWith("pulumi-kubernetes")) ?? applied[0];
  return own?.manager ?? VERIFIER;
}

/** Keys of a Secret's data that someone else has set, or that are gone; values are neither read nor compared. */
function secretDrift(declared: ApiObject, live: ApiObject, owner: string): FieldDrift[] {
  const keys = Object.keys({ ...(declared["data"] as object), ...(declared["stringData"] as object) });
  const entries = live.metadata.managedFields ?? [];
  const keysOf = (fieldsV1: object | undefined): string[] =>
    Object.keys((fieldsV1 as Record<string, object> | undefined)?.["f:data"] ?? {})
      .filter((key) => key.startsWith("f:"))
      .map((key) => key.slice("f:".length));
  const ours = entries.filter(({ manager }) => manager === owner).flatMap(({ fieldsV1 }) => keysOf(fieldsV1));
  const others = entries.filter(({ manager }) => manager !== owner);
  const foreign = others.flatMap(({ manager, fieldsV1 }) => keysOf(fieldsV1).map((key) => ({ key, manager })));
  const gone = keys.filter((key) => !ours.includes(key) && !foreign.some((one) => one.key === key));
  return [
    ...foreign.map(({ key, manager }) => ({ path: ["data", key], declared: "(secret)", live: "(secret)", manager })),
    ...gone.map((key) => ({ path: ["data", key], declared: "(secret)", manager: others.at(-1)?.manager ?? "" })),
  ];
}

function resultOf({ model }: Subject, { object, isGone, fields, doubt }: LiveDrift): Result {
  const base = {
    id: `drift/${nameOf(object)}`,
    question: questionOfKind(object.kind),
    tenant: model.tenantOf(object.metadata.namespace ?? (object.kind === "Namespace" ? object.metadata.name : "")),
    tried: `compares ${nameOf(object)} with what is declared`,
  };
  const fix = "`npm run drift -- --mend` takes the declared fields back; where the change is wanted, declare it";
  if (isGone === true) return { ...base, outcome: "open", found: "it is gone", fix };
  if (fields.length === 0 && doubt !== undefined)
    return { ...base, outcome: "inconclusive", found: `it could not be read: ${doubt}` };
  const text = fields.map((field) => formatField(field, object.kind === "Secret")).join("; ");
  if (doubt !== undefined)
    return { ...base, outcome: "inconclusive", found: `${text}; the dry run of what is declared: ${doubt}`, fix };
  if (fields.every((field) => weakensNothing(object, field)))
    return { ...base, outcome: "isolated", found: `it differs, and is not weaker: ${text}` };
  return { ...base, outcome: "open", found: text, fix };
}

/** One result for each tenant, and one for what belongs to none. */
function placesOf({ model }: Subject, declared: readonly ApiObject[]): Result[] {
  const tenantOf = ({ metadata: { namespace } }: ApiObject) =>
    namespace === undefined ? undefined : model.tenantOf(namespace);
  const tenants = [...new Set(declared.map(tenantOf))];
  return tenants.map((tenant) => {
    const count = declared.filter((object) => isDeepStrictEqual(tenantOf(object), tenant)).length;
    return {
      id: `drift/${tenant ?? "platform"}`,
      question: "namespaces",
      tenant,
      tried: `compares the ${count} declared objects of ${tenant ?? "the platform"} with those that live`,
      outcome: "isolated",
      found: "each is as declared",
    };
  });
}
