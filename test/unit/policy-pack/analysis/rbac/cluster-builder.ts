/** Small clusters for the tests: tenants a and b with restrained pods, a platform namespace, and whatever is bound. */
import { type Rbac, rbacOf } from "../../../../../policy-pack/analysis/rbac/rbac";
import { type SourceObject, buildClusterModel } from "../../../../../policy-pack/model/cluster-model";
import { type PackConfiguration, defaultConfiguration } from "../../../../../policy-pack/settings/settings";
import type { PolicyRule, Subject } from "../../../../../policy-pack/model/kubernetes";

export const configuration: PackConfiguration = {
  ...defaultConfiguration,
  platformNamespaces: ["kube-system", "platform"],
  rbac: { sharedGroups: ["operators"], cloudIdentities: [], observers: [] },
};

/** Versions of kinds outside the core group, besides RBAC's. */
const apiVersions: Record<string, string> = { NetworkPolicy: "networking.k8s.io/v1" };

export function object(
  kind: string,
  namespace: string | undefined,
  name: string,
  fields: Record<string, unknown> = {},
  more: Partial<SourceObject> = {},
): SourceObject {
  const isRbac = /^(Cluster)?Role(Binding)?$/.test(kind);
  const { labels, ...rest } = fields;
  return {
    object: {
      apiVersion: apiVersions[kind] ?? (isRbac ? "rbac.authorization.k8s.io/v1" : "v1"),
      kind,
      metadata: { name, namespace, labels: labels as Record<string, string> },
      ...rest,
    },
    origin: "test",
    unknown: [],
    ...more,
  };
}

export function namespace(name: string, level = "restricted"): SourceObject {
  return object("Namespace", undefined, name, { labels: { "pod-security.kubernetes.io/enforce": level } });
}

/** A rule on resources of one group. */
export function rule(verbs: string, resources: string, apiGroup = "", resourceNames?: string[]): PolicyRule {
  return { verbs: verbs.split(" "), apiGroups: [apiGroup], resources: resources.split(" "), resourceNames };
}

export const rbacGroup = "rbac.authorization.k8s.io";

/** The group of tenant a's people. */
export const people: Subject = { kind: "Group", name: "a-team", apiGroup: rbacGroup };

/** A Role in a namespace and its RoleBinding. */
export function bound(
  namespaceName: string,
  rules: PolicyRule[],
  subject: Subject = people,
  name = "r",
): SourceObject[] {
  return [
    object("Role", namespaceName, name, { rules }),
    object("RoleBinding", namespaceName, name, { subjects: [subject], roleRef: { kind: "Role", name } }),
  ];
}

/** A ClusterRole and its ClusterRoleBinding. */
export function boundEverywhere(rules: PolicyRule[], subject: Subject = people, name = "cr"): SourceObject[] {
  return [
    object("ClusterRole", undefined, name, { rules }),
    object("ClusterRoleBinding", undefined, name, { subjects: [subject], roleRef: { kind: "ClusterRole", name } }),
  ];
}

/** Tenants a and b, where group `a-team` may read pods of tenant a, with more objects. */
export function cluster(...more: SourceObject[]): Rbac {
  const base = [
    namespace("tenant-a"),
    namespace("tenant-b"),
    object("Namespace", undefined, "platform"),
    object("ServiceAccount", "tenant-b", "ollama"),
    ...bound("tenant-a", [rule("get list", "pods")], people, "viewer"),
  ];
  return rbacOf(buildClusterModel([...base, ...more], configuration), configuration);
}
