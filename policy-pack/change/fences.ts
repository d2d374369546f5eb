/** Fences of tenants that are gone, and isolation levels that are lower. */
import type { NamespaceInfo } from "../model/cluster-model";
import { describe } from "../model/cluster-model";
import { record } from "../model/json";
import type { KubernetesObject } from "../model/kubernetes";
import type { PackConfiguration } from "../settings/settings";
import type { State, Weakening } from "./weakening";

/** Whether an object holds its namespace in; policies that only open something are judged by the paths they open. */
function isFence({ kind, spec }: KubernetesObject): boolean {
  if (kind === "NetworkPolicy") {
    const { ingress, egress, policyTypes } = record(spec);
    const closed = (type: string, rules: unknown) =>
      (Array.isArray(policyTypes) ? policyTypes.includes(type) : type === "Ingress") &&
      (!Array.isArray(rules) || rules.length === 0);
    return closed("Ingress", ingress) || closed("Egress", egress);
  }
  return ["ResourceQuota", "LimitRange", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].includes(
    kind,
  );
}

/** Fences that `before` has and `after` lacks in tenants' namespaces that stay, and isolation levels that are lowered. */
export function fenceWeakenings(before: State, after: State): Weakening[] {
  const left = new Set(after.model.objects.map(({ object, namespace }) => describe(object, namespace)));
  const gone = before.model.objects.flatMap(({ object, namespace }): Weakening[] => {
    const name = describe(object, namespace);
    if (!isFence(object) || left.has(name)) return [];
    const tenant = after.model.tenantOf(namespace);
    const stays = namespace === "" || (tenant !== undefined && after.model.namespaces.has(namespace));
    return stays ? [{ kind: "fence", tenant, what: `${name} is gone.` }] : [];
  });
  return [...gone, ...loweredLevels(before, after)];
}

function loweredLevels(before: State, after: State): Weakening[] {
  return after.model.tenantNamespaces().flatMap((namespace): Weakening[] => {
    const previous = before.model.namespaces.get(namespace.name);
    if (previous === undefined) return [];
    const { isolationLevels: levels } = after.configuration;
    const [was, is] = [previous, namespace].map((ns) => ns.labels[levels.label] ?? "none");
    if (rank(namespace, levels) >= rank(previous, levels)) return [];
    return [
      {
        kind: "level",
        tenant: namespace.tenant,
        what: `The isolation level of ${namespace.name} is ${is}; it was ${was}.`,
      },
    ];
  });
}

function rank({ labels }: NamespaceInfo, levels: PackConfiguration["isolationLevels"]): number {
  const level = labels[levels.label] ?? "";
  return Number(levels.dedicatedNodes.includes(level)) + Number(levels.sandboxed.includes(level));
}
