import { changed, FINANCE, gone, HR, made, put, type Weakening } from "./weakening";

const RBAC = "rbac.authorization.k8s.io";
const ref = (kind: string, name: string) => ({ apiGroup: RBAC, kind, name });
const subject = (kind: string, name: string, namespace?: string) => ({
  ...(kind === "ServiceAccount" ? {} : { apiGroup: RBAC }),
  kind,
  name,
  namespace,
});
const binding = (name: string, role: object, ...subjects: object[]): Weakening =>
  made("RoleBinding", { apiVersion: `${RBAC}/v1`, metadata: { name, namespace: HR }, roleRef: role, subjects });
const bindingOfAll = (name: string, role: string, ...subjects: object[]): Weakening =>
  made("ClusterRoleBinding", {
    apiVersion: `${RBAC}/v1`,
    metadata: { name },
    roleRef: ref("ClusterRole", role),
    subjects,
  });
const more = (resource: string, verb: string, apiGroup = ""): object =>
  put("/rules/-", { apiGroups: [apiGroup], resources: [resource], verbs: [verb] });

/** Roles, bindings and accounts. */
export const rights: Weakening[] = [
  changed("Role", "role", HR, "operator", "rules", more("secrets", "get")),
  changed("Role", "role", HR, "viewer", "rules", more("pods/exec", "create")),
  changed("Role", "role", FINANCE, "operator", "rules", more("*", "*", "*")),
  changed("Role", "role", FINANCE, "viewer", "rules", more("rolebindings", "create", RBAC)),
  changed(
    "RoleBinding",
    "rolebinding",
    HR,
    "viewer",
    "subjects",
    put("/subjects/-", subject("Group", "finance-analysts")),
  ),
  changed("RoleBinding", "rolebinding", HR, "operator", "subjects", put("/subjects/-", subject("User", "someone"))),
  changed(
    "RoleBinding",
    "rolebinding",
    FINANCE,
    "viewer",
    "subjects",
    put("/subjects/-", subject("Group", "system:authenticated")),
  ),
  gone("RoleBinding", "rolebinding", FINANCE, "operator"),
  binding("other-operators", ref("Role", "viewer"), subject("Group", "finance-operators")),
  binding("built-in", ref("ClusterRole", "edit"), subject("Group", "hr-operators")),
  binding("workload", ref("Role", "viewer"), subject("ServiceAccount", "ollama", HR)),
  binding("everybody", ref("Role", "viewer"), subject("Group", "system:authenticated")),
  binding("nothing-known", ref("Role", "not-there"), subject("Group", "hr-operators")),
  bindingOfAll("hr-sees-all", "view", subject("Group", "hr-business-partners")),
  bindingOfAll("finance-may-all", "cluster-admin", subject("Group", "finance-operators")),
  bindingOfAll("hr-workload", "view", subject("ServiceAccount", "ollama", HR)),
  bindingOfAll("accounts-of-finance", "edit", subject("Group", `system:serviceaccounts:${FINANCE}`)),
  changed(
    "ServiceAccount",
    "serviceaccount",
    HR,
    "ollama",
    "automountServiceAccountToken",
    put("/automountServiceAccountToken", true),
  ),
];
