import * as assert from "node:assert/strict";
import * as path from "node:path";
import type { ModelStoreSpec, PlatformSpec } from "../../../components/spec/index";
import type { Deployment, KubernetesObject, NetworkPolicy, PodSpec } from "../../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import type { Job, PersistentVolume, PersistentVolumeClaim } from "../../../components/plan/store/objects";
import { sourceHost } from "../../../components/spec/model-store";
import { faultsOfPlatform } from "../../support/faults";
import { platform } from "./fixture";

const registries = [{ host: "registry.ollama.ai", cidrs: ["203.0.113.0/28"] }];

/** A shared store on NFS. */
function shared(change: Partial<ModelStoreSpec> = {}): ModelStoreSpec {
  return { size: "500Gi", volume: { nfs: { server: "nfs.example.com", path: "/models" } }, registries, ...change };
}

function objectsOf(modelStore: ModelStoreSpec | undefined, change: Partial<PlatformSpec> = {}): KubernetesObject[] {
  return platformObjects(planPlatform({ ...platform(), ...change, modelStore }));
}

function faultsOf(modelStore: ModelStoreSpec): string[] {
  return faultsOfPlatform({ ...platform(), modelStore }).map(({ path: place, problem }) => `${place}: ${problem}`);
}

function all<T extends KubernetesObject>(objects: KubernetesObject[], kind: T["kind"], namespace?: string): T[] {
  return objects.filter(
    (object) => object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace),
  ) as T[];
}

const SYSTEM = "ollama-platform-system";

