import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { loadStackFile } from "../../components/config/load";
import { IsolationLevel, type NodePoolBackend, type NodePoolSpec } from "../../components/spec/index";
import type { KubernetesObject } from "../../components/plan/kubernetes";
import { planNodePool } from "../../components/plan/node-pool/plan";
import { planPlatform, platformObjects } from "../../components/plan/platform";
import { ensureTools } from "../../tools/install";
import { repositoryRoot } from "../../tools/local/paths";
import { localClusterTools, startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { scratchDirectory } from "../support/environment";
import { kubectlWith, type Kubectl, type KubectlResult } from "../support/kubectl";
import { backendPool, BACKENDS, environmentOn, POOL_CHANGES, VARIANTS, type Variant } from "../support/node-pools";
import { definitionsOf } from "./definitions";

const LEVELS = Object.values(IsolationLevel);

/** Ways to break an object that its definition has to refuse: else acceptance would mean nothing. */
const BROKEN: [NodePoolBackend, string, Variant, (objects: string) => string][] = [
  ["karpenter-kwok", "an unknown field", "dedicated", (text) => text.replace('"taints"', '"taint"')],
  [
    "karpenter-aws",
    "a label of Karpenter's own",
    "dedicated",
    (text) => text.replace('"kubernetes.io/os"', '"kubernetes.io/hostname"'),
  ],
  [
    "karpenter-aws",
    "an unknown label of the cloud",
    "dedicated",
    (text) => text.replace("instance-gpu-name", "instance-gpu-title"),
  ],
  ["karpenter-aws", "a disk without unit", "dedicated", (text) => text.replace('"4Gi"', '"4"')],
  [
    "karpenter-aws",
    "a node class without role",
    "dedicated",
    (text) => text.replace('"role":"KarpenterNodeRole-test",', ""),
  ],
  [
    "karpenter-aws",
    "an overlay of CPU",
    "dedicated slices",
    (text) => text.replace('"capacity":{', '"capacity":{"cpu":"1",'),
  ],
  [
    "karpenter-azure",
    "an unknown label of the cloud",
    "dedicated",
    (text) => text.replace("sku-gpu-name", "sku-gpu-title"),
  ],
  ["karpenter-azure", "a disk of 1 GB", "dedicated", (text) => text.replace('"osDiskSizeGB":128', '"osDiskSizeGB":1')],
  ["gke-compute-class", "an unknown field", "dedicated", (text) => text.replace('"nodeLabels"', '"labels"')],
  [
    "gke-compute-class",
    "a delay of no time",
    "dedicated",
    (text) => text.replace('"consolidationDelayMinutes":10', '"consolidationDelayMinutes":0'),
  ],
  ["cluster-api", "a reference by version", "dedicated", (text) => text.replaceAll('"apiGroup"', '"apiVersion"')],
  ["cluster-api", "a taint without propagation", "dedicated", (text) => text.replace(',"propagation":"Always"', "")],
];

describe("Node pools of every backend on the API server, by the projects' own definitions", () => {
  let directory: string;
  let kubectl: Kubectl;

  before("start a cluster", async () => {
    const tools = await ensureTools([...localClusterTools, "kubectl"]);
    directory = scratchDirectory("backends");
    const { kubeconfig } = await startCluster({ directory: path.join(directory, "cluster"), tools });
    kubectl = kubectlWith(tools, kubeconfig);
    // A dry run makes nothing: the namespaces of the objects have to be there.
    for (const namespace of ["tenant-finance", "clusters"]) await succeeds(kubectl("create", "namespace", namespace));
  });
  after(async () => {
    if (directory === undefined) return;
    await stopCluster({ directory: path.join(directory, "cluster") });
    rmSync(directory, { recursive: true, force: true });
  });

  /** What the API server says to the objects when it is asked without making them; unknown fields are refused. */
  async function dryRun(text: string): Promise<KubectlResult> {
    const file = path.join(directory, "objects.json");
    writeFileSync(file, text);
    return kubectl("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "-f", file);
  }

  for (const backend of BACKENDS) {
    describe(backend, () => {
      before("define the kinds", async () => {
        const folder = await definitionsOf(backend);
        if (folder === undefined) return;
        await succeeds(kubectl("apply", "--server-side", "--force-conflicts", "-f", folder));
        await succeeds(kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", folder));
      });

      for (const variant of VARIANTS) {
        for (const level of LEVELS) {
          // Levels above shared ask for nodes of the tenant's own; the plan refuses them on a shared pool.
          if (variant.startsWith("shared") && level !== IsolationLevel.shared) continue;
          it(`is accepted with its tenant: ${variant}, ${level}`, async () => {
            const objects = platformObjects(planPlatform(environmentOn(backend, variant, level)));
            await succeeds(dryRun(listOf(objects)));
          });
        }
      }

      for (const [what, change] of Object.entries(POOL_CHANGES[backend])) {
        it(`is accepted with ${what}`, async () => {
          const { objects } = planNodePool({ ...backendPool(backend, "dedicated"), ...change });
          await succeeds(dryRun(listOf(objects)));
        });
      }

      for (const { stack, pool } of examplePools().filter((each) => each.pool.backend === backend)) {
        it(`is accepted as the example stack ${stack} has it`, async () => {
          await succeeds(dryRun(listOf(planNodePool(pool).objects)));
        });
      }

      for (const [of, what, variant, breakIt] of BROKEN.filter(([each]) => each === backend)) {
        it(`is refused with ${what}`, async () => {
          const text = listOf(planNodePool(backendPool(of, variant)).objects);
          const broken = breakIt(text);
          assert.notEqual(broken, text, "nothing was broken");
          const { code, stderr } = await dryRun(broken);
          assert.notEqual(code, 0, "accepted");
          assert.match(stderr, /invalid|unknown field|required field|Required value|Unsupported value/i);
        });
      }
    });
  }
});

/** The pools of the example stacks whose backend makes objects. */
function examplePools(): { stack: string; pool: NodePoolSpec }[] {
  const folder = path.join(repositoryRoot, "examples", "stacks");
  return readdirSync(folder)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .flatMap((stack) =>
      (loadStackFile(path.join(folder, `Pulumi.${stack}.yaml`)).nodePools ?? [])
        .filter(({ backend }) => backend !== "existing")
        .map((pool) => ({ stack, pool })),
    );
}

function listOf(items: KubernetesObject[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

async function succeeds(call: Promise<KubectlResult>): Promise<void> {
  const { code, stderr } = await call;
  assert.equal(code, 0, stderr);
}
