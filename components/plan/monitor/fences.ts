/** What holds the monitor's namespace: it reaches the API server, Prometheus reaches it, and nothing else goes in or out. */
import type { Environment } from "../../spec/environment";
import type { Monitor } from "../../spec/monitor";
import { MONITOR_NAMESPACE } from "../../spec/names";
import { IsolationLevel } from "../../spec/index";
import type { KubernetesObject, Namespace, NetworkPolicy, NetworkPolicySpec, PriorityClass } from "../kubernetes";
import { ISOLATION_LEVEL_LABEL, platformLabels } from "../labels";
import { podSecurityLabels } from "../namespace";
import { policyIn, sourcesOf } from "../network";
import { METRICS_PORT } from "../ports";
import { planPriorityClass } from "../priority";
import { planLimitRange, planQuotas, type LimitedNamespace } from "../quota";
import { MONITOR_AMOUNTS } from "./pod";
import { MONITOR_OBJECT, MONITOR_SELECTOR } from "./names";

/** The monitor's namespace. */
export function planMonitorNamespace({ cluster }: Environment): Namespace {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: MONITOR_NAMESPACE,
      labels: {
        ...platformLabels("monitor"),
        [ISOLATION_LEVEL_LABEL]: IsolationLevel.shared,
        ...podSecurityLabels(cluster.podSecurityVersion),
      },
    },
  };
}

/** The priority of the monitor's pods. */
export function planMonitorPriorityClass(): PriorityClass {
  return planPriorityClass(MONITOR_OBJECT.cluster, platformLabels("quota"), "The monitor of the platform");
}

/** Policies and limits, which exist before the monitor does. */
export function planMonitorFences(monitor: Monitor, environment: Environment): KubernetesObject[] {
  return [
    policy(MONITOR_OBJECT.defaultDeny, { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    allowApiServer(monitor),
    ...allowMonitoring(environment),
    ...planQuotas(LIMITED, environment),
    planLimitRange(LIMITED),
  ];
}

/** Room for the monitor, and for the new one beside the old while it is replaced. */
const PODS = 2;

const LIMITED: LimitedNamespace = {
  namespace: MONITOR_NAMESPACE,
  labels: platformLabels("quota"),
  priorityClass: MONITOR_OBJECT.cluster,
  cpuMillis: PODS * MONITOR_AMOUNTS.cpuMillis,
  memoryBytes: PODS * MONITOR_AMOUNTS.memoryBytes,
  ephemeralStorageBytes: PODS * MONITOR_AMOUNTS.ephemeralStorageBytes,
  storageBytes: 0,
  pods: PODS,
};

function allowApiServer({ apiServers, apiServerPort }: Monitor): NetworkPolicy {
  return policy(MONITOR_OBJECT.allowApiServer, {
    podSelector: { matchLabels: MONITOR_SELECTOR },
    policyTypes: ["Egress"],
    egress: [
      {
        to: apiServers.map(({ text }) => ({ ipBlock: { cidr: text } })),
        ports: [{ port: apiServerPort, protocol: "TCP" }],
      },
    ],
  });
}

/** Without pods that scrape there is no policy: an empty list of peers would mean everybody. */
function allowMonitoring({ cluster }: Environment): NetworkPolicy[] {
  const from = cluster.monitoring.flatMap((peer) => sourcesOf(peer, cluster));
  if (from.length === 0) return [];
  return [
    policy(MONITOR_OBJECT.allowMonitoring, {
      podSelector: { matchLabels: MONITOR_SELECTOR },
      policyTypes: ["Ingress"],
      ingress: [{ from, ports: [{ port: METRICS_PORT, protocol: "TCP" }] }],
    }),
  ];
}

function policy(name: string, spec: NetworkPolicySpec): NetworkPolicy {
  return policyIn({ namespace: MONITOR_NAMESPACE, labels: platformLabels("network") }, name, spec);
}
