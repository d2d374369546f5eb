/** What a stack file says of a cluster, derived from what the cluster said. */
import type { ClusterPeer, DnsSpec } from "../../components/spec/index";
import { claimableDevices, deviceClasses, type ClaimableDevices, type DeviceClass } from "./devices";
import { families, gpuNodes, nodeRanges, podRanges, serviceRanges, type Found, type GpuNodes } from "./ranges";
import type { Live, Observed } from "./observe";

/** Facts of a cluster. */
export interface Facts {
  clusterId?: string;
  podSecurityVersion: string;
  podCidrs: Found<string[]>;
  serviceCidrs: Found<string[]>;
  nodeCidrs: Found<string[]>;
  ipFamilies: string[];
  dns: Found<DnsSpec>;
  ingressControllers: ClusterPeer[];
  ingressClasses: string[];
  monitoring: ClusterPeer[];
  /** The network, and whether it enforces network policies; undefined when it is not known. */
  network?: { name: string; enforces: boolean };
  backends: string[];
  gpus: GpuNodes[];
  /** Classes of devices that pods claim, and what drivers give out. */
  deviceClasses: DeviceClass[];
  devices: ClaimableDevices[];
  runtimeClasses: string[];
  storageClasses: string[];
}

/** Determines the facts. */
export function factsOf(observed: Observed): Facts {
  const { lists, version } = observed;
  const serviceCidrs = serviceRanges(observed);
  const names = (name: "ingressClasses" | "runtimeClasses" | "storageClasses") =>
    lists[name].map(({ metadata }) => metadata.name).sort();
  const clusterId = lists.namespaces.find(({ metadata }) => metadata.name === "kube-system")?.metadata.uid;
  return {
    ...(clusterId === undefined ? {} : { clusterId }),
    podSecurityVersion: minorOf(version.gitVersion ?? ""),
    podCidrs: podRanges(observed),
    serviceCidrs,
    nodeCidrs: nodeRanges(observed),
    ipFamilies: families(serviceCidrs.value),
    dns: dnsOf(observed),
    ingressControllers: peersOf(observed, INGRESS),
    ingressClasses: names("ingressClasses"),
    monitoring: peersOf(observed, ["prometheus"]),
    ...networkOf(observed),
    backends: backendsOf(observed),
    gpus: gpuNodes(observed),
    deviceClasses: deviceClasses(observed),
    devices: claimableDevices(observed),
    runtimeClasses: names("runtimeClasses"),
    storageClasses: names("storageClasses"),
  };
}

function minorOf(gitVersion: string): string {
  return /^v1\.[0-9]+/.exec(gitVersion)?.[0] ?? "v1.34";
}

const NAME_LABEL = "app.kubernetes.io/name";

/** Names, by the usual label, of programs that serve hosts. */
const INGRESS = [
  "ingress-nginx",
  "traefik",
  "contour",
  "haproxy-ingress",
  "kubernetes-ingress",
  "envoy",
  "istio-ingressgateway",
  "kong",
  "nginx-gateway-fabric",
];

interface Template {
  metadata?: { labels?: Record<string, string> };
  spec?: { hostNetwork?: boolean };
}

/** Pods of programs with these names, by their namespace and the labels that select them. */
function peersOf({ lists }: Observed, names: readonly string[]): ClusterPeer[] {
  const workloads = [...lists.deployments, ...lists.daemonSets, ...lists.statefulSets];
  const peers = workloads.flatMap(({ metadata, spec }): ClusterPeer[] => {
    const template = (spec?.["template"] ?? {}) as Template;
    const { labels = {} } = template.metadata ?? {};
    const router = labels["ingresscontroller.operator.openshift.io/deployment-ingresscontroller"];
    const isRouter = router !== undefined && names === INGRESS;
    if (!isRouter && !names.includes(labels[NAME_LABEL] ?? "")) return [];
    if (isWebhook(metadata.name, labels)) return [];
    const chosen: string[] = isRouter
      ? ["ingresscontroller.operator.openshift.io/deployment-ingresscontroller"]
      : [NAME_LABEL, "app.kubernetes.io/component"].filter((key) => labels[key] !== undefined);
    const podLabels = Object.fromEntries(chosen.map((key) => [key, labels[key] ?? ""]));
    const hostNetwork = template.spec?.hostNetwork === true ? { hostNetwork: true } : {};
    return [{ namespace: metadata.namespace ?? "", podLabels, ...hostNetwork }];
  });
  return [...new Map(peers.map((peer) => [JSON.stringify(peer), peer])).values()];
}

function isWebhook(name: string, labels: Record<string, string>): boolean {
  return /webhook|operator|controller-manager/.test(`${name} ${labels["app.kubernetes.io/component"] ?? ""}`);
}

