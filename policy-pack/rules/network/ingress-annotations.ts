import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { record } from "../../model/json";
import { UNKNOWN } from "../../model/kubernetes";
import { owasp } from "../frameworks";
import { CONFIGURATION_SYNTAX, tenantIngresses, tenantRoutes } from "../ingress-rules";
import type { Finding, Rule } from "../rule";
import { inTenantNamespace, tenantObjects, tenantPods } from "../select";

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

/** Publishing annotations on objects of any other kind, and on the pods that they make. */
function publishingElsewhere(model: ClusterModel, judged: ReadonlySet<ModelObject>): Finding[] {
  const isHarmless = (key: string): boolean => !startsWith(key, publishing);
  const objects = model.objects.filter((o) => o.opaque === undefined && !judged.has(o) && inTenantNamespace(model, o));
  return [
    ...objects.flatMap((o) => findings(o, o.object.metadata.annotations, isHarmless)),
    ...tenantPods(model)
      .filter(({ source }) => source.object.kind !== "Pod")
      .flatMap((pod) =>
        findings(pod.source, pod.annotations, isHarmless, pod.path.replace(/spec$/, "metadata.annotations")),
      ),
  ];
}

export const rule: Rule = {
  id: "network/ingress-annotations",
  title: "Ingresses, routes and Services of a tenant carry only annotations that are known to lead no call elsewhere.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K07")],
  remediation: "Remove the annotation.",
  check: (model) => {
    const ingresses = tenantIngresses(model);
    const published = [...tenantRoutes(model), ...tenantObjects(model, "Service", "")];
    return [
      ...ingresses.flatMap((o) => findings(o, o.object.metadata.annotations, isHarmlessOnIngress)),
      ...published.flatMap((o) => findings(o, o.object.metadata.annotations, isHarmlessOnService)),
      ...publishingElsewhere(model, new Set([...ingresses, ...published])),
    ];
  },
};
