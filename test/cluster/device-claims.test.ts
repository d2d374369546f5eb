import { strict as assert } from "node:assert";
import { rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Deployment, KubernetesObject } from "../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../components/plan/platform";
import type { GpuSpec, NodePoolSpec, PlatformSpec, TenantSpec } from "../../components/spec/index";
import { POOL_KEY } from "../../components/spec/node-pool/key";
import { ensureTools } from "../../tools/install";
import { simulatedNode } from "../../tools/local-cluster/base-objects";
import { localClusterTools, resetCluster, startCluster } from "../../tools/local-cluster/cluster";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { scratchDirectory } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { eventually } from "../support/wait";
import { apply } from "./pods";

const MODEL = "qwen2.5:0.5b";
const DRIVER = "gpu.nvidia.com";
/** A class that pods claim, and one that offers its devices by the name of a resource. */
const CLASS = "gpu.nvidia.com";
const OFFERED = { deviceClass: "offered.nvidia.com", resource: "nvidia.com/gpu" };
const NAMESPACE = "tenant-finance";
/** Devices of a pool's one node: one fewer than its tenant's quota. */
const DEVICES = 2;
const QUOTA = 3;

/** A pool of one tenant's own, whose GPUs a driver gives out by claims. */
const pool = (tenant: string, gpu: Pick<GpuSpec, "deviceClass" | "resource">): NodePoolSpec => ({
  name: tenant,
  backend: "existing",
  tenancy: "dedicated",
  tenant,
  gpu: { ...gpu, memoryGiB: 24, countPerNode: QUOTA },
  limits: { cpu: "64", memory: "256Gi", gpus: QUOTA },
});

const tenant = (name: string): TenantSpec => ({
  name,
  models: { allow: [MODEL] },
  server: { nodePool: name, gpus: 1, cpu: "1", memory: "4Gi" },
  autoscaling: { maxReplicas: QUOTA },
});

/** A tenant whose pods claim their GPUs, one whose pods request them by the resource that the class offers, and one without GPUs. */
const PLATFORM: PlatformSpec = {
  environment: "test",
  cluster: { guard: { deployers: ["local-deployer"] } },
  nodePools: [pool("finance", { deviceClass: CLASS }), pool("research", OFFERED)],
  models: [{ name: MODEL }],
  tenants: [
    tenant("finance"),
    tenant("research"),
    { name: "hr", models: { allow: [MODEL] }, server: { cpu: "1", memory: "4Gi" } },
  ],
};

const AMOUNTS = { cpu: "64", memory: "256Gi", "ephemeral-storage": "500Gi", pods: "50" };

/** What the driver of a real cluster says of a node: its devices. */
const driverOn = (name: string): object[] => {
  const poolLabel = { [POOL_KEY]: name };
  return [
    {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        labels: { ...poolLabel, "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" },
        annotations: { [simulatedNode.annotation]: simulatedNode.value },
      },
      spec: { taints: Object.entries(poolLabel).map(([key, value]) => ({ key, value, effect: "NoSchedule" })) },
      status: { allocatable: AMOUNTS, capacity: AMOUNTS },
    },
    {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceSlice",
      metadata: { name },
      spec: {
        driver: DRIVER,
        nodeName: name,
        pool: { name, generation: 1, resourceSliceCount: 1 },
        devices: Array.from({ length: DEVICES }, (_, index) => ({ name: `gpu-${index}` })),
      },
    },
  ];
};

const deviceClass = (name: string, offer: object = {}): object => ({
  apiVersion: "resource.k8s.io/v1",
  kind: "DeviceClass",
  metadata: { name },
  spec: { selectors: [{ cel: { expression: `device.driver == "${DRIVER}"` } }], ...offer },
});

const DRIVER_OBJECTS: object[] = [
  deviceClass(CLASS),
  deviceClass(OFFERED.deviceClass, { extendedResourceName: OFFERED.resource }),
  ...["finance", "research"].flatMap(driverOn),
];

interface Pod {
  metadata: { name: string };
  spec: { nodeName?: string };
  status: { phase: string; conditions?: { message?: string }[] };
}

interface Claim {
  metadata: { name: string };
  status?: { allocation?: { devices: { results: { device: string }[] } } };
}

/** What stands before pods, and the server; the autoscaler would set its own number of replicas. */
const isWanted = ({ kind }: KubernetesObject) => !["HorizontalPodAutoscaler", "Ingress"].includes(kind);

