import { cis, owasp } from "../frameworks";
import { bindings, concernsTenants, roleRefOf } from "../rbac-rules";
import type { Rule } from "../rule";

const harms: Record<string, string> = {
  "cluster-admin": "gives every right",
  admin: "edits roles, bindings and network policies and reads Secrets",
  edit: "reads Secrets, writes workloads and network policies and runs as any service account",
};

export const rule: Rule = {
  id: "rbac/no-built-in-roles",
  title: "No binding that reaches a tenant uses cluster-admin, admin, edit or a system role.",
  severity: "critical",
  scope: "object",
  frameworks: [cis("5.1.1"), cis("5.1.2"), owasp("K03")],
  remediation: "Bind a role of your own that lists what is needed; `view` is allowed.",
  check: (model) =>
    bindings(model)
      .filter((binding) => concernsTenants(model, binding))
      .flatMap((binding) => {
        const { kind, name = "" } = roleRefOf(binding);
        const harm = harms[name] ?? (name.startsWith("system:") ? "belongs to a component of Kubernetes" : undefined);
        if (kind !== "ClusterRole" || harm === undefined) return [];
        return [{ object: binding, field: "roleRef.name", message: `is ${name}, which ${harm}.` }];
      }),
};
