import { crossTenantPaths, type NetworkPath } from "../../analysis/reachability/paths";
import { networkOf } from "../../analysis/reachability/from-model";
import { listedNamespaces, withListedNamespaces } from "../../analysis/reachability/listed-peers";
import { ReachabilityRefusal } from "../../analysis/reachability/network";
import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { cis, nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { namespaceObject } from "../select";

/** Paths are described up to this number; a report of thousands would hide the first. */
const MOST_PATHS = 50;

function isForbidden(
  { kind, fromNamespace = "", toNamespace = "" }: NetworkPath,
  listed: ReadonlySet<string>,
): boolean {
  if (kind === "tenant-to-tenant") return true;
  if (kind === "other-to-tenant") return !listed.has(fromNamespace);
  return kind === "tenant-to-other" && !listed.has(toNamespace);
}

function objectOf(model: ClusterModel, namespace: string | undefined): ModelObject {
  const found = namespace === undefined ? undefined : model.namespaces.get(namespace);
  return namespaceObject(found ?? { name: namespace ?? "", labels: {}, platform: false });
}

function refusals(model: ClusterModel, refusal: ReachabilityRefusal): Finding[] {
  const first = model.tenantNamespaces()[0];
  return refusal.reasons.map((reason) => ({
    object: objectOf(model, first?.name),
    field: "metadata.name",
    message: `cannot be shown to be out of reach of other tenants: ${reason}.`,
    fix: "Remove what the message names, so that the network policies alone decide and can be read.",
  }));
}

export const rule: Rule = {
  id: "network/tenant-reachability",
  title: "No pod of a tenant can open a connection to a pod of another tenant, nor to or from an unlisted namespace.",
  severity: "critical",
  scope: "cluster",
  frameworks: [cis("5.3.2"), nsa("Network separation and hardening"), owasp("K07")],
  remediation:
    "Remove the rule of the policies named in the message that allows it, or add the default-deny that is missing.",
  configuredBy: ["tenants", "platformNamespaces", "cluster"],
  check: (model, configuration) => {
    if (model.tenantNamespaces().length === 0) return [];
    try {
      const listed = listedNamespaces(configuration);
      const network = networkOf(model, withListedNamespaces(configuration));
      const { paths } = crossTenantPaths(network, { ranges: [] });
      return paths
        .filter((path) => isForbidden(path, listed))
        .slice(0, MOST_PATHS)
        .map((path) => ({
          object: objectOf(model, path.toTenant === undefined ? path.fromNamespace : path.toNamespace),
          field: "metadata.name",
          message: `has an open path: ${path.explanation}.`,
        }));
    } catch (error) {
      if (error instanceof ReachabilityRefusal) return refusals(model, error);
      throw error;
    }
  },
};
