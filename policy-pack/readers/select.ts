/** What most rules start from. */
import type { ClusterModel, ModelObject, NamespaceInfo, PodSource } from "../model/cluster-model";
import { list, record } from "../model/json";
import { UNKNOWN } from "../model/kubernetes";
import type { ContainerSource } from "../model/pods";
import { selectorMatches } from "../model/selectors";

/** Pods of tenants. A pod whose namespace is unknown counts as a tenant's, since it may become one. */
export function tenantPods(model: ClusterModel): readonly PodSource[] {
  return model.pods.filter((pod) => pod.tenant !== undefined || pod.namespace === UNKNOWN);
}

/** Every container of every tenant pod, of every role, with its pod. */
export function tenantContainers(model: ClusterModel): { pod: PodSource; source: ContainerSource }[] {
  return tenantPods(model).flatMap((pod) => pod.containers.map((source) => ({ pod, source })));
}

/** Whether the pod is one of a tenant's own programs: its developers answer for it, and the guard keeps it apart from others. */
export function inWorkspace(model: ClusterModel, { namespace }: PodSource): boolean {
  return model.namespaces.get(namespace)?.workspace === true;
}

/** The RuntimeClass that the pod names; undefined when it names none, or one that the model does not hold. */
export function runtimeClassOf(model: ClusterModel, { spec }: PodSource): ModelObject | undefined {
  const name = spec.runtimeClassName;
  return typeof name === "string" ? model.find("", "RuntimeClass", "node.k8s.io", name) : undefined;
}

/** Services whose selector matches the pod. */
export function servicesOf(model: ClusterModel, pod: PodSource): readonly ModelObject[] {
  return model.ofIn(pod.namespace, "Service", "").filter(({ object }) => {
    const selector = record(record(object.spec).selector) as Record<string, string>;
    return Object.keys(selector).length > 0 && selectorMatches({ matchLabels: selector }, pod.labels);
  });
}

/** ConfigMaps that the pod mounts, by themselves or as a source of a projected volume. */
export function mountedConfigMaps(model: ClusterModel, pod: PodSource): readonly ModelObject[] {
  const sources = list(pod.spec.volumes).flatMap((volume) => [volume, ...list(volume?.projected?.sources)]);
  const names = new Set(sources.flatMap((source) => source?.configMap?.name ?? []));
  return model.ofIn(pod.namespace, "ConfigMap", "").filter(({ object }) => names.has(object.metadata.name));
}

/** Objects of a kind in tenants' namespaces, and those whose namespace is unknown. */
export function tenantObjects(model: ClusterModel, kind: string, group?: string): readonly ModelObject[] {
  return model.of(kind, group).filter((o) => inTenantNamespace(model, o));
}

/** Whether the object lives, or may come to live, in a tenant's namespace. */
export function inTenantNamespace(model: ClusterModel, object: ModelObject): boolean {
  return object.namespace === UNKNOWN || model.tenantOf(object.namespace) !== undefined;
}

/** The Namespace object, or a stand-in that names the namespace where the program declares none. */
export function namespaceObject(namespace: NamespaceInfo): ModelObject {
  return (
    namespace.object ?? {
      object: { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace.name } },
      origin: "not declared",
      namespace: "",
      unknown: [],
    }
  );
}
