import { cis, nsa, owasp } from "../frameworks";
import { openDirections } from "../../readers/isolation";
import type { Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

export const rule: Rule = {
  id: "network/default-deny",
  title: "Every pod of a tenant namespace is isolated in both directions, whatever other policies select it.",
  severity: "critical",
  scope: "cluster",
  frameworks: [cis("5.3.2"), nsa("Network separation and hardening"), owasp("K07")],
  remediation:
    "Add a NetworkPolicy `default-deny` with podSelector: {} and policyTypes: [Ingress, Egress] and no ingress or egress rules.",
  check: (model) =>
    model.tenantNamespaces().flatMap((namespace) => {
      const policies = model.inNamespace(namespace.name).filter((o) => o.object.kind === "NetworkPolicy" && !o.opaque);
      return openDirections(policies).map(({ type, traffic }) => ({
        object: namespaceObject(namespace),
        field: "metadata.name",
        message: `has no policy that isolates every pod for ${type}: for pods that no other policy selects, ${traffic}.`,
      }));
    }),
};
