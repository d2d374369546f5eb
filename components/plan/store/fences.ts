import { contains } from "../../spec/cidr";
import type { KubernetesObject, Namespace, NetworkPolicy, NetworkPolicySpec, PriorityClass } from "../kubernetes";
import { platformLabels } from "../labels";
import { planPlatformNamespace } from "../platform-namespace";
import { dnsEgress, policyIn } from "../tenant/network";
import { PLATFORM_NAMESPACE, TENANT_OBJECT } from "../../spec/names";
import { planPriorityClass } from "../tenant/priority";
import { planLimitRange, planQuotas, type LimitedNamespace } from "../tenant/quota";
import type { Environment } from "../../spec/environment";
import { CLOSED_RANGES } from "../../spec/closed-ranges";
import { LOADER_RESOURCES } from "../../spec/replica";
import { LOADER_SELECTOR } from "./loader";
import { STORE_OBJECT } from "./names";
import type { ModelStore } from "../../spec/model-store";

/** The namespace of the loader of a shared store, where no tenant has any right. */
export function planStoreNamespace({ cluster }: Environment): Namespace {
  return planPlatformNamespace(PLATFORM_NAMESPACE, "models", cluster);
}

/** What holds the loader of a shared store: nobody reaches it, and it reaches DNS and the registries only. */
export function planStoreFences(store: ModelStore, environment: Environment): KubernetesObject[] {
  const limited = limitedStore(store);
  return [
    policy(TENANT_OBJECT.defaultDeny, { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    policy(TENANT_OBJECT.allowDns, dnsEgress(environment.cluster, { matchLabels: LOADER_SELECTOR })),
    ...planRegistryEgress(store, PLATFORM_NAMESPACE, platformLabels("network")),
    ...planQuotas(limited, environment),
    planLimitRange(limited),
  ];
}

/** Lets the loader's pods, and no other pod of the namespace, reach the registries. */
export function planRegistryEgress(
  { destinations }: ModelStore,
  namespace: string,
  labels: Record<string, string>,
): NetworkPolicy[] {
  const egress = destinations.flatMap(({ ranges, port }) =>
    ranges.map((range) => {
      const except = CLOSED_RANGES.filter((closed) => contains(range, closed)).map(({ text }) => text);
      const ipBlock = except.length === 0 ? { cidr: range.text } : { cidr: range.text, except };
      return { to: [{ ipBlock }], ports: [{ port, protocol: "TCP" }] };
    }),
  );
  // An empty list would be allowed too, and says nothing: no policy says it better.
  if (egress.length === 0) return [];
  return [
    policy(
      STORE_OBJECT.allowRegistries,
      { podSelector: { matchLabels: LOADER_SELECTOR }, policyTypes: ["Egress"], egress },
      namespace,
      labels,
    ),
  ];
}

/** Room for the loader that works and those that interrupted ups left behind. */
const LOADERS = 4;

/** What the loader's namespace may use. */
function limitedStore({ bytes }: ModelStore): LimitedNamespace {
  return {
    namespace: PLATFORM_NAMESPACE,
    labels: platformLabels("quota"),
    priorityClass: STORE_OBJECT.priorityClass,
    cpuMillis: LOADERS * LOADER_RESOURCES.cpuMillis,
    memoryBytes: LOADERS * LOADER_RESOURCES.memoryBytes,
    ephemeralStorageBytes: LOADERS * LOADER_RESOURCES.ephemeralStorageBytes,
    storageBytes: bytes,
    pods: LOADERS,
  };
}

/** The priority of the loader's pods. */
export function planStorePriorityClass(): PriorityClass {
  return planPriorityClass(STORE_OBJECT.priorityClass, platformLabels("quota"), "Pods that load models");
}

function policy(
  name: string,
  spec: NetworkPolicySpec,
  namespace: string = PLATFORM_NAMESPACE,
  labels: Record<string, string> = platformLabels("network"),
): NetworkPolicy {
  return policyIn({ namespace, labels }, name, spec);
}
