import { posix } from "node:path";
import { asksForDevices, isDeviceMount, isGpuRuntime } from "../../model/accelerators";
import type { ClusterModel, PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list } from "../../model/json";
import { accelerators, acceleratorsOf, type IsAccelerator } from "../../readers/accelerators";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { runtimeClassOf, tenantPods } from "../../readers/select";

function ofAnnotations(pod: PodSource): Finding[] {
  const metadata = pod.path.replace(/spec$/, "metadata");
  return Object.entries(pod.annotations)
    .filter(([key]) => asksForDevices(key))
    .map(([key, value]) => ({
      object: pod.source,
      field: `${metadata}.annotations["${key}"]`,
      message: `is ${show(value)}: the container runtime would give the pod these devices, past its requests, its quota and the device plugin.`,
      fix: "Remove the annotation; request the GPU as a resource.",
    }));
}

function ofMounts(pod: PodSource): Finding[] {
  return pod.containers.flatMap(({ container, path }) =>
    list(container.volumeMounts).flatMap((mount, index) =>
      isDeviceMount(posix.normalize(`/${String(mount?.mountPath)}`).replace(/^\/+/, "/"))
        ? [
            {
              object: pod.source,
              field: `${path}.volumeMounts[${index}].mountPath`,
              message: `is ${show(mount?.mountPath)}: the container toolkit takes what is mounted there for the names of GPUs that the container may see.`,
              fix: "Remove the mount; request the GPU as a resource.",
            },
          ]
        : [],
    ),
  );
}

function ofRuntime(model: ClusterModel, pod: PodSource, isAccelerator: IsAccelerator): Finding[] {
  const name = pod.spec.runtimeClassName;
  const handler = runtimeClassOf(model, pod)?.object.handler;
  const asks = pod.containers.some(({ container }) => acceleratorsOf(container.resources, isAccelerator).length > 0);
  if (asks || !(isGpuRuntime(name) || isGpuRuntime(handler))) return [];
  return [
    {
      object: pod.source,
      field: `${pod.path}.runtimeClassName`,
      message: `is ${show(name)}, the runtime that hands out GPUs, but no container requests one.`,
      fix: "Remove runtimeClassName, or request the GPU as a resource.",
    },
  ];
}

export const rule: Rule = {
  id: "placement/gpu-runtime",
  title: "A tenant's pod asks for GPUs by its requests, and not the container runtime by other ways.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Remove annotations, mounts and runtimes that hand out devices; request the GPU as a resource.",
  configuredBy: ["pools"],
  check: (model, configuration) => {
    const isAccelerator = accelerators(model, configuration);
    return tenantPods(model).flatMap((pod) => [
      ...ofAnnotations(pod),
      ...ofMounts(pod),
      ...ofRuntime(model, pod, isAccelerator),
    ]);
  },
};
