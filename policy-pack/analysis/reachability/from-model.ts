/** Reads the network out of a ClusterModel. */
import { type ClusterModel, type ModelObject, type PodSource, describe } from "../../model/cluster-model";
import type { PackConfiguration } from "../../model/configuration";
import { type NetworkPolicySpec, UNKNOWN } from "../../model/kubernetes";
import { groupOf } from "../../model/scope";
import { controllerLabels } from "./classes";
import type { DeclaredPort, NetworkInput, NetworkNamespace, NetworkPod, NetworkPolicySource } from "./network";
import { type Network, buildNetwork } from "./reachability";

/** Namespace that stands for all those the model does not list. */
export const UNLISTED_NAMESPACE = "(any other namespace)";

/** API groups of policies that can overrule a NetworkPolicy, or add to it, in ways this analysis does not follow. */
const foreignPolicyGroups = new Set([
  "policy.networking.k8s.io",
  "cilium.io",
  "crd.projectcalico.org",
  "projectcalico.org",
  "crd.antrea.io",
]);

export interface ModelOptions {
  /**
   * Whether every tenant and platform namespace, and the unlisted ones, also count a pod that somebody could create
   * there with labels of their choice. Default: true.
   */
  hypotheticalPods?: boolean;
}

/**
 * The network of a model, ready for questions. Throws `ReachabilityRefusal` with every reason when labels, policies or
 * host-network settings are unknown, a policy is hidden in an opaque object, or another policy engine is in use.
 */
export function networkOf(model: ClusterModel, configuration: PackConfiguration, options: ModelOptions = {}): Network {
  return buildNetwork(networkInput(model, configuration, options));
}

/** The input of the analysis, before it is compiled. */
export function networkInput(
  model: ClusterModel,
  configuration: PackConfiguration,
  { hypotheticalPods = true }: ModelOptions = {},
): NetworkInput {
  const refusals: string[] = [];
  const namespaces = [...model.namespaces.values()].map(
    ({ name, labels, tenant, platform, object }): NetworkNamespace => {
      if (object !== undefined) refuseUnknown(object, ["metadata.labels"], `Namespace ${name}`, refusals);
      return { name, labels, tenant, platform };
    },
  );
  for (const name of configuration.platformNamespaces) {
    if (!model.namespaces.has(name)) namespaces.push({ name, labels: {}, platform: true });
  }
  namespaces.push({ name: UNLISTED_NAMESPACE, labels: {}, unlisted: true });
  const pods = declaredPods(model, refusals);
  if (hypotheticalPods) pods.push(...hypotheticalPodsOf(namespaces));
  const { podCidrs, serviceCidrs, nodeCidrs, metadataCidrs } = configuration.cluster;
  return {
    namespaces,
    pods,
    policies: policiesOf(model, refusals),
    ranges: { pods: podCidrs, services: serviceCidrs, nodes: nodeCidrs, metadata: metadataCidrs },
    refusals: [...refusals, ...opaqueObjects(model)],
  };
}

function declaredPods(model: ClusterModel, refusals: string[]): NetworkPod[] {
  const used = new Map<string, number>();
  return model.pods.map((pod) => {
    const name = describe(pod.source.object, pod.namespace);
    if (pod.namespace === UNKNOWN) refusals.push(`${name}: its namespace is unknown at preview; write the name out`);
    refuseUnknown(
      pod.source,
      [pod.path.replace(/spec$/, "metadata.labels"), `${pod.path}.hostNetwork`],
      name,
      refusals,
    );
    const repeated = (used.get(name) ?? 0) + 1;
    used.set(name, repeated);
    return {
      id: repeated === 1 ? name : `${name} (${repeated})`,
      namespace: pod.namespace,
      labels: pod.labels,
      openLabels: controllerLabels.filter((label) => pod.source.object.kind !== "Pod" && !(label in pod.labels)),
      ports: declaredPorts(pod),
      hostNetwork: pod.spec.hostNetwork === true,
    };
  });
}

function declaredPorts(pod: PodSource): DeclaredPort[] {
  return pod.containers.flatMap(({ container }) =>
    (Array.isArray(container.ports) ? container.ports : []).map(
      ({ name, containerPort, protocol }) =>
        ({ name, port: containerPort, protocol: protocol ?? "TCP" }) as DeclaredPort,
    ),
  );
}

function hypotheticalPodsOf(namespaces: readonly NetworkNamespace[]): NetworkPod[] {
  return namespaces
    .filter((namespace) => namespace.tenant !== undefined || namespace.platform === true || namespace.unlisted === true)
    .map(({ name }) => ({ id: `any pod in ${name}`, namespace: name, labels: {}, ports: [], arbitrary: true }));
}

function policiesOf(model: ClusterModel, refusals: string[]): NetworkPolicySource[] {
  return model.of("NetworkPolicy").flatMap((policy) => {
    const name = describe(policy.object, policy.namespace);
    const group = groupOf(policy.object.apiVersion);
    if (foreignPolicyGroups.has(group)) return [];
    if (policy.object.apiVersion !== "networking.k8s.io/v1")
      refusals.push(`${name}: apiVersion ${policy.object.apiVersion} is not networking.k8s.io/v1; use that version`);
    if (policy.namespace === UNKNOWN) refusals.push(`${name}: its namespace is unknown at preview; write the name out`);
    refuseUnknown(policy, ["spec"], name, refusals);
    const spec = (policy.object.spec ?? {}) as NetworkPolicySpec;
    return [{ namespace: policy.namespace, name: policy.object.metadata.name, spec }];
  });
}

/** Policies of other engines, and objects that may hold policies, pods or namespaces nobody can see. */
function opaqueObjects(model: ClusterModel): string[] {
  return model.objects.flatMap((object) => {
    const name = describe(object.object, object.namespace);
    const group = groupOf(object.object.apiVersion);
    if (foreignPolicyGroups.has(group) && /Policy/.test(object.object.kind))
      return [`${name}: policies of ${group} can overrule a NetworkPolicy; this analysis does not follow them`];
    const concerns = /^(NetworkPolicy|Namespace)(Patch)?$/.test(object.object.kind);
    if (object.opaque === undefined || (!concerns && model.tenantOf(object.namespace) === undefined)) return [];
    return [`${name}: what it does to the network cannot be seen: ${object.opaque}`];
  });
}

/** Refuses unknown values at, below or above the given paths. */
function refuseUnknown(object: ModelObject, places: string[], name: string, refusals: string[]): void {
  const covers = (outer: string, inner: string): boolean =>
    inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
  for (const path of object.unknown) {
    if (places.some((place) => covers(place, path) || covers(path, place)))
      refusals.push(`${name}: ${path} is unknown at preview; write the value out`);
  }
}
