import { strict as assert } from "node:assert";
import { parse } from "yaml";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { PlatformSpec } from "../../../components/spec/index";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { DeclarationError } from "../../../components/spec/fault";
import { repositoryRoot } from "../../../tools/local/paths";
import { BACKENDS, environmentOn } from "../../support/node-pools";
import { fieldsOfEnvironment, type Field } from "./support/fields";

/** What a declaration makes, without the declaration itself; undefined when it is refused. */
function made(spec: PlatformSpec): string | undefined {
  try {
    const plan = planPlatform(structuredClone(spec));
    const protects = [plan.modelStore?.protect, ...plan.tenants.map(({ models }) => models.protect)];
    return JSON.stringify([platformObjects(plan), protects]);
  } catch (error) {
    if (error instanceof DeclarationError) return undefined;
    throw error;
  }
}

const registries = [{ host: "registry.ollama.ai", cidrs: ["203.0.113.0/28"] }];
const { cluster: prodCluster } = (() => {
  const prod = parse(readFileSync(path.join(repositoryRoot, "Pulumi.prod.yaml"), "utf8")) as {
    config: Record<string, PlatformSpec["cluster"]>;
  };
  return { cluster: prod.config["ollama-platform:cluster"] };
})();

/** A tenant that uses what an environment offers. */
const tenant: PlatformSpec["tenants"][number] = {
  name: "hr",
  models: { allow: ["llama3.1:8b"] },
  access: { clients: [{ name: "batch", serviceAccount: { namespace: "hr-apps", name: "batch" } }] },
  network: { egressTo: [{ cidr: "0.0.0.0/0", ports: [{ port: 443 }] }] },
  ingress: { hosts: ["hr.models.example.com"], tlsSecret: "hr-tls" },
};

