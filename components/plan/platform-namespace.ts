import type { Cluster } from "../spec/cluster";
import { IsolationLevel } from "../spec/index";
import { TENANT_OBJECT } from "../spec/names";
import type { KubernetesObject, Namespace, NetworkPolicy, NetworkPolicySpec, PriorityClass } from "./kubernetes";
import { ISOLATION_LEVEL_LABEL, platformLabels, type Component } from "./labels";
import { podSecurityLabels } from "./tenant/namespace";
import { policyIn, sourcesOf } from "./tenant/network";

/** A part of the platform that runs in a namespace of its own, in the order in which its parts have to exist. */
export interface PlatformService {
  namespace: Namespace;
  priorityClass: PriorityClass;
  /** Policies, limits and rights. */
  fences: KubernetesObject[];
  /** What the workload reads. */
  files: KubernetesObject[];
  /** What runs. */
  workload: KubernetesObject[];
}

/** All objects of a part of the platform in that order. */
export function platformServiceObjects({
  namespace,
  priorityClass,
  fences,
  files,
  workload,
}: PlatformService): KubernetesObject[] {
  return [namespace, priorityClass, ...fences, ...files, ...workload];
}

/** A namespace of the platform's own, as closed as a tenant's. */
export function planPlatformNamespace(name: string, component: Component, cluster: Cluster): Namespace {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name,
      labels: {
        ...platformLabels(component),
        [ISOLATION_LEVEL_LABEL]: IsolationLevel.shared,
        ...podSecurityLabels(cluster.podSecurityVersion),
      },
    },
  };
}

/** A policy in a namespace of the platform's own. */
export function platformPolicy(namespace: string, name: string, spec: NetworkPolicySpec): NetworkPolicy {
  return policyIn({ namespace, labels: platformLabels("network") }, name, spec);
}

/** Default-deny in both directions. */
export function denyAllIn(namespace: string): NetworkPolicy {
  return platformPolicy(namespace, TENANT_OBJECT.defaultDeny, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
}

/** Lets pods be scraped. Without pods that scrape there is no policy: an empty list of peers would mean everybody. */
export function allowScrapes(
  namespace: string,
  cluster: Cluster,
  matchLabels: Record<string, string>,
  port: number,
): NetworkPolicy[] {
  const from = cluster.monitoring.flatMap((peer) => sourcesOf(peer, cluster));
  if (from.length === 0) return [];
  return [
    platformPolicy(namespace, TENANT_OBJECT.allowMonitoring, {
      podSelector: { matchLabels },
      policyTypes: ["Ingress"],
      ingress: [{ from, ports: [{ port, protocol: "TCP" }] }],
    }),
  ];
}
