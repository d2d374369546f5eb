import type { Draft } from "./draft";
import type { Report } from "./fault";
import type { At } from "./path";

/** Labels and annotations of a tenant's namespace, as they are declared. */
interface NamespaceMetadata {
  namespaceLabels?: Record<string, string>;
  namespaceAnnotations?: Record<string, string>;
}

/**
 * Domains whose labels and annotations on a namespace decide how it is isolated, what is let into it, or who has rights
 * there: Kubernetes' own and the platform's, those of networks, meshes, admission controllers and distributions.
 */
const DECIDING = [
  "kubernetes.io",
  "k8s.io",
  "ollama-platform.io",
  "pulumi.com",
  "openshift.io",
  "cattle.io",
  "cilium.io",
  "projectcalico.org",
  "ovn.org",
  "antrea.io",
  "istio.io",
  "linkerd.io",
  "kuma.io",
  "consul.hashicorp.com",
  "gatekeeper.sh",
  "kyverno.io",
  "kubewarden.io",
  "sigstore.dev",
  "capsule.clastix.io",
  "x-k8s.io",
];
/** The same without a domain: marks by which webhooks and meshes choose namespaces, and names of Kubernetes' own. */
const DECIDING_NAMES = ["control-plane", "istio-injection", "name"];

/** Whether a key decides how a namespace is isolated. */
function decides(key: string): boolean {
  const [domain = "", name] = key.split("/");
  if (name === undefined) return DECIDING_NAMES.includes(key);
  return DECIDING.some((own) => domain === own || domain.endsWith(`.${own}`));
}

/** Checks that no label or annotation of a namespace is one that fences, webhooks or rights go by. */
export function checkNamespaceMetadata(tenant: Draft<NamespaceMetadata>, at: At, report: Report): void {
  for (const field of ["namespaceLabels", "namespaceAnnotations"] as const) {
    for (const key of Object.keys(tenant[field] ?? {}).filter(decides)) {
      report({
        path: at(field, key),
        problem: "decides how the namespace is isolated, or who has rights there",
        allowed: "keys of your own, for example `example.com/cost-centre`",
        at: "key",
        fix: "remove it, or choose a key of your own domain",
      });
    }
  }
}
