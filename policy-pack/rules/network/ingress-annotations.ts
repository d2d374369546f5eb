import type { ModelObject } from "../../model/cluster-model";
import { isNeutral, publishes, routes } from "../../model/annotation-domains";
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

/** Whether no controller acts on the annotation of an Ingress. */
function isHarmlessOnIngress(key: string, value: unknown): boolean {
  // Controllers write the values into their proxy's configuration too.
  const plain = typeof value === "string" && value !== UNKNOWN && !CONFIGURATION_SYNTAX.test(value);
  return (harmlessOnIngresses.has(key) && plain) || hardening[key] === value || isNeutral(key);
}

/** Whether no controller leads traffic by the annotation of a route or a Service. */
const isHarmlessOnService = (key: string): boolean => !publishes(key) && !routes(key);

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
      message: publishes(key)
        ? "publishes the object under a name or in a network of the author's choice, another tenant's host included."
        : "is not known to be harmless: controllers mirror calls, claim further hosts, read Secrets of other namespaces or run given code by annotations.",
    }));
}

/** What may stand on an object: kinds by which something is served have lists of their own. */
function harmlessOn(object: ModelObject, served: ReadonlySet<ModelObject>): (key: string, value: unknown) => boolean {
  if (object.object.kind === "Ingress") return isHarmlessOnIngress;
  return served.has(object) ? isHarmlessOnService : isUnpublished;
}

const isUnpublished = (key: string): boolean => !publishes(key);

export const rule: Rule = {
  id: "network/ingress-annotations",
  title: "Ingresses, routes and Services of a tenant carry no annotation that may lead a call elsewhere.",
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
