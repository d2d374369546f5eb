/** What holds the monitor's namespace: it reaches the API server, Prometheus reaches it, and nothing else goes in or out. */
import type { Environment } from "../../spec/environment";
import type { Monitor } from "../../spec/monitor";
import { MONITOR_NAMESPACE } from "../../spec/names";
import type { KubernetesObject, Namespace, NetworkPolicy, PriorityClass } from "../kubernetes";
import { platformLabels } from "../labels";
import { allowScrapes, denyAllIn, planPlatformNamespace, platformPolicy } from "../platform-namespace";
import { METRICS_PORT } from "../ports";
import { planPriorityClass } from "../tenant/priority";
import { planLimitRange, planQuotas, type LimitedNamespace } from "../tenant/quota";
import { MONITOR_AMOUNTS } from "./pod";
import { MONITOR_OBJECT, MONITOR_SELECTOR } from "./names";

/** The monitor's namespace. */
export function planMonitorNamespace({ cluster }: Environment): Namespace {
  return planPlatformNamespace(MONITOR_NAMESPACE, "monitor", cluster);
}

/** The priority of the monitor's pods. */
export function planMonitorPriorityClass(): PriorityClass {
  return planPriorityClass(MONITOR_OBJECT.cluster, platformLabels("quota"), "The monitor of the platform");
}

/** Policies and limits, which exist before the monitor does. */
export function planMonitorFences(monitor: Monitor, environment: Environment): KubernetesObject[] {
  return [
    denyAllIn(MONITOR_NAMESPACE),
    allowApiServer(monitor),
    ...allowScrapes(MONITOR_NAMESPACE, environment.cluster, MONITOR_SELECTOR, METRICS_PORT),
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
  return platformPolicy(MONITOR_NAMESPACE, MONITOR_OBJECT.allowApiServer, {
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
