import { crossTenantPaths, type NetworkPath } from "../../analysis/reachability/paths";
import { networkOf } from "../../analysis/reachability/from-model";
import { listedNamespaces, withListedNamespaces } from "../../analysis/reachability/listed-peers";
import { ReachabilityRefusal } from "../../analysis/reachability/network";
import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { faultFindings } from "../faults";
import { cis, nsa, owasp } from "../frameworks";
import type { Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

/** Paths are described up to this number; a report of thousands would hide the first. */
const MOST_PATHS = 50;

function isForbidden(
  { kind, fromNamespace = "", toNamespace = "", ingress }: NetworkPath,
  listed: ReadonlySet<string>,
  nodesListed: boolean,
): boolean {
  // A listed peer in its node's network arrives with the node's address; `network/ip-blocks` holds the rule to its ports.
  if (nodesListed && ingress.onlyAt === "nodeCidrs" && ingress.unset !== true) return false;
  if (kind === "tenant-to-tenant") return true;
  if (kind === "other-to-tenant") return !listed.has(fromNamespace);
  return kind === "tenant-to-other" && !listed.has(toNamespace);
}

function objectOf(model: ClusterModel, namespace: string | undefined): ModelObject {
  const found = namespace === undefined ? undefined : model.namespaces.get(namespace);
  return namespaceObject(found ?? { name: namespace ?? "", labels: {}, platform: false, workspace: false });
}

/** What is missing from the configuration, where a path is open for no other reason. */
function fixOf({ ingress, egress }: NetworkPath): string | undefined {
  const end = [ingress, egress].find(({ unset }) => unset === true);
  return end === undefined ? undefined : `List the ranges under cluster.${end.onlyAt} in the pack's configuration.`;
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
      const nodesListed = configuration.cluster.ingressPeers.some((peer) => peer.hostNetwork === true);
      const network = networkOf(model, withListedNamespaces(configuration));
      const { paths } = crossTenantPaths(network, { ranges: [] });
      return paths
        .filter((path) => isForbidden(path, listed, nodesListed))
        .slice(0, MOST_PATHS)
        .map((path) => ({
          object: objectOf(model, path.toTenant === undefined ? path.fromNamespace : path.toNamespace),
          field: "metadata.name",
          message: `has an open path: ${path.explanation}.`,
          fix: fixOf(path),
        }));
    } catch (error) {
      if (!(error instanceof ReachabilityRefusal)) throw error;
      return faultFindings(model, error.faults.slice(0, MOST_PATHS), "nobody can tell whom the tenants' pods reach");
    }
  },
};
