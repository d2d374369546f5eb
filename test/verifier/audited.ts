/** Acts that the API server's audit log has to tell of: what a tenant's people try, and what changes a tenant. */

/** An act with what its entry says. */
export interface AuditedAct {
  /** Arguments of kubectl, without who acts. */
  args: string[];
  /** Who acts, by impersonation. Absent: the administrator. */
  as?: { user: string; group: string };
  verb: string;
  /** Resource with its subresource. */
  resource: string;
  name?: string;
  decision: "allow" | "forbid";
}

const hr = { user: "hannah", group: "hr-operators" };
const stranger = { user: "stranger", group: "strangers" };
const IN_HR = ["--namespace", "tenant-hr"];

const tried = (
  as: AuditedAct["as"],
  decision: AuditedAct["decision"],
  verb: string,
  resource: string,
  name: string | undefined,
  ...args: string[]
): AuditedAct => ({ as, decision, verb, resource, name, args: [...args, ...IN_HR] });

const patched = (resource: string, name: string, patch: object, ...more: string[]): AuditedAct =>
  tried(
    undefined,
    "allow",
    "patch",
    resource,
    name,
    "patch",
    resource.split("/")[0] ?? "",
    name,
    "--type=merge",
    "--patch",
    JSON.stringify(patch),
    ...more,
  );

const noted = (resource: string, name: string) =>
  patched(resource, name, { metadata: { annotations: { "example.com/audited": "yes" } } });

/** Every act leaves the isolation as it is. */
export const AUDITED: readonly AuditedAct[] = [
  tried(hr, "allow", "list", "pods", undefined, "get", "pods"),
  tried(hr, "allow", "get", "deployments", "ollama", "get", "deployment", "ollama"),
  tried(hr, "forbid", "list", "secrets", undefined, "get", "secrets"),
  tried(hr, "forbid", "get", "secrets", "client-portal", "get", "secret", "client-portal"),
  tried(hr, "forbid", "delete", "networkpolicies", "default-deny", "delete", "networkpolicy", "default-deny"),
  tried(hr, "forbid", "delete", "resourcequotas", "quota", "delete", "resourcequota", "quota"),
  tried(hr, "forbid", "delete", "limitranges", "limits", "delete", "limitrange", "limits"),
  tried(hr, "forbid", "delete", "rolebindings", "viewer", "delete", "rolebinding", "viewer"),
  tried(hr, "forbid", "create", "serviceaccounts/token", "ollama", "create", "token", "ollama"),
  tried(hr, "forbid", "create", "configmaps", undefined, "create", "configmap", "own"),
  tried(hr, "forbid", "create", "serviceaccounts", undefined, "create", "serviceaccount", "own"),
  tried(hr, "forbid", "create", "services", undefined, "create", "service", "clusterip", "own", "--tcp=80"),
  tried(hr, "forbid", "create", "deployments", undefined, "create", "deployment", "own", "--image=own"),
  tried(hr, "forbid", "create", "jobs", undefined, "create", "job", "own", "--image=own"),
  tried(stranger, "forbid", "list", "pods", undefined, "get", "pods"),
  tried(stranger, "forbid", "list", "secrets", undefined, "get", "secrets"),
  tried(stranger, "forbid", "get", "namespaces", "tenant-hr", "get", "namespace", "tenant-hr"),
  noted("networkpolicies", "default-deny"),
  noted("resourcequotas", "quota"),
  noted("limitranges", "limits"),
  noted("roles", "operator"),
  noted("rolebindings", "operator"),
  noted("services", "ollama"),
  noted("serviceaccounts", "ollama"),
  noted("namespaces", "tenant-hr"),
  noted("deployments", "ollama"),
  noted("secrets", "client-portal"),
];