const DEFAULT_DNS: DnsSpec = { namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" } };

/** Pods that answer DNS: those of the Service with port 53 that the usual names have. */
function dnsOf(observed: Observed): Found<DnsSpec> {
  const { lists } = observed;
  const service = lists.services.find(
    ({ metadata, spec }) =>
      ["kube-dns", "coredns", "dns-default", "rke2-coredns-rke2-coredns"].includes(metadata.name) &&
      portsOf(spec).some(({ port }) => port === 53),
  );
  if (service === undefined) return { value: DEFAULT_DNS, from: "not found: the usual pods", isGuess: true };
  const target = portsOf(service.spec).find(({ port }) => port === 53)?.targetPort ?? 53;
  const port = typeof target === "number" ? target : portByName(observed, service, target);
  const caches = nodeLocalOf(observed, (service.spec?.["clusterIP"] ?? "") as string);
  return {
    value: {
      namespace: service.metadata.namespace ?? "kube-system",
      podLabels: (service.spec?.["selector"] ?? DEFAULT_DNS.podLabels) as Record<string, string>,
      ...(port === undefined || port === 53 ? {} : { port }),
      ...(caches.length === 0 ? {} : { nodeLocalAddresses: caches }),
    },
    from: `Service ${service.metadata.namespace}/${service.metadata.name}`,
    isGuess: false,
  };
}

function portsOf(spec: Live["spec"]): { port: number; targetPort?: number | string }[] {
  return (spec?.["ports"] ?? []) as { port: number; targetPort?: number | string }[];
}

/** The number of a port that a Service names, from the workload in its namespace that has it. */
function portByName({ lists }: Observed, service: Live, name: string): number | undefined {
  const own = [...lists.deployments, ...lists.daemonSets].filter(
    ({ metadata }) => metadata.namespace === service.metadata.namespace,
  );
  const containers = own.flatMap(
    ({ spec }) =>
      ((spec?.["template"] as { spec?: { containers?: object[] } } | undefined)?.spec?.containers ?? []) as {
        ports?: { name?: string; containerPort: number }[];
      }[],
  );
  return containers.flatMap(({ ports = [] }) => ports).find((port) => port.name === name)?.containerPort;
}

/** Addresses of the DNS cache on the nodes, without those of the Service itself. */
function nodeLocalOf({ lists }: Observed, clusterIp: string): string[] {
  const cache = lists.daemonSets.find(({ metadata }) => /^(node-local-dns|nodelocaldns)$/.test(metadata.name));
  const text = JSON.stringify(cache?.spec ?? {});
  const [, addresses = ""] = /"-localip","([^"]+)"/.exec(text) ?? /-localip[= ]([0-9a-fA-F:.,]+)/.exec(text) ?? [];
  return addresses.split(",").filter((address) => address !== "" && address !== clusterIp);
}

/** Networks by the names of their agents, and whether they enforce network policies. */
const NETWORKS: [RegExp, string, boolean][] = [
  [/^cilium$/, "Cilium", true],
  [/^calico-node$/, "Calico", true],
  [/^kube-router$/, "kube-router", true],
  [/^antrea-agent$/, "Antrea", true],
  [/^ovnkube-node$/, "OVN-Kubernetes", true],
  [/^weave-net$/, "Weave Net", true],
  [/^azure-npm$/, "Azure's policy manager", true],
  [/^anetd$/, "GKE Dataplane V2", true],
  [/^aws-node$/, "the VPC network of Amazon", false],
  [/^kube-flannel/, "Flannel", false],
];

function networkOf({ lists }: Observed): Pick<Facts, "network"> {
  const agents = lists.daemonSets.map(({ metadata }) => metadata.name);
  const found = NETWORKS.find(([pattern]) => agents.some((name) => pattern.test(name)));
  if (found === undefined) return {};
  const [, name, enforces] = found;
  const aws = lists.daemonSets.find(({ metadata }) => metadata.name === "aws-node");
  return {
    network: { name, enforces: enforces || JSON.stringify(aws?.spec ?? {}).includes("--enable-network-policy=true") },
  };
}

/** Backends of pools, by the definitions that they bring along. */
const BACKENDS: Record<string, string> = {
  "ec2nodeclasses.karpenter.k8s.aws": "karpenter-aws",
  "aksnodeclasses.karpenter.azure.com": "karpenter-azure",
  "kwoknodeclasses.karpenter.kwok.sh": "karpenter-kwok",
  "computeclasses.cloud.google.com": "gke-compute-class",
  "machinedeployments.cluster.x-k8s.io": "cluster-api",
};

function backendsOf({ lists }: Observed): string[] {
  const definitions = lists.definitions.map(({ metadata }) => metadata.name);
  return Object.entries(BACKENDS).flatMap(([name, backend]) => (definitions.includes(name) ? [backend] : []));
}
