import { bindings } from "../../analysis/rbac/bindings";
import { type RbacFinding, rbacFindings } from "../../analysis/rbac/findings";
import { rbacOf, RbacRefusal } from "../../analysis/rbac/rbac";
import { type ClusterModel, describe, groupBy, type ModelObject } from "../../model/cluster-model";
import { faultFindings } from "../faults";
import { cis, nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

/** Findings are reported up to this number; one wide binding gives thousands. */
const MOST_FINDINGS = 50;

/** The namespace concerned, else the first of the tenant, else the first of any. */
function objectOf(model: ClusterModel, namespace: string | undefined, tenant: string | undefined): ModelObject {
  const named = namespace === undefined ? undefined : model.namespaces.get(namespace);
  const own = tenant === undefined ? undefined : model.tenants.get(tenant)?.[0];
  return namespaceObject(
    named ?? own ?? model.tenantNamespaces()[0] ?? { name: "", labels: {}, platform: false, workspace: false },
  );
}

/** The binding with which a chain begins, where what it leads to is no single namespace. */
function bindingOf(model: ClusterModel, { tenant, namespace, chain }: RbacFinding): ModelObject | undefined {
  if (tenant !== undefined || namespace !== undefined) return undefined;
  const begins = ({ object, namespace: place }: ModelObject): boolean =>
    chain[1]?.startsWith(`${describe(object, place)} → `) === true;
  return bindings(model).find(begins);
}

/** Findings with the same key are what one chain leads to; one role gives dozens. */
function sameChain({ holder, kind, namespace, chain }: RbacFinding): string {
  return JSON.stringify([holder, kind, namespace, chain]);
}

function chainFinding(model: ClusterModel, [first, ...others]: readonly RbacFinding[]): Finding[] {
  if (first === undefined) return [];
  const { tenant, holder, kind, namespace, what, chain } = first;
  const more = others.length === 0 ? "" : `, and ${others.length} more things`;
  const steps = `What ${holder} can do: ${what}${more}. By which chain: ${chain.join(" → ")}.`;
  const binding = bindingOf(model, first);
  if (binding !== undefined)
    return [{ object: binding, field: "subjects", message: `reach what must be safe from them (${kind}). ${steps}` }];
  return [
    {
      object: objectOf(model, namespace, tenant),
      field: "metadata.name",
      message: `is within reach of what it must be safe from (${kind}). ${steps}`,
    },
  ];
}

export const rule: Rule = {
  id: "rbac/closure",
  title:
    "No chain of rights leads from a tenant, or from outside, to another tenant's objects, to the tenant's own fences or to the platform.",
  severity: "critical",
  scope: "cluster",
  frameworks: [cis("5.1.8"), cis("5.1.13"), nsa("Authentication and authorization"), owasp("K03")],
  remediation: "Remove the binding, or the rule of the role, with which the chain in the message begins.",
  configuredBy: ["tenants", "platformNamespaces", "rbac"],
  check: (model, configuration): Finding[] => {
    if (model.tenantNamespaces().length === 0) return [];
    try {
      const found = rbacFindings(rbacOf(model, configuration));
      return [...groupBy(found, sameChain).values()]
        .slice(0, MOST_FINDINGS)
        .flatMap((group) => chainFinding(model, group));
    } catch (error) {
      if (!(error instanceof RbacRefusal)) throw error;
      return faultFindings(
        model,
        error.faults.slice(0, MOST_FINDINGS),
        "nobody can tell who may do what to the tenants",
      );
    }
  },
};
