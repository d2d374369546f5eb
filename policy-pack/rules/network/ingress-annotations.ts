import { owasp } from "../frameworks";
import { tenantIngresses } from "../ingress-rules";
import type { Rule } from "../rule";

const nginx = [
  "proxy-buffering",
  "proxy-request-buffering",
  "proxy-read-timeout",
  "proxy-send-timeout",
  "proxy-body-size",
  "backend-protocol",
];
/** Annotations that lead no call elsewhere, claim no host and read no other namespace. */
const harmless = new Set([
  ...[...nginx, "ssl-redirect", "force-ssl-redirect"].map((name) => `nginx.ingress.kubernetes.io/${name}`),
  "cert-manager.io/cluster-issuer",
  "kubectl.kubernetes.io/last-applied-configuration",
]);
/** The engine's own; no controller reads them. */
const engine = "pulumi.com/";

export const rule: Rule = {
  id: "network/ingress-annotations",
  title: "A tenant's Ingress carries only annotations that are known to lead no call elsewhere.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K07")],
  remediation: "Remove the annotation.",
  check: (model) =>
    tenantIngresses(model).flatMap((object) =>
      Object.keys(object.object.metadata.annotations ?? {})
        .filter((key) => !harmless.has(key) && !key.startsWith(engine))
        .map((key) => ({
          object,
          field: `metadata.annotations["${key}"]`,
          message:
            "is not known to be harmless: controllers mirror calls, claim further hosts, read Secrets of other namespaces or run given code by annotations.",
        })),
    ),
};
