/** The live cluster as a state of the report, beside the cluster as it would be if everything were as declared. */
import { groupsOf, principalOf, type Principal } from "../../policy-pack/analysis/rbac/principals";
import { bindings, subjectsOf } from "../../policy-pack/analysis/rbac/bindings";
import {
  buildClusterModel,
  describe,
  type ClusterModel,
  type ModelObject,
} from "../../policy-pack/model/cluster-model";
import { fromLive } from "../../policy-pack/model/from-live";
import { list } from "../../policy-pack/model/json";
import type { ObjectChange } from "../../policy-pack/change/change";
import type { Subject } from "../../verifier/checks/check";
import { keyOf, type LiveDrift } from "../../verifier/checks/drift";
import { judgeLive } from "../../verifier/checks/rules";
import type { ApiObject } from "../../verifier/drift/api";
import { formatPath } from "../../verifier/drift/compare";
import { nameOf } from "../../verifier/drift/drift";
import { weakensNothing } from "../../verifier/drift/harmless";
import type { Previous } from "./report";
import { ReportInputError } from "./settings";
import type { JudgedState } from "./state";

/** What is reported, and what it is compared with. */
export interface LiveStates {
  state: JudgedState;
  previous: Previous;
}

/**
 * Puts the live cluster beside what is declared. Everything that belongs to no tenant is the same in both; of bindings only
 * those that give a tenant's people and accounts nothing.
 *
 * @param subject The live cluster, read whole.
 * @param drift How the declared objects differ.
 * @throws ReportInputError when a part of the cluster could not be read.
 */
export function liveStates(subject: Subject, declared: readonly ApiObject[], drift: readonly LiveDrift[]): LiveStates {
  const { model, settings, live } = subject;
  if (live.unreadable.length > 0) {
    const what = live.unreadable.map(({ what: name, why }) => `${name} (${why})`).join("; ");
    throw new ReportInputError(`--live: not everything could be read: ${what}`);
  }
  // Of Secrets nothing is known but that they are there.
  const shown = declared.filter(({ kind }) => kind !== "Secret");
  const planned = new Set(shown.map(keyOf));
  const isPlanned = ({ object }: ModelObject): boolean => planned.has(keyOf(object as ApiObject));
  const tenants = tenantPrincipals(buildClusterModel(fromLive(shown), settings.configuration));
  const kept = model.objects.filter((object) => !isPlanned(object) && isOthers(object, model, tenants));
  const before = buildClusterModel([...kept, ...fromLive(shown)], settings.configuration);
  return {
    state: judged(subject, model),
    previous: {
      name: "what is declared",
      state: judged(subject, before),
      changes: {
        added: model.objects
          .filter((object) => !isPlanned(object) && isAdded(object, model))
          .map(({ object, namespace }) => describe(object, namespace)),
        removed: drift.filter(({ isGone }) => isGone === true).map(({ object }) => nameOf(object)),
        changed: drift.flatMap(changeOf),
      },
    },
  };
}

function judged(subject: Subject, model: ClusterModel): JudgedState {
  const { settings } = subject;
  const judgement = judgeLive({ ...subject, model });
  const { violations, advisories, exempted } = judgement;
  const all = [...violations, ...advisories, ...exempted.map(({ violation }) => violation)];
  return { model, configuration: settings.configuration, settings, violations: all, judgement };
}

/** Those whom the declaration names in tenants' namespaces, and everybody at once. */
function tenantPrincipals(model: ClusterModel): (principal: Principal) => boolean {
  const named = bindings(model)
    .filter(({ namespace }) => model.tenantOf(namespace) !== undefined)
    .flatMap((binding) => subjectsOf(binding).flatMap((subject) => principalOf(subject) ?? []));
  const known = new Set([...named, ...named.flatMap(groupsOf)]);
  const namespaces = new Set(model.tenantNamespaces().map(({ name }) => name));
  return (principal) =>
    known.has(principal) ||
    /^Group system:(authenticated|unauthenticated|serviceaccounts)$/.test(principal) ||
    namespaces.has(/^(?:ServiceAccount |Group system:serviceaccounts:)([^/]+)/.exec(principal)?.[1] ?? "");
}

/** Label of the roles and bindings that every API server makes. */
const BOOTSTRAPPING = "kubernetes.io/bootstrapping";

/** Whether the object belongs to no tenant and gives none anything. Values of Secrets are in no state. */
function isOthers(
  { object, namespace }: ModelObject,
  model: ClusterModel,
  isTenants: (principal: Principal) => boolean,
): boolean {
  if (object.kind === "Secret") return true;
  if (model.tenantOf(namespace) !== undefined) return false;
  if (object.kind === "Namespace") return model.tenantOf(object.metadata.name) === undefined;
  if (!/^(Cluster)?RoleBinding$/.test(object.kind) || object.metadata.labels?.[BOOTSTRAPPING] !== undefined)
    return true;
  return !subjectsOf({ object } as ModelObject).some((subject) => {
    const principal = principalOf(subject);
    return principal === undefined || isTenants(principal);
  });
}

/** Objects that Kubernetes itself makes in every namespace. */
const EVERYWHERE = new Set(["ConfigMap kube-root-ca.crt", "ServiceAccount default"]);

/** Whether someone has made the object in a tenant's namespace by hand. */
function isAdded({ object, namespace }: ModelObject, model: ClusterModel): boolean {
  if (model.tenantOf(namespace) === undefined || object.kind === "Secret") return false;
  const owners = object.metadata["ownerReferences"] as readonly object[] | undefined;
  return list(owners).length === 0 && !EVERYWHERE.has(`${object.kind} ${object.metadata.name}`);
}

function changeOf({ object, isGone, fields }: LiveDrift): ObjectChange[] {
  if (isGone === true) return [];
  const show = (value: unknown): string | undefined => {
    if (value === undefined) return undefined;
    return object.kind === "Secret" ? "(secret)" : JSON.stringify(value).slice(0, 160);
  };
  const shown = fields.map((field) => ({
    path: formatPath(field.path),
    before: show(field.declared),
    after: `${show(field.live) ?? "nothing"}${field.manager === "" ? "" : `, by ${field.manager}`}${
      weakensNothing(object, field) ? " (weakens nothing)" : ""
    }`,
  }));
  return [{ object: nameOf(object), fields: shown }];
}
