/** Weakenings of one tenant by one request each, for measuring how soon the monitor tells. */
import type { ApiRequest } from "../../verifier/cluster-api";

/** A weakening by hand. */
export interface HandMade {
  what: string;
  /** What an alarm about it names beside the tenant's namespace. Default: nothing more. */
  names?: string;
  request: (namespace: string) => ApiRequest;
}

const JSON_PATCH = "application/json-patch+json";

const made = (
  what: string,
  [group, resource]: [group: string, resource: string],
  { kind, ...content }: { kind: string; [field: string]: unknown },
): HandMade => ({
  what,
  names: "by-hand",
  request: (namespace) => ({
    method: "POST",
    path: `/apis/${group}/namespaces/${namespace}/${resource}`,
    body: { apiVersion: group, kind, metadata: { name: "by-hand", namespace }, ...content },
  }),
});

const changed = (what: string, place: string, path: string, value: unknown): HandMade => ({
  what,
  request: (namespace) => ({
    method: "PATCH",
    path: place.replace("{namespace}", namespace),
    contentType: JSON_PATCH,
    body: [{ op: "add", path, value }],
  }),
});

/** One of each sort of object that isolates a tenant. */
export const HAND_MADE: readonly HandMade[] = [
  made("a policy that lets everything in", ["networking.k8s.io/v1", "networkpolicies"], {
    kind: "NetworkPolicy",
    spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
  }),
  made("rights for everybody", ["rbac.authorization.k8s.io/v1", "rolebindings"], {
    kind: "RoleBinding",
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "system:authenticated" }],
  }),
  changed(
    "a default-deny policy for one direction only",
    "/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies/default-deny",
    "/spec/policyTypes",
    ["Ingress"],
  ),
  changed("a larger quota", "/api/v1/namespaces/{namespace}/resourcequotas/quota", "/spec/hard/requests.cpu", "900"),
  changed(
    "a namespace without Pod Security",
    "/api/v1/namespaces/{namespace}",
    "/metadata/labels/pod-security.kubernetes.io~1enforce",
    "privileged",
  ),
  {
    what: "a default-deny policy that is deleted",
    request: (namespace) => ({
      method: "DELETE",
      path: `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/default-deny`,
    }),
  },
];