describe("GPUs by dynamic resource allocation, on a real control plane with a simulated driver", function () {
  this.timeout(600_000);
  const directory = scratchDirectory("claims");
  const cluster = path.join(directory, "cluster");
  const plan = planPlatform(PLATFORM);
  let admin: Kubectl;
  let deployer: Kubectl;

  before("start the cluster, its driver and the platform with its guard", async () => {
    const tools = await ensureTools([...localClusterTools, "kubectl"]);
    const { kubeconfig } = await startCluster({ directory: cluster, tools });
    admin = kubectlWith(tools, kubeconfig);
    deployer = kubectlWith(tools, clusterLayout(cluster).deployerKubeconfig);
    await applied(admin, DRIVER_OBJECTS);
    await applied(deployer, platformObjects(plan).filter(isWanted));
    for (const namespace of [NAMESPACE, "tenant-research"]) {
      const scaled = await deployer("scale", "deployment/ollama", `--replicas=${QUOTA}`, "--namespace", namespace);
      assert.equal(scaled.code, 0, scaled.stderr);
    }
  });
  after(async () => {
    await resetCluster({ directory: cluster });
    rmSync(directory, { recursive: true, force: true });
  });

  /** Brings objects to what is given; classes and accounts are there a moment after what they belong to. */
  const applied = (kubectl: Kubectl, objects: object[]) =>
    eventually("the objects to be taken", 180, async () => {
      const file = path.join(directory, "objects.json");
      writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
      const { code, stderr } = await kubectl("apply", "--server-side", "--force-conflicts", "-f", file);
      if (code !== 0) throw new Error(stderr);
      return true;
    });

  const items = async <T>(kind: string, namespace = NAMESPACE): Promise<T[]> =>
    (await kubectlJson<{ items: T[] }>(admin, "get", kind, "--namespace", namespace)).items;
  const running = async (namespace = NAMESPACE) =>
    (await items<Pod>("pods", namespace)).filter(({ status }) => status.phase === "Running");
  const messages = async () =>
    (await admin("get", "events", "--namespace", NAMESPACE, "-o", "jsonpath={range ..items[*]}{.message}{'\\n'}{end}"))
      .stdout;

  for (const [name, how] of [
    ["finance", "claims"],
    ["research", "requests by a resource"],
  ] as const) {
    const namespace = `tenant-${name}`;

    it(`gives each pod of a server that ${how} a device of its own`, async () => {
      const pods = await eventually("two running pods", 180, async () => {
        const found = await running(namespace);
        return found.length >= DEVICES ? found : undefined;
      });
      const given = (await items<Claim>("resourceclaims", namespace)).flatMap(
        ({ status }) => status?.allocation?.devices.results.map(({ device }) => device) ?? [],
      );
      assert.deepEqual(given.sort(), ["gpu-0", "gpu-1"]);
      assert.deepEqual(
        pods.map(({ spec }) => spec.nodeName),
        [name, name],
      );
    });

    it(`lets the pod wait that ${how} a device of which none is left`, async () => {
      const waiting = await eventually("the scheduler's verdict on the third pod", 120, async () =>
        (await items<Pod>("pods", namespace)).find(({ status }) =>
          status.conditions?.some(({ message = "" }) => /cannot allocate all claims/.test(message)),
        ),
      );
      assert.equal(waiting.spec.nodeName, undefined);
      assert.equal((await running(namespace)).length, DEVICES);
    });
  }

  it("makes no claim beyond the tenant's quota, whoever makes the pod", async () => {
    const server = platformObjects(plan).find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.namespace === NAMESPACE,
    ) as Deployment | undefined;
    const { labels = {} } = server?.spec.template.metadata ?? {};
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "more", namespace: NAMESPACE, labels } };
    // Room for one more pod beside the server's, as for the loader: the devices alone are to be short.
    const created = await apply(deployer, { ...pod, spec: smaller(server) });
    assert.equal(created.code, 0, created.stderr);
    await eventually("the quota's refusal of the claim", 120, async () =>
      /exceeded quota: quota.*(resourceclaims|devices)/.test(await messages()) ? true : undefined,
    );
    assert.equal((await items("resourceclaims")).length, QUOTA);
    assert.equal((await running()).length, DEVICES);
  });

  it("gives the device of a pod that ends to the one that waits", async () => {
    const before = (await running()).map(({ metadata }) => metadata.name);
    await admin("delete", "pod", before[0] ?? "", "--namespace", NAMESPACE, "--wait=false");
    await eventually("another running pod", 120, async () =>
      (await running()).some(({ metadata }) => !before.includes(metadata.name)) ? true : undefined,
    );
  });

  it("gives none to a tenant without GPUs, by the quota, nor to anybody's own claim, by the guard", async () => {
    const devices = { requests: [{ name: "gpu", exactly: { deviceClassName: CLASS, count: 1 } }] };
    const claim = (namespace: string) => ({
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaim",
      metadata: { name: "mine", namespace },
      spec: { devices },
    });
    const answer = (kubectl: Kubectl, namespace: string) => apply(kubectl, claim(namespace), "--dry-run=server");
    // The API server takes quotas and policies into account a moment after they were made.
    const refused = (kubectl: Kubectl, namespace: string, why: RegExp) =>
      eventually(`the refusal of a claim in ${namespace}: ${why}`, 120, async () =>
        why.test((await answer(kubectl, namespace)).stderr) ? true : undefined,
      );
    // The guard does not ask its deployers.
    await refused(deployer, "tenant-hr", /exceeded quota: quota/);
    for (const { name } of PLATFORM.tenants)
      await refused(admin, `tenant-${name}`, /devices are claimed by the platform's own templates only/);
    const elsewhere = await answer(admin, "default");
    assert.equal(elsewhere.code, 0, elsewhere.stderr);
  });

  /** The server's pod, with hardly any processor and memory. */
  const smaller = (server: Deployment | undefined) => {
    const spec = structuredClone(server?.spec.template.spec);
    const little = { cpu: "10m", memory: "16Mi", "ephemeral-storage": "16Mi" };
    for (const one of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])])
      one.resources = { ...one.resources, requests: little, limits: little };
    return spec;
  };
});
