/** Objects for trials: each is taken as it is, and a trial changes one thing. */

/** An object as loosely typed JSON, so that trials can break it in any way. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

/** Path of the collection that an object is created in. */
export function collectionOf({ apiVersion, kind, metadata }: Loose): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = metadata?.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  return `${root}${place}/${pluralOf(kind)}`;
}

/** Path of an object. */
export function pathOf(object: Loose): string {
  return `${collectionOf(object)}/${object.metadata.name}`;
}

function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name === "endpoints") return name;
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|x|ch)$/.test(name) ? `${name}es` : `${name}s`;
}

export const RBAC = "rbac.authorization.k8s.io";

/** An object of a namespace. */
export function object(apiVersion: string, kind: string, namespace: string, name: string, rest: Loose = {}): Loose {
  const { metadata, ...others } = rest;
  return { apiVersion, kind, metadata: { name, namespace, ...metadata }, ...others };
}

/** A container that the restricted profile allows; `change` replaces fields. */
export function container(change: Loose = {}): Loose {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  return { name: "main", image: "example.com/program:1", securityContext, ...change };
}

/** A pod's spec that the restricted profile allows; `change` replaces fields. */
export function podSpec(change: Loose = {}): Loose {
  return {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container()],
    ...change,
  };
}

/** A pod that the restricted profile allows; `change` replaces fields of its spec. */
export function pod(namespace: string, change: Loose = {}, name = "pod", labels: Loose = { app: "app" }): Loose {
  return object("v1", "Pod", namespace, name, { metadata: { labels }, spec: podSpec(change) });
}

/** Labels of a namespace that enforces a Pod Security level. */
export function enforcing(level: string, version = "v1.36"): Record<string, string> {
  return { "pod-security.kubernetes.io/enforce": level, "pod-security.kubernetes.io/enforce-version": version };
}

/** A Deployment of such pods. */
export function deployment(namespace: string, replicas: number, strategy: Loose, change: Loose = {}): Loose {
  return object("apps/v1", "Deployment", namespace, "app", {
    spec: {
      replicas,
      strategy,
      selector: { matchLabels: { app: "app" } },
      template: { metadata: { labels: { app: "app" } }, spec: podSpec(change) },
    },
  });
}

/** A quota. */
export function quota(namespace: string, hard: Record<string, string>, scope?: Loose): Loose {
  const scopeSelector = scope === undefined ? undefined : { matchExpressions: [scope] };
  return object("v1", "ResourceQuota", namespace, "quota", { spec: { hard, scopeSelector } });
}

/** A LimitRange for containers. */
export function limitRange(namespace: string, item: Loose): Loose {
  return object("v1", "LimitRange", namespace, "limits", { spec: { limits: [{ type: "Container", ...item }] } });
}

/** A ClusterRole. */
export function clusterRole(name: string, rules: Loose[], metadata: Loose = {}): Loose {
  return { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name, ...metadata }, rules };
}

/** A Role. */
export function role(namespace: string, rules: Loose[], name = "role"): Loose {
  return object(`${RBAC}/v1`, "Role", namespace, name, { rules });
}

/** A subject who is a user. */
export const user = (name: string): Loose => ({ kind: "User", apiGroup: RBAC, name });

/** A RoleBinding of a role, by default to the user `joe`. */
export function binding(namespace: string, kind: string, name: string, subjects: Loose[] = [user("joe")]): Loose {
  const roleRef = { apiGroup: RBAC, kind, name };
  return object(`${RBAC}/v1`, "RoleBinding", namespace, `${kind}-${name}`.toLowerCase().replaceAll(":", "-"), {
    roleRef,
    subjects,
  });
}

/** A ClusterRoleBinding. */
export function clusterBinding(name: string, role: string, subjects: Loose[]): Loose {
  const roleRef = { apiGroup: RBAC, kind: "ClusterRole", name: role };
  return { apiVersion: `${RBAC}/v1`, kind: "ClusterRoleBinding", metadata: { name }, roleRef, subjects };
}
