/** Network ranges of a cluster, from wherever it tells them. */
import { isIP } from "node:net";
import { contains, parseCidr, type Cidr } from "../../components/spec/cidr";
import type { Live, Observed } from "./observe";

/** Something that was found, or that could not be. */
export interface Found<T> {
  value: T;
  /** Where it is from, or why it is a guess. */
  from: string;
  /** Whether someone should look at it. */
  isGuess: boolean;
}

const sure = <T>(value: T, from: string): Found<T> => ({ value, from, isGuess: false });
const guess = <T>(value: T, from: string): Found<T> => ({ value, from, isGuess: true });

/** Flags of the control plane's own pods, where they run in the cluster. */
function flag({ lists }: Observed, name: string): string[] {
  const words = lists.systemPods.flatMap(({ spec }) =>
    ((spec?.["containers"] ?? []) as { command?: string[]; args?: string[] }[]).flatMap(
      ({ command = [], args = [] }) => [...command, ...args],
    ),
  );
  const found = words.find((word) => word.startsWith(`--${name}=`));
  return found === undefined ? [] : rangesIn(found.slice(name.length + 3));
}

/** One line of kubeadm's own configuration. */
function ofKubeadm({ lists }: Observed, key: string): string[] {
  const config = lists.systemConfigMaps.find(({ metadata }) => metadata.name === "kubeadm-config");
  const [, text = ""] = new RegExp(`${key}: *"?([^"\\n]+)"?`).exec(config?.data?.["ClusterConfiguration"] ?? "") ?? [];
  return rangesIn(text);
}

function rangesIn(text: string): string[] {
  return text.split(",").flatMap((part) => {
    try {
      return [parseCidr(part.trim()).text];
    } catch {
      return [];
    }
  });
}

function ofOpenShift({ lists }: Observed, field: "clusterNetwork" | "serviceNetwork"): string[] {
  const listed = (lists.networks[0]?.status?.[field] ?? []) as (string | { cidr?: string })[];
  return listed.flatMap((one) => rangesIn(typeof one === "string" ? one : (one.cidr ?? "")));
}

/** Ranges of pods: as the control plane, kubeadm, OpenShift or the network has them, else around those of the nodes. */
export function podRanges(observed: Observed): Found<string[]> {
  const { lists } = observed;
  const cilium = lists.systemConfigMaps.find(({ metadata }) => metadata.name === "cilium-config")?.data ?? {};
  const sources: [string, string[]][] = [
    ["flag --cluster-cidr of the control plane", flag(observed, "cluster-cidr")],
    ["kubeadm's configuration", ofKubeadm(observed, "podSubnet")],
    ["OpenShift's network", ofOpenShift(observed, "clusterNetwork")],
    ["Calico's pools", lists.addressPools.flatMap(({ spec }) => rangesIn(String(spec?.["cidr"] ?? "")))],
    [
      "Cilium's configuration",
      rangesIn(`${cilium["cluster-pool-ipv4-cidr"] ?? ""},${cilium["cluster-pool-ipv6-cidr"] ?? ""}`),
    ],
  ];
  const found = sources.find(([, ranges]) => ranges.length > 0);
  if (found !== undefined) return sure(found[1], found[0]);
  const ofNodes = lists.nodes.flatMap(({ spec }) => (spec?.["podCIDRs"] ?? []) as string[]).flatMap(rangesIn);
  const pods = lists.systemPods.flatMap(({ spec, status }) =>
    spec?.["hostNetwork"] === true ? [] : ((status?.["podIPs"] ?? []) as { ip: string }[]).map(({ ip }) => ip),
  );
  const around = covering([...ofNodes, ...pods], { 4: 16, 6: 56 });
  return around.length > 0
    ? guess(around, "drawn around the nodes' own pod ranges and the pods that run")
    : guess(["10.244.0.0/16"], "not found: the default of many networks");
}

