import { bindings, roleRefOf } from "../../analysis/rbac/bindings";
import { concernsTenants } from "../../analysis/rbac/parties";
import { cis, owasp } from "../frameworks";
import type { Rule } from "../rule";

const inside =
  "enters pods by exec, attach, port-forward and proxy and so goes round the gateway, impersonates the namespace's service accounts and mints tokens of theirs";

/** What each role lets its holders do that no tenant may. */
export const harms: Readonly<Record<string, string>> = {
  "cluster-admin": "gives every right",
  admin: `edits roles, bindings and network policies, reads and writes Secrets, runs pods of its choice, ${inside}`,
  edit: `edits network policies, reads and writes Secrets, runs pods of its choice, ${inside}`,
};

/** Roles of Kubernetes that only answer questions about the caller, or check what others claim to be. */
const harmless = new Set([
  "system:basic-user",
  "system:discovery",
  "system:public-info-viewer",
  "system:service-account-issuer-discovery",
  "system:auth-delegator",
]);

function harmOf(name: string): string | undefined {
  const isComponents = name.startsWith("system:") && !harmless.has(name);
  return harms[name] ?? (isComponents ? "belongs to a component of Kubernetes" : undefined);
}

export const rule: Rule = {
  id: "rbac/no-built-in-roles",
  title: "No binding that reaches a tenant uses cluster-admin, admin, edit or the role of a component of Kubernetes.",
  severity: "critical",
  scope: "object",
  frameworks: [cis("5.1.1"), cis("5.1.2"), owasp("K03")],
  remediation: "Bind a role of your own that lists what is needed; `view` is allowed.",
  configuredBy: ["tenants", "platformNamespaces", "rbac"],
  check: (model, configuration) =>
    bindings(model)
      .filter(concernsTenants(model, configuration))
      .flatMap((binding) => {
        const { kind, name = "" } = roleRefOf(binding);
        const harm = harmOf(String(name));
        if (kind !== "ClusterRole" || harm === undefined) return [];
        return [{ object: binding, field: "roleRef.name", message: `is ${name}, which ${harm}.` }];
      }),
};
