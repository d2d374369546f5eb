import { nsa, owasp } from "../frameworks";
import { namedNamespaces, placedPeers } from "../../readers/network";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "network/no-cross-tenant-peer",
  title: "No policy of a tenant names another tenant's namespace.",
  severity: "critical",
  // Whose a named namespace is, a workspace above all, its own object tells, which may come later.
  scope: "cluster",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation: "Remove the peer; tenants exchange data through a platform service, never pod to pod.",
  configuredBy: ["tenants"],
  check: (model) =>
    placedPeers(model).flatMap(({ policy, direction, peer, peerPath }) => {
      const own = model.tenantOf(policy.namespace);
      const names = peer.namespaceSelector === undefined ? [] : (namedNamespaces(peer.namespaceSelector) ?? []);
      return names
        .filter((name) => {
          const other = model.tenantOf(name);
          return other !== undefined && other !== own;
        })
        .map((name) => ({
          object: policy,
          field: `${peerPath}.namespaceSelector`,
          message: `names ${name}, the namespace of tenant ${model.tenantOf(name)}: ${direction} ${direction === "ingress" ? "from" : "to"} another tenant's pods would be open.`,
        }));
    }),
};
