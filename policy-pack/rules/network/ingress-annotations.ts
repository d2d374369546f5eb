import type { ModelObject } from "../../model/cluster-model";
import { record } from "../../model/json";
import { UNKNOWN } from "../../model/kubernetes";
import { owasp } from "../frameworks";
import { CONFIGURATION_SYNTAX, tenantRoutes } from "../../readers/ingress";
import type { Finding, Rule } from "../rule";
import { inTenantNamespace, tenantObjects, tenantPods } from "../../readers/select";

const nginx = [
  "proxy-buffering",
  "proxy-request-buffering",
  "proxy-read-timeout",
  "proxy-send-timeout",
  "proxy-body-size",
  "backend-protocol",
];
/** Annotations of Ingresses that lead no call elsewhere, claim no host and read no other namespace. */
const harmlessOnIngresses = new Set([
  ...[...nginx, "ssl-redirect", "force-ssl-redirect"].map((name) => `nginx.ingress.kubernetes.io/${name}`),
  "cert-manager.io/cluster-issuer",
]);
/** Annotations that are harmless with this value: by them an Ingress serves no plain HTTP. */
const hardening: Readonly<Record<string, string>> = { "kubernetes.io/ingress.allow-http": "false" };

/** Prefixes of annotations that only tools read which write objects, and collectors of metrics. */
const neutral = ["pulumi.com/", "kubectl.kubernetes.io/", "meta.helm.sh/", "argocd.argoproj.io/", "prometheus.io/"];
const harmlessOnServices = new Set([
  "service.kubernetes.io/topology-mode",
  "service.kubernetes.io/topology-aware-hints",
]);

/** Prefixes of annotations by which controllers publish whatever carries them: by names in DNS, or in another network. */
const publishing = [
  "external-dns.alpha.kubernetes.io/",
  "external-dns.kubernetes.io/",
  "dns.alpha.kubernetes.io/",
  "tailscale.com/",
];

const startsWith = (key: string, prefixes: readonly string[]): boolean => prefixes.some((p) => key.startsWith(p));

/** Whether no controller acts on the annotation of an Ingress. */
function isHarmlessOnIngress(key: string, value: unknown): boolean {
  // Controllers write the values into their proxy's configuration too.
  const plain = typeof value === "string" && value !== UNKNOWN && !CONFIGURATION_SYNTAX.test(value);
  return (harmlessOnIngresses.has(key) && plain) || hardening[key] === value || startsWith(key, neutral);
}

/** Whether no controller acts on the annotation of a route or a Service; controllers read keys with a domain. */
function isHarmlessOnService(key: string): boolean {
  return !key.includes("/") || harmlessOnServices.has(key) || startsWith(key, neutral);
}

function findings(
  object: ModelObject,
  annotations: unknown,
  isHarmless: (key: string, value: unknown) => boolean,
  path = "metadata.annotations",
): Finding[] {
  return Object.entries(record(annotations))
    .filter(([key, value]) => !isHarmless(key, value))
    .map(([key]) => ({
      object,
      field: `${path}["${key}"]`,
      message: startsWith(key, publishing)
        ? "publishes the object under a name or in a network of the author's choice, another tenant's host included."
        : "is not known to be harmless: controllers mirror calls, claim further hosts, read Secrets of other namespaces or run given code by annotations.",
    }));
}

/** What may stand on an object: kinds by which something is served have lists of their own. */
function harmlessOn(object: ModelObject, served: ReadonlySet<ModelObject>): (key: string, value: unknown) => boolean {
  if (object.object.kind === "Ingress") return isHarmlessOnIngress;
  return served.has(object) ? isHarmlessOnService : isUnpublished;
}

const isUnpublished = (key: string): boolean => !startsWith(key, publishing);

export const rule: Rule = {
  id: "network/ingress-annotations",
  title: "Ingresses, routes and Services of a tenant carry only annotations that are known to lead no call elsewhere.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K07")],
  remediation: "Remove the annotation.",
  check: (model) => {
    const annotated = model.objects.filter(
      (o) => o.opaque === undefined && o.object.metadata.annotations !== undefined && inTenantNamespace(model, o),
    );
    const ofPods = tenantPods(model)
      .filter(({ source }) => source.object.kind !== "Pod")
      .flatMap((pod) =>
        findings(pod.source, pod.annotations, isUnpublished, pod.path.replace(/spec$/, "metadata.annotations")),
      );
    if (annotated.length === 0) return ofPods;
    const served = new Set([...tenantRoutes(model), ...tenantObjects(model, "Service", "")]);
    return [...annotated.flatMap((o) => findings(o, o.object.metadata.annotations, harmlessOn(o, served))), ...ofPods];
  },
};
