import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { type KubectlResult, kubectlWith } from "../support/kubectl";
import type { LifecycleFixture } from "./lifecycle-fixture";

const poolKey = "node-restriction.kubernetes.io/ollama-pool";
const image = "example.com/program:1";

/** Applies objects as the administrator. */
export function apply(fixture: LifecycleFixture, ...objects: object[]): Promise<KubectlResult> {
  const file = path.join(fixture.directory, "..", "apply.json");
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects.flat() }));
  return kubectlWith(fixture.tools, fixture.layout.adminKubeconfig)("apply", "-f", file);
}

/** A pod that asks for all rights on its node. */
export function privilegedPod(namespace: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "privileged", namespace },
    spec: { containers: [{ name: "main", image, securityContext: { privileged: true } }] },
  };
}

/** A pod that satisfies the Pod Security level `restricted`. */
export function restrictedPod(namespace: string): object {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "restricted", namespace },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [{ name: "main", image, securityContext }],
    },
  };
}

/** A Karpenter pool of L4 nodes that removes empty nodes at once. */
export function nodePool(name: string): object {
  return {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name },
    spec: {
      limits: { "nvidia.com/gpu": "2" },
      disruption: { consolidationPolicy: "WhenEmpty", consolidateAfter: "1s", budgets: [{ nodes: "100%" }] },
      template: {
        metadata: { labels: { [poolKey]: name } },
        spec: {
          nodeClassRef: { group: "karpenter.kwok.sh", kind: "KWOKNodeClass", name: "default" },
          taints: [{ key: poolKey, value: name, effect: "NoSchedule" }],
          requirements: [
            { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
            { key: "karpenter.kwok.sh/instance-gpu-name", operator: "In", values: ["l4"] },
          ],
        },
      },
    },
  };
}

/** A Deployment named `gpu` with a native sidecar and a claim of the default storage class, which knows nothing of simulated nodes. */
export function gpuDeployment(namespace: string, pool: string): object[] {
  const resources = { requests: { cpu: "1", memory: "1Gi" }, limits: { "nvidia.com/gpu": "1" } };
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "gpu", namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "gpu" } },
      template: {
        metadata: { labels: { app: "gpu" } },
        spec: {
          nodeSelector: { [poolKey]: pool },
          tolerations: [{ key: poolKey, operator: "Equal", value: pool, effect: "NoSchedule" }],
          initContainers: [
            { name: "setup", image },
            { name: "sidecar", image, restartPolicy: "Always" },
          ],
          containers: [{ name: "main", image, resources, volumeMounts: [{ name: "data", mountPath: "/data" }] }],
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
        },
      },
    },
  };
  return [claim, deployment];
}
