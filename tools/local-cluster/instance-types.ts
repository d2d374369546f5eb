/** An instance type of the simulated cloud. */
interface InstanceType {
  name: string;
  cpu: string;
  memory: string;
  /** Extended resource and how many of it one instance has. */
  gpu?: { resource: string; count: number; product: string };
  /** Price of an hour on demand, in an arbitrary unit: Karpenter takes the cheapest type that fits. */
  price: number;
}

/**
 * Labels by which a NodePool may select instance types, beside those that every Karpenter provider knows
 * (`node.kubernetes.io/instance-type`, `karpenter.sh/capacity-type`, zone, architecture). Types without GPU carry them too, because
 * Karpenter takes a type that says nothing about a label for one that fits.
 */
export const gpuLabels = {
  product: "karpenter.kwok.sh/instance-gpu-name",
  count: "karpenter.kwok.sh/instance-gpu-count",
} as const;

const instanceTypes: readonly InstanceType[] = [
  { name: "general-4", cpu: "4", memory: "16Gi", price: 0.2 },
  { name: "general-16", cpu: "16", memory: "64Gi", price: 0.8 },
  { name: "general-48", cpu: "48", memory: "192Gi", price: 2.4 },
  { name: "l4-1", cpu: "8", memory: "32Gi", gpu: { resource: "nvidia.com/gpu", count: 1, product: "l4" }, price: 1 },
  {
    name: "l4-4",
    cpu: "48",
    memory: "192Gi",
    gpu: { resource: "nvidia.com/gpu", count: 4, product: "l4" },
    price: 4.6,
  },
  {
    name: "a100-1",
    cpu: "12",
    memory: "128Gi",
    gpu: { resource: "nvidia.com/gpu", count: 1, product: "a100" },
    price: 4,
  },
  {
    name: "a100-4",
    cpu: "48",
    memory: "512Gi",
    gpu: { resource: "nvidia.com/gpu", count: 4, product: "a100" },
    price: 16,
  },
  // One A100 of 80 GiB in seven slices, as the device plugin shows it with the strategy `mixed`.
  {
    name: "a100-mig-7",
    cpu: "12",
    memory: "128Gi",
    gpu: { resource: "nvidia.com/mig-1g.10gb", count: 7, product: "a100" },
    price: 4.2,
  },
];

const zones = ["local-a", "local-b"];
const spotDiscount = 0.3;

/** The instance types in the file format of Karpenter's simulated provider (its embedded `instance_types.json`). */
export function instanceTypesFile(): string {
  return `${JSON.stringify(instanceTypes.map(toProviderFormat), undefined, 2)}\n`;
}

function toProviderFormat(type: InstanceType): object {
  const isIn = (key: string, value: string) => ({ key, operator: "In", values: [value] });
  const offering = (capacityType: string, price: number, zone: string) => ({
    Price: price,
    Available: true,
    Requirements: [
      isIn("karpenter.sh/capacity-type", capacityType),
      isIn("topology.kubernetes.io/zone", zone),
      isIn(gpuLabels.product, type.gpu?.product ?? "none"),
      isIn(gpuLabels.count, String(type.gpu?.count ?? 0)),
    ],
  });
  return {
    name: type.name,
    offerings: zones.flatMap((zone) => [
      offering("on-demand", type.price, zone),
      offering("spot", type.price * spotDiscount, zone),
    ]),
    architecture: "amd64",
    operatingSystems: ["linux"],
    resources: {
      cpu: type.cpu,
      memory: type.memory,
      "ephemeral-storage": "200Gi",
      pods: "110",
      ...(type.gpu === undefined ? {} : { [type.gpu.resource]: String(type.gpu.count) }),
    },
  };
}