describe("A shared model store", () => {
  const objects = objectsOf(shared());
  const tenants = platform().tenants.map(({ name }) => name);

  it("is written in the platform's namespace and read in each tenant's, by nobody else", () => {
    const claims = all<PersistentVolumeClaim>(objects, "PersistentVolumeClaim");
    assert.deepEqual(
      claims.map(({ metadata, spec }) => [metadata.namespace, spec.accessModes]).sort(),
      [[SYSTEM, ["ReadWriteMany"]], ...tenants.map((name) => [`tenant-${name}`, ["ReadOnlyMany"]])].sort(),
    );
  });

  it("has a volume for each claim and a claim for each volume, of no class", () => {
    const volumes = all<PersistentVolume>(objects, "PersistentVolume");
    for (const claim of all<PersistentVolumeClaim>(objects, "PersistentVolumeClaim")) {
      const volume = volumes.find(({ metadata }) => metadata.name === claim.spec.volumeName);
      assert.equal(volume?.spec.claimRef?.namespace, claim.metadata.namespace);
      assert.equal(volume?.spec.claimRef?.name, claim.metadata.name);
      assert.equal(volume?.spec.storageClassName, "");
      assert.equal(claim.spec.storageClassName, "");
      assert.equal(volume?.spec.persistentVolumeReclaimPolicy, "Retain");
    }
  });

  it("shows each tenant a folder of its own, read-only at the source, the claim and the mount", () => {
    const seen = new Set<string>();
    for (const name of tenants) {
      const volume = all<PersistentVolume>(objects, "PersistentVolume").find(
        ({ spec }) => spec.claimRef?.namespace === `tenant-${name}`,
      );
      assert.deepEqual(volume?.spec.nfs, { server: "nfs.example.com", path: `/models/views/${name}`, readOnly: true });
      seen.add(volume?.spec.nfs?.path ?? "");
      const [deployment] = all<KubernetesObject & { spec: { template: { spec: PodSpec } } }>(
        objects,
        "Deployment",
        `tenant-${name}`,
      );
      const pod = deployment!.spec.template.spec;
      const models = (pod.volumes ?? []).find((one) => one.name === "models");
      assert.deepEqual(models?.persistentVolumeClaim, { claimName: "models", readOnly: true });
      const mounts = [...(pod.initContainers ?? []), ...pod.containers].flatMap(
        ({ volumeMounts = [] }) => volumeMounts,
      );
      for (const mount of mounts.filter((one) => one.name === "models")) assert.equal(mount.readOnly, true);
    }
    assert.equal(seen.size, tenants.length);
  });

  for (const [where, node, key, value] of [
    ["on the one node that has it", "node-1", "kubernetes.io/hostname", "node-1"],
    ["on any node where all have it", undefined, "kubernetes.io/os", "linux"],
  ] as const) {
    it(`leads to a folder of the nodes, ${where}`, () => {
      const volume = { local: { path: "/models", ...(node === undefined ? {} : { node }) } };
      // On a pool of its own a tenant's servers would never be on the one node.
      const anywhere = platform().tenants.map((tenant) => ({
        ...tenant,
        isolationLevel: "shared" as const,
        server: {},
      }));
      const volumes = all<PersistentVolume>(objectsOf(shared({ volume }), { tenants: anywhere }), "PersistentVolume");
      assert.equal(new Set(volumes.map(({ spec }) => spec.local?.path)).size, tenants.length + 1);
      for (const { spec } of volumes) {
        const [term] = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
        assert.deepEqual(term?.matchExpressions, [{ key, operator: "In", values: [value] }]);
      }
    });
  }

  it("gives CSI volumes handles of their own", () => {
    const csi = { driver: "efs.csi.aws.com", volumeHandle: "fs-1:/m{folder}", volumeAttributes: { sub: "{folder}" } };
    const volumes = all<PersistentVolume>(objectsOf(shared({ volume: { csi } })), "PersistentVolume");
    assert.equal(new Set(volumes.map(({ spec }) => spec.csi?.volumeHandle)).size, tenants.length + 1);
    for (const { spec } of volumes) assert.equal(spec.csi?.readOnly, spec.claimRef?.namespace !== SYSTEM);
  });

  it("asks the loader for the models that tenants may use, each once, and for no other", () => {
    const [request] = requestsOf(objects);
    const views = Object.values(request!.views).flat();
    assert.deepEqual(
      request!.models.map(({ name }) => name),
      [...new Set(views)].sort(),
    );
    assert.deepEqual(Object.keys(request!.views).sort(), [...tenants].sort());
  });

  it("has one Job, whose name changes with what it is asked for and with nothing else", () => {
    const name = (list: KubernetesObject[]) => all<Job>(list, "Job").map(({ metadata }) => metadata.name);
    const tenant = platform().tenants[0]!;
    const moved = { ...tenant, models: { allow: tenant.models.allow.slice(0, 1) } };
    assert.equal(name(objects).length, 1);
    assert.deepEqual(name(objectsOf(shared())), name(objects));
    assert.notDeepEqual(name(objectsOf(shared(), { tenants: [moved, ...platform().tenants.slice(1)] })), name(objects));
    assert.deepEqual(
      name(objectsOf(shared(), { tenants: [{ ...tenant, displayName: "X" }, ...platform().tenants.slice(1)] })),
      name(objects),
    );
  });

  it("has its Job recreated by the next update when it has failed", () => {
    const jobs = all<Job>(objects, "Job");
    assert.deepEqual(
      jobs.map(({ metadata }) => metadata.annotations),
      [{ "pulumi.com/replaceUnready": "true" }],
    );
  });

  it("lets the loader reach the registries and DNS, and lets nobody reach the loader", () => {
    const policies = all<NetworkPolicy>(objects, "NetworkPolicy", SYSTEM);
    assert.deepEqual(
      policies.flatMap(({ spec }) => spec.ingress ?? []),
      [],
    );
    assert.ok(
      policies.some(({ spec }) => spec.policyTypes?.length === 2 && Object.keys(spec.podSelector ?? {}).length === 0),
    );
    const ranges = policies
      .flatMap(({ spec }) => spec.egress ?? [])
      .flatMap(({ to = [] }) => to.map((peer) => peer.ipBlock));
    assert.deepEqual(
      ranges.filter((range) => range !== undefined),
      [{ cidr: "203.0.113.0/28" }],
    );
  });

  it("keeps metadata services closed inside a wide range", () => {
    const wide = shared({ registries: [{ host: "registry.ollama.ai", cidrs: ["0.0.0.0/0"] }] });
    const [policy] = all<NetworkPolicy>(objectsOf(wide), "NetworkPolicy", SYSTEM).filter(
      ({ metadata }) => metadata.name === "allow-registries",
    );
    assert.ok(policy?.spec.egress?.[0]?.to?.[0]?.ipBlock?.except?.includes("169.254.0.0/16"));
  });

  it("runs the loader without rights: no root, no token, no writable root, no capability", () => {
    const [job] = all<Job>(objects, "Job");
    const pod = job!.spec.template.spec!;
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(pod.securityContext?.runAsNonRoot, true);
    for (const { securityContext } of pod.containers) {
      assert.equal(securityContext?.readOnlyRootFilesystem, true);
      assert.deepEqual(securityContext?.capabilities, { drop: ["ALL"] });
    }
  });

  it("is refused with every fault at once", () => {
    const faults = faultsOf({
      storageClass: "fast",
      registries: [{ host: "not a host" }],
      proxy: { url: "http://user:pa55word@proxy:3128", cidrs: [] },
    });
    for (const text of [
      "modelStore.size: is missing",
      "modelStore.volume: names no source",
      "modelStore.storageClass: is for dedicated",
      "has no registry.ollama.ai",
      "modelStore.registries[0].host",
      "contains credentials",
      "modelStore.proxy.cidrs: is empty",
    ]) {
      assert.ok(
        faults.some((fault) => fault.includes(text)),
        `${text} is not in ${faults.join("\n")}`,
      );
    }
    assert.ok(!faults.join().includes("pa55word"));
  });

  it("is refused where the loader could reach a metadata service, or a path leads out", () => {
    assert.match(
      faultsOf(shared({ registries: [{ host: "registry.ollama.ai", cidrs: ["169.254.169.254/32"] }] })).join(),
      /no pod may reach/,
    );
    assert.match(
      faultsOf(shared({ volume: { nfs: { server: "nfs", path: "/a/../b" } } })).join(),
      /is not the path of one folder/,
    );
    assert.match(
      faultsOf(shared({ volume: { csi: { driver: "d", volumeHandle: "h" } } })).join(),
      /has no `\{folder\}`/,
    );
  });
});

