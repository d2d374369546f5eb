import { readFileSync } from "node:fs";
import * as path from "node:path";
import { baseObjects, karpenterNamespace, simulatedNode } from "./base-objects";
import type { Component } from "./component";
import { componentKubeconfig } from "./control-plane";
import { writePrivateFile } from "./files";
import { instanceTypesFile } from "./instance-types";
import { loopbackAddress, podCidr } from "./network";
import { probe } from "./probe";

/** Life of nodes, pods and volumes as kwok plays it, from the stage files of kwok's own module. */
const stageFiles = [
  "node/fast/node-initialize.yaml",
  "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
  "pod/fast/pod-ready.yaml",
  "pod/fast/pod-complete.yaml",
  "pod/fast/pod-delete.yaml",
  "volume/fast/pv-bind.yaml",
  "volume/fast/pv-delete.yaml",
  "volume/fast/pvc-provision.yaml",
  "volume/fast/pvc-delete.yaml",
];

const nodeLeaseSeconds = 40;

const kwok: Component = {
  name: "kwok",
  startsAfter: [baseObjects.name],
  ports: ["kwok"],
  executable: ({ tools }) => tools.path("kwok"),
  args: (context) => [
    `--kubeconfig=${context.layout.kubeconfig("kwok")}`,
    `--config=${context.layout.config("kwok.yaml")}`,
    `--manage-nodes-with-annotation-selector=${simulatedNode.annotation}=${simulatedNode.value}`,
    `--node-lease-duration-seconds=${nodeLeaseSeconds}`,
    `--cidr=${podCidr}`,
    `--server-address=${loopbackAddress}:${context.port("kwok")}`,
  ],
  prepare: (context) => {
    const stages = stageFiles.map((file) => readFileSync(path.join(context.tools.files("kwok-stages"), file), "utf8"));
    const config = context.layout.config("kwok.yaml");
    writePrivateFile(config, stages.join("\n---\n"));
    return [config, componentKubeconfig(context, "kwok")];
  },
  ready: ({ layout, port }) => probe(layout, `http://${loopbackAddress}:${port("kwok")}/readyz`),
};

const karpenter: Component = {
  name: "karpenter",
  startsAfter: [baseObjects.name],
  ports: ["karpenter-metrics", "karpenter-health"],
  executable: ({ tools }) => tools.path("karpenter"),
  args: () => [],
  environment: ({ layout, port }) => ({
    KUBECONFIG: layout.kubeconfig("karpenter"),
    SYSTEM_NAMESPACE: karpenterNamespace,
    KUBERNETES_MIN_VERSION: "1.19.0-0",
    DISABLE_LEADER_ELECTION: "true",
    // Karpenter listens for both on every address and cannot be told otherwise; they show counters, not objects.
    METRICS_PORT: String(port("karpenter-metrics")),
    HEALTH_PROBE_PORT: String(port("karpenter-health")),
    INSTANCE_TYPES_FILE_PATH: layout.config("instance-types.json"),
    // The first of a group of pods waits this long for others: short, because here someone is watching.
    BATCH_IDLE_DURATION: "300ms",
  }),
  prepare: (context) => {
    const types = context.layout.config("instance-types.json");
    writePrivateFile(types, instanceTypesFile());
    return [types, componentKubeconfig(context, "karpenter")];
  },
  ready: ({ layout, port }) => probe(layout, `http://${loopbackAddress}:${port("karpenter-health")}/readyz`),
};

/** Programs that stand in for machines (kwok) and for a cloud that makes them on demand (Karpenter with its simulated provider). */
export const simulation: readonly Component[] = [kwok, karpenter];
