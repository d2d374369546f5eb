/** Annotations by what acts on them: tools that only write objects, and controllers that lead traffic. */

/** Prefixes of annotations that only tools read which write objects, and collectors of metrics. */
const neutral = ["pulumi.com/", "kubectl.kubernetes.io/", "meta.helm.sh/", "argocd.argoproj.io/", "prometheus.io/"];

/** Prefixes of annotations by which controllers publish whatever carries them: by names in DNS, or in another network. */
const publishing = [
  "external-dns.alpha.kubernetes.io/",
  "external-dns.kubernetes.io/",
  "dns.alpha.kubernetes.io/",
  "tailscale.com/",
];

/**
 * Domains of controllers that balance, route, mirror or publish what carries their annotations, subdomains included.
 * Controllers whose domain or key says so by one of the words below need not be listed.
 */
const routing = [
  "kubernetes.io",
  "k8s.io",
  "x-k8s.io",
  "metallb.universe.tf",
  "metallb.io",
  "kube-vip.io",
  "cloud.google.com",
  "gke.io",
  "amazonaws.com",
  "azure.com",
  "oraclecloud.com",
  "hetzner.cloud",
  "openstack.org",
  "digitalocean.com",
  "linode.com",
  "scaleway.com",
  "cilium.io",
  "io.cilium",
  "projectcalico.org",
  "istio.io",
  "linkerd.io",
  "consul.hashicorp.com",
  "kuma.io",
  "skupper.io",
  "konghq.com",
  "nginx.org",
  "nginx.com",
  "traefik.io",
  "haproxy.org",
  "haproxy.com",
  "projectcontour.io",
  "getambassador.io",
  "solo.io",
  "ngrok.com",
  "cloudflare.com",
  "inlets.dev",
  "netbird.io",
  "purelb.io",
  "loxilb.io",
  "submariner.io",
  "sidero.dev",
  "kubesphere.io",
];

/** Words of a domain or a key that tell what a controller does by the annotation. */
const routingWords =
  /(?:^|[^a-z])(?:dns|hostnames?|expos(?:e|ed|er|ure)|publish|ingress|gateway|proxy|tunnel|mesh|mirror|multi-?cluster|load-?balancers?|lb|global|export(?:ed|to)?|route|router|routing|funnel|snippets?)(?:$|[^a-z])/;

/** Annotations of Services that ask for nothing but short ways. */
const harmlessOnServices = new Set([
  "service.kubernetes.io/topology-mode",
  "service.kubernetes.io/topology-aware-hints",
]);

const startsWith = (key: string, prefixes: readonly string[]): boolean => prefixes.some((p) => key.startsWith(p));

/** Whether only tools that write objects, or collect metrics, read the annotation. */
export function isNeutral(key: string): boolean {
  return startsWith(key, neutral);
}

/** Whether controllers publish what carries the annotation, whatever its kind. */
export function publishes(key: string): boolean {
  return startsWith(key, publishing);
}

/**
 * Whether a controller may lead traffic by the annotation of a Service or a route. Those of other domains are notes:
 * nobody connects by them.
 */
export function routes(key: string): boolean {
  const [domain = "", name] = key.toLowerCase().split("/");
  if (name === undefined || isNeutral(key) || harmlessOnServices.has(key)) return false;
  if (routing.some((owner) => domain === owner || domain.endsWith(`.${owner}`))) return true;
  // Words are parted by capitals as well: `exportTo`.
  return routingWords.test(key.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase());
}
