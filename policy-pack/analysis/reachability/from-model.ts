/** Reads the network out of a ClusterModel. */
import { type ClusterModel, type ModelObject, type PodSource, describe } from "../../model/cluster-model";
import type { PackConfiguration } from "../../settings/settings";
import { type Fault, type ObjectName, type Report, reporter } from "../../model/fault";
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
   * Whether every tenant and platform namespace, and the unlisted ones, also count a pod that someone could create
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
  const refusals: Fault[] = [];
  const namespaces = [...model.namespaces.values()].map(
    ({ name, labels, tenant, platform, object }): NetworkNamespace => {
      if (object !== undefined) refuseUnknown(object, ["metadata.labels"], reportOn(object, refusals));
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

function declaredPods(model: ClusterModel, refusals: Fault[]): NetworkPod[] {
  const used = new Map<string, number>();
  return model.pods.map((pod) => {
    const name = describe(pod.source.object, pod.namespace);
    const report = reportOn(pod.source, refusals);
    const labelsPath = pod.path.replace(/spec$/, "metadata.labels");
    if (pod.namespace === UNKNOWN) report("metadata.namespace", ...UNKNOWN_VALUE);
    refuseUnknown(pod.source, [labelsPath, `${pod.path}.hostNetwork`], report);
    const repeated = (used.get(name) ?? 0) + 1;
    used.set(name, repeated);
    return {
      id: repeated === 1 ? name : `${name} (${repeated})`,
      namespace: pod.namespace,
      labels: pod.labels,
      openLabels: controllerLabels.filter((label) => pod.source.object.kind !== "Pod" && !(label in pod.labels)),
      ports: declaredPorts(pod),
      hostNetwork: pod.spec.hostNetwork === true,
      source: nameOf(pod.source),
      labelsPath,
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

function policiesOf(model: ClusterModel, refusals: Fault[]): NetworkPolicySource[] {
  return model.of("NetworkPolicy").flatMap((policy) => {
    const report = reportOn(policy, refusals);
    const { apiVersion, metadata } = policy.object;
    if (foreignPolicyGroups.has(groupOf(apiVersion))) return [];
    if (apiVersion !== "networking.k8s.io/v1")
      report("apiVersion", `is ${apiVersion}, which this analysis does not know`, "Use networking.k8s.io/v1.");
    if (policy.namespace === UNKNOWN) report("metadata.namespace", ...UNKNOWN_VALUE);
    refuseUnknown(policy, ["spec"], report);
    const spec = (policy.object.spec ?? {}) as NetworkPolicySpec;
    return [{ namespace: policy.namespace, name: metadata.name, spec }];
  });
}

/** Policies of other engines, and objects that may hold policies, pods or namespaces nobody can see. */
function opaqueObjects(model: ClusterModel): Fault[] {
  const faults: Fault[] = [];
  for (const object of model.objects) {
    const { kind, apiVersion } = object.object;
    const group = groupOf(apiVersion);
    const report = reportOn(object, faults);
    const concerns = /^(NetworkPolicy|Namespace)(Patch)?$/.test(kind);
    if (foreignPolicyGroups.has(group) && /Policy/.test(kind))
      report(
        "kind",
        `is a policy of ${group}, which can overrule a NetworkPolicy and which this analysis does not follow`,
        "Express it as NetworkPolicies.",
      );
    else if (object.opaque !== undefined && (concerns || model.tenantOf(object.namespace) !== undefined))
      report(
        "kind",
        `hides what it does to the network: ${object.opaque}`,
        "Replace it by the objects that it makes, or write the object whole.",
      );
  }
  return faults;
}

const UNKNOWN_VALUE = ["is unknown at preview", "Write the value out."] as const;

/** Refuses unknown values at, below or above the given paths. */
function refuseUnknown(object: ModelObject, places: string[], report: Report): void {
  const covers = (outer: string, inner: string): boolean =>
    inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
  for (const path of object.unknown) {
    if (places.some((place) => covers(place, path) || covers(path, place))) report(path, ...UNKNOWN_VALUE);
  }
}

function reportOn(object: ModelObject, faults: Fault[]): Report {
  return reporter(faults, nameOf(object));
}

function nameOf({ object, namespace }: ModelObject): ObjectName {
  return { kind: object.kind, namespace, name: object.metadata.name };
}