describe("Dedicated model stores", () => {
  const objects = objectsOf({ mode: "dedicated", registries });

  it("are in the tenants' namespaces alone, each with a loader for its models", () => {
    assert.deepEqual(
      all(objects, "Namespace").filter(({ metadata }) => metadata.name === SYSTEM),
      [],
    );
    assert.deepEqual(all(objects, "PersistentVolume"), []);
    const requests = requestsOf(objects);
    assert.equal(requests.length, platform().tenants.length);
    for (const { views } of requests) assert.deepEqual(views, {});
  });

  it("open the registries for the loader's pods only", () => {
    const opened = all<NetworkPolicy>(objects, "NetworkPolicy").filter(
      ({ metadata }) => metadata.name === "allow-registries",
    );
    assert.equal(opened.length, platform().tenants.length);
    for (const { spec } of opened) {
      assert.deepEqual(spec.podSelector, { matchLabels: { "app.kubernetes.io/name": "model-loader" } });
    }
  });

  it("on volumes that one node mounts wait for the old replica, and load beside the server", () => {
    const tenants = platform().tenants.map((tenant) => ({ ...tenant, autoscaling: { maxReplicas: 1 } }));
    const once = objectsOf({ mode: "dedicated", accessMode: "ReadWriteOnce", registries }, { tenants });
    for (const { spec } of all<PersistentVolumeClaim>(once, "PersistentVolumeClaim")) {
      assert.deepEqual(spec?.accessModes, ["ReadWriteOnce"]);
    }
    for (const { spec } of all<Deployment>(once, "Deployment")) {
      assert.deepEqual(spec.strategy?.rollingUpdate, { maxSurge: 0, maxUnavailable: 1 });
    }
    for (const { spec, metadata } of all<Job>(once, "Job")) {
      const [near] = spec.template.spec?.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      assert.equal(near?.podAffinityTerm.topologyKey, "kubernetes.io/hostname");
      assert.equal(
        near?.podAffinityTerm.labelSelector?.matchLabels?.["ollama-platform.io/tenant"],
        metadata.namespace?.replace("tenant-", ""),
      );
    }
    assert.ok(all<Deployment>(objects, "Deployment").some(({ spec }) => spec.strategy?.rollingUpdate?.maxSurge === 1));
  });

  it("neither load nor reach anything while their tenant is suspended", () => {
    const tenants = platform().tenants.map((tenant) => ({ ...tenant, suspended: true }));
    const closed = objectsOf({ mode: "dedicated", registries }, { tenants });
    assert.deepEqual(all(closed, "Job"), []);
    assert.equal(all(closed, "PersistentVolumeClaim").length, tenants.length);
    assert.deepEqual(
      all(closed, "NetworkPolicy").filter(({ metadata }) => metadata.name === "allow-registries"),
      [],
    );
  });
});

describe("The Secret that images are pulled with", () => {
  it("is named by every pod of the platform, and by none without it", () => {
    for (const modelStore of [shared(), { mode: "dedicated", registries } as const]) {
      const pods = (objects: KubernetesObject[]) => [
        ...all<Deployment>(objects, "Deployment").map(({ spec }) => spec.template.spec),
        ...all<Job>(objects, "Job").map(({ spec }) => spec.template.spec),
      ];
      const named = pods(objectsOf(modelStore, { images: { pullSecret: "registry-credentials" } }));
      assert.ok(named.length > 3);
      for (const pod of named) assert.deepEqual(pod?.imagePullSecrets, [{ name: "registry-credentials" }]);
      for (const pod of pods(objectsOf(modelStore))) assert.equal(pod?.imagePullSecrets, undefined);
    }
  });
});

describe("The registry of a model's source", () => {
  it("is the one that the loader reads", async () => {
    const file = path.join(__dirname, "..", "..", "..", "components", "store", "loader", "reference.mjs");
    const { parseSource } = (await import(file)) as { parseSource(text: string): { host: string } };
    for (const text of [
      "llama3.1:8b",
      "team/model",
      "registry.example.com/model:v1",
      "localhost/model",
      "host:5000/a/b/c:v1",
      "hf.co/org/repo:Q4_K_M",
      `registry.example.com/a/b@sha256:${"a".repeat(64)}`,
    ]) {
      assert.equal(sourceHost(text), parseSource(text).host, text);
    }
  });
});

interface Request {
  models: { name: string }[];
  views: Record<string, string[]>;
}

function requestsOf(objects: KubernetesObject[]): Request[] {
  return all<KubernetesObject & { data?: Record<string, string> }>(objects, "ConfigMap").flatMap(({ data = {} }) =>
    data["request.json"] === undefined ? [] : [JSON.parse(data["request.json"]) as Request],
  );
}
