import type { ClusterModel, ModelObject, PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { parseMilli } from "../../model/quantity";
import { containerDefaults, effectiveResources } from "../../readers/capacity";
import { nsa } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantObjects } from "../../readers/select";

/** Pod of the workload that an autoscaler scales. */
function target(model: ClusterModel, autoscaler: ModelObject): PodSource | undefined {
  const { kind, name } = record(record(autoscaler.object.spec).scaleTargetRef);
  return model
    .podsIn(autoscaler.namespace)
    .find(({ source }) => source.object.kind === kind && source.object.metadata.name === name);
}

/** Containers that run all the time, by name, each with whether it requests a resource. */
function requesting(model: ClusterModel, pod: PodSource, resource: string): Map<string, boolean> {
  const defaults = containerDefaults(model, pod.namespace);
  const running = pod.containers.filter(({ role }) => role === "container" || role === "sidecar");
  return new Map(
    running.map(({ container }) => [
      String(container.name),
      (parseMilli(effectiveResources(container, defaults).requests[resource]) ?? 0n) > 0n,
    ]),
  );
}

function ofMetric(model: ClusterModel, object: ModelObject, pod: PodSource, value: unknown, path: string): Finding[] {
  const { type, resource, containerResource } = record(value);
  if (type !== "Resource" && type !== "ContainerResource") return [];
  const part = type === "Resource" ? "resource" : "containerResource";
  const { name, container, target: aim } = record(resource ?? containerResource);
  const asked = requesting(model, pod, String(name));
  if (type === "ContainerResource" && !asked.has(String(container)))
    return [
      {
        object,
        field: `${path}.${part}.container`,
        message: `is ${show(container)}, but no container of that name runs in the pod (${[...asked.keys()].join(", ")}): the autoscaler never gets a value.`,
        fix: "Name a container of the workload.",
      },
    ];
  // A value per pod is compared as it is; only a part of the request needs one.
  if (record(aim).type !== "Utilization") return [];
  const without = [...asked].filter(([of, requests]) => !requests && (type === "Resource" || of === container));
  if (without.length === 0) return [];
  return [
    {
      object,
      field: `${path}.${part}.name`,
      message: `is ${show(name)}, of which the container ${without.map(([of]) => of).join(", ")} requests none: the autoscaler has no request to compare with.`,
      fix: `Set resources.requests of ${String(name)} on every container, or use AverageValue.`,
    },
  ];
}

function ofMinimum(object: ModelObject, scaleToZero: boolean): Finding[] {
  const { minReplicas, metrics } = record(object.object.spec);
  if (minReplicas !== 0) return [];
  const outside = list(metrics as unknown[]).some((metric) =>
    ["Object", "External"].includes(String(record(metric).type)),
  );
  if (scaleToZero && outside) return [];
  const reason = scaleToZero
    ? "but without a metric of type Object or External nothing would ever start a pod again: the API server refuses it"
    : "which the API server refuses unless its feature HPAScaleToZero is on";
  return [
    {
      object,
      field: "spec.minReplicas",
      message: `is ${show(minReplicas)}, ${reason}.`,
      fix: "Set minReplicas to at least 1; where the feature is on, as by default from Kubernetes 1.37, set capacity.scaleToZero in the pack's configuration.",
    },
  ];
}

export const rule: Rule = {
  id: "capacity/autoscaler-metrics",
  title: "Every autoscaler of a tenant has a metric that its pods give, and a minimum that the cluster takes.",
  severity: "medium",
  scope: "cluster",
  frameworks: [nsa("Resource policies")],
  remediation: "Set metrics of containers that run, with requests to compare with.",
  configuredBy: ["capacity"],
  check: (model, { capacity: { scaleToZero } }) =>
    tenantObjects(model, "HorizontalPodAutoscaler", "autoscaling").flatMap((autoscaler) => {
      const pod = target(model, autoscaler);
      const metrics = list(record(autoscaler.object.spec).metrics as unknown[]);
      return [
        ...ofMinimum(autoscaler, scaleToZero),
        ...(pod === undefined
          ? []
          : metrics.flatMap((metric, index) => ofMetric(model, autoscaler, pod, metric, `spec.metrics[${index}]`))),
      ];
    }),
};