/** Environments that together use everything. */
function environments(): PlatformSpec[] {
  const { serviceAccountIssuer, guard, ingressControllers, monitoring } = prodCluster ?? {};
  const common = {
    environment: "test",
    cluster: {
      nodeCidrs: ["192.168.0.0/24"],
      sandboxRuntimeClass: "gvisor",
      serviceAccountIssuer,
      guard,
      ingressControllers,
      monitoring,
      monitor: { apiServerCidrs: ["192.168.10.1/32"] },
      sharedLimits: { storageSize: "1Gi", storageClass: "block" },
      dns: { namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" }, nodeLocalAddresses: ["169.254.25.10"] },
    },
    models: [{ name: "llama3.1:8b" }],
    tenants: [tenant],
  } satisfies PlatformSpec;
  const onClass = { ...common, ingress: { domain: "models.example.com", ingressClass: "nginx" } };
  const pools = BACKENDS.flatMap((backend) => {
    const dedicated = environmentOn(backend, "dedicated", "dedicated-nodes");
    const sliced = environmentOn(backend, "dedicated slices", "dedicated-nodes");
    const karpenter = backend.startsWith("karpenter-");
    const rich = dedicated.nodePools?.map((pool) => ({
      ...pool,
      taints: [{ key: "sku", value: "gpu", effect: "NoSchedule" }],
      ...(karpenter
        ? {
            requirements: [{ key: "example.com/kind", operator: "In", values: ["a", "b"] }],
            startupTaints: [{ key: "example.com/not-ready", value: "yes", effect: "NoExecute" }],
            capacityTypes: ["on-demand"],
            disruption: {
              budgets: [{ nodes: "2", schedule: "@daily", duration: "1h", reasons: ["Drifted"] }],
            },
          }
        : {}),
    }));
    const reserving = dedicated.nodePools?.map((pool) => ({
      ...pool,
      capacityTypes: ["reserved"],
      ...(pool.aws && { aws: { ...pool.aws, reservationTags: { a: "b" } } }),
    }));
    return [
      dedicated,
      sliced,
      { ...dedicated, nodePools: rich },
      ...(backend === "karpenter-aws" ? [{ ...dedicated, nodePools: reserving }] : []),
    ];
  });
  const sandboxed = environmentOn("existing", "dedicated", "sandboxed");
  return [
    onClass,
    ...["nfs", "csi", "local"].map((kind) => ({
      ...onClass,
      modelStore: {
        size: "500Gi",
        registries,
        volume:
          kind === "nfs"
            ? { nfs: { server: "nfs.example.com", path: "/models" } }
            : kind === "csi"
              ? { csi: { driver: "efs.csi.aws.com", volumeHandle: "fs-1:/models{folder}" } }
              : { local: { path: "/models" } },
      },
    })),
    { ...onClass, modelStore: { mode: "dedicated", registries } },
    {
      ...onClass,
      modelStore: {
        mode: "dedicated",
        registries,
        proxy: { url: "http://proxy.example.com:3128", cidrs: ["203.0.113.64/28"] },
      },
    },
    {
      ...common,
      ingress: {
        domain: "models.example.com",
        gateway: { name: "front", namespace: "gateways", sectionName: "https" },
      },
      tenants: [{ ...tenant, ingress: { hosts: ["hr.models.example.com"] } }],
    },
    ...pools,
    sandboxed,
  ];
}

/** Values that a field may have, as its schema gives them. */
function candidates({ schema }: Field): unknown[] {
  const types = [schema.type ?? []].flat();
  const numbers = [schema.minimum, 1, 2, 3, schema.maximum].filter((value) => value !== undefined);
  const texts = (schema.examples ?? []).filter((example) => typeof example === "string");
  return [
    ...(schema.examples ?? []),
    // Another text of the same form, which most forms take in one of these ways.
    ...texts.flatMap((text) => [
      `${text}x`,
      `x${text}`,
      `1${text}`,
      text.replace(/[0-9](?=[^0-9]*$)/, "7"),
      `${text}/x`,
    ]),
    ...(schema.enum ?? []),
    ...(types.includes("boolean") ? [true, false] : []),
    ...(types.includes("integer") || types.includes("number") ? numbers : []),
    ...(types.includes("array") ? [[]] : []),
    ...(types.includes("array") && Array.isArray(schema.examples?.[0]) ? [schema.examples[0]] : []),
  ];
}

/** Mappings none of whose keys is required, which are made where they are missing. */
const OPTIONAL = ["images", "disruption", "nodeAgents", "nodeSystem"];

/** A copy with another value at a way below the environment; undefined where there is nothing on the way. */
function withValue(spec: PlatformSpec, way: readonly (string | number)[], value: unknown): PlatformSpec | undefined {
  const copy = structuredClone(spec) as unknown as Record<string | number, unknown>;
  let holder = copy;
  for (const [index, step] of way.entries()) {
    if (index === way.length - 1) {
      holder[step] = value;
      return copy as unknown as PlatformSpec;
    }
    const next = holder[step];
    if (next === undefined && OPTIONAL.includes(String(step))) holder[step] = {};
    else if (typeof next !== "object" || next === null) return undefined;
    holder = holder[step] as typeof copy;
  }
  return undefined;
}

/** Values for keys whose examples say what the environments have already, or do not fit into them. */
const VALUES: Record<string, unknown[]> = {
  "cluster.podCidrs": [["10.32.0.0/14"]],
  "cluster.serviceCidrs": [["10.64.0.0/12"]],
  "cluster.ipFamilies": [["IPv6"]],
  "nodePools.0.nodeAgents.cpu": ["15900m"],
  "nodePools.0.nodeAgents.memory": ["63Gi"],
  "nodePools.0.nodeSystem.cpu": ["20"],
  "nodePools.0.nodeSystem.memory": ["100Gi"],
  "nodePools.0.disruption.maxUnavailableNodes": ["2"],
  "nodePools.0.disruption.budgets.0.nodes": ["3"],
  "nodePools.0.gke.gpuPartitionSize": ["1g.18gb"],
  "nodePools.0.clusterApi.bootstrap": [
    { apiGroup: "bootstrap.cluster.x-k8s.io", kind: "KubeadmConfigTemplate", name: "other" },
  ],
  "models.0.quantization": ["Q8_0"],
  "models.0.source": ["registry.ollama.ai/team/llama3.1:8b"],
  "modelStore.registries": [[{ host: "registry.ollama.ai", cidrs: ["203.0.113.32/28"] }]],
  "modelStore.registries.0.host": ["registry.ollama.ai:5000"],
};

/** Keys that make no object different: what they say is held against the rest of the declaration, which is refused then. */
const CHECKED_ONLY = [
  "nodePools.0.gpu.memoryGiB",
  "nodePools.0.nodeAgents.cpu",
  "nodePools.0.nodeAgents.memory",
  "nodePools.0.limits.cpu",
  "ingress.domain",
  "cluster.ipFamilies",
  "modelStore.registries.0.host",
];

/** Keys that other parts of a declaration name or follow, so that they cannot change alone; their own tests change them. */
const NAMED_ELSEWHERE = [
  "nodePools.0.name",
  "nodePools.0.backend",
  "nodePools.0.tenant",
  "models",
  "models.0.name",
  "modelStore.mode",
  "cluster.serviceAccountIssuer.jwks.keys",
  "cluster.serviceAccountIssuer.jwks.keys.0.kty",
  "cluster.serviceAccountIssuer.jwks.keys.0.n",
];

describe("a change of one field of a stack file", function () {
  this.timeout(60_000);
  const bases = environments().map((spec) => ({ spec, before: made(spec) }));
  const nameOf = ({ way }: Field) => way.slice(1).join(".");
  // Mappings and items of lists change by what is in them.
  const fields = fieldsOfEnvironment().filter(
    (field) =>
      field.way[0] === "config" &&
      field.schema.properties === undefined &&
      typeof field.way.at(-1) === "string" &&
      !NAMED_ELSEWHERE.includes(nameOf(field)),
  );

  it("begins from environments without faults", () => {
    assert.deepEqual(
      bases.map(({ before }) => before !== undefined),
      bases.map(() => true),
    );
  });

  for (const field of fields) {
    const name = nameOf(field);
    const checked = CHECKED_ONLY.includes(name);
    it(`${checked ? "may be refused" : "changes what is made"}: ${name}`, () => {
      const way = field.way.slice(1);
      const values = VALUES[name] ?? candidates(field);
      // The first value that does what it should is enough.
      const found = bases.some(({ spec, before }) =>
        values.some((value) => {
          const changed = withValue(spec, way, value);
          if (changed === undefined) return false;
          const after = made(changed);
          return checked ? after === undefined : after !== undefined && after !== before;
        }),
      );
      assert.ok(found, `${values.length} values were tried`);
    });
  }
});