/** Ranges of services: as ServiceCIDR objects, the control plane, kubeadm or OpenShift have them, else around those there are. */
export function serviceRanges(observed: Observed): Found<string[]> {
  const { lists } = observed;
  const objects = lists.serviceCidrs.flatMap(({ spec }) => (spec?.["cidrs"] ?? []) as string[]);
  const sources: [string, string[]][] = [
    ["ServiceCIDR objects", objects.flatMap(rangesIn)],
    ["flag --service-cluster-ip-range of the control plane", flag(observed, "service-cluster-ip-range")],
    ["kubeadm's configuration", ofKubeadm(observed, "serviceSubnet")],
    ["OpenShift's network", ofOpenShift(observed, "serviceNetwork")],
  ];
  const found = sources.find(([, ranges]) => ranges.length > 0);
  if (found !== undefined) return sure(found[1], found[0]);
  const addresses = lists.services.flatMap(({ spec }) => (spec?.["clusterIPs"] ?? []) as string[]);
  const around = covering(addresses, { 4: 12, 6: 108 });
  return around.length > 0
    ? guess(around, "drawn around the services that there are")
    : guess(["10.96.0.0/12"], "not found: kubeadm's default");
}

/** Ranges of nodes, drawn around their addresses. */
export function nodeRanges({ lists }: Observed): Found<string[]> {
  const addresses = lists.nodes.flatMap(({ status }) =>
    ((status?.["addresses"] ?? []) as { type: string; address: string }[])
      .filter(({ type }) => type === "InternalIP")
      .map(({ address }) => address),
  );
  return guess(
    covering(addresses, { 4: 24, 6: 64 }),
    "drawn around the nodes' addresses: write the subnets that nodes may be in",
  );
}

/** Address families of services, which every cluster tells. */
export function families(ranges: readonly string[]): string[] {
  const found = new Set(ranges.map((text) => parseCidr(text).family));
  return [...(found.has(4) ? ["IPv4"] : []), ...(found.has(6) ? ["IPv6"] : [])];
}

/** The ranges of these lengths that addresses and ranges lie in, each once. */
function covering(texts: readonly string[], lengths: { 4: number; 6: number }): string[] {
  const ranges = texts.flatMap((text): Cidr[] => {
    const [address = "", length] = text.split("/");
    const family = isIP(address);
    if (family !== 4 && family !== 6) return [];
    return [rangeAround(address, family, Math.min(lengths[family], Number(length ?? lengths[family])))];
  });
  const distinct = [...new Map(ranges.map((range) => [range.text, range])).values()];
  return distinct
    .filter((range) => !distinct.some((other) => other !== range && contains(other, range)))
    .map(({ text }) => text)
    .sort();
}

/** The range of a length that an address lies in. */
function rangeAround(address: string, family: 4 | 6, length: number): Cidr {
  try {
    return parseCidr(`${address}/${length}`);
  } catch (error) {
    // The refusal of an address with host bits names the range.
    const [, range = `${address}/${family === 4 ? 32 : 128}`] =
      /`([^`]+)`/.exec((error as { fault?: { fix?: string } }).fault?.fix ?? "") ?? [];
    return parseCidr(range);
  }
}

/** Nodes of one kind of GPU. */
export interface GpuNodes {
  resource: string;
  product: string;
  perNode: number;
  nodes: number;
  /** Memory of one GPU in GiB, as NVIDIA's feature discovery tells it. */
  memoryGiB?: number;
  taints: string[];
}

/** GPUs of the nodes that there are, by resource and product. */
export function gpuNodes({ lists }: Observed): GpuNodes[] {
  const kinds = new Map<string, GpuNodes>();
  for (const { metadata, spec, status } of lists.nodes) {
    const allocatable = (status?.["allocatable"] ?? {}) as Record<string, string>;
    for (const [resource, count] of Object.entries(allocatable)) {
      if (!/^(nvidia|amd)\.com\/|^gpu\.intel\.com\//.test(resource) || Number(count) < 1) continue;
      const { labels = {} } = metadata;
      const product = labels["nvidia.com/gpu.product"] ?? labels["node.kubernetes.io/instance-type"] ?? "unknown";
      const key = `${resource} ${product} ${count}`;
      const known = kinds.get(key);
      const memory = Number(labels["nvidia.com/gpu.memory"]);
      kinds.set(key, {
        resource,
        product,
        perNode: Number(count),
        nodes: (known?.nodes ?? 0) + 1,
        ...(Number.isFinite(memory) ? { memoryGiB: Math.floor(memory / 1024) } : {}),
        taints: taintsOf(spec),
      });
    }
  }
  return [...kinds.values()];
}

function taintsOf(spec: Live["spec"]): string[] {
  const taints = (spec?.["taints"] ?? []) as { key: string; value?: string; effect: string }[];
  return taints.map(({ key, value, effect }) => `${key}${value === undefined ? "" : `=${value}`}:${effect}`);
}
