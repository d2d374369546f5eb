import { contentHash } from "../content-hash";

/** Names of the monitor's objects. */
export const MONITOR_OBJECT = {
  /** Deployment, Service and ServiceAccount; beginning of the names of its ConfigMaps, which a hash of the content follows. */
  monitor: "monitor",
  /** ClusterRole, ClusterRoleBinding and PriorityClass; cluster-scoped, so the name carries the platform. */
  cluster: "ollama-platform-monitor",
  /** NetworkPolicies. */
  allowApiServer: "allow-api-server",
} as const;

/** What the monitor's ConfigMaps hold. */
export type MonitorFile = "program" | "declaration";

/** Name of the ConfigMap with a content: another content is another name. */
export function monitorFileName(part: MonitorFile, content: Buffer): string {
  return `${MONITOR_OBJECT.monitor}-${part}-${contentHash(content)}`;
}

/** Labels that select the monitor's pods. */
export const MONITOR_SELECTOR = { "app.kubernetes.io/name": "ollama-platform-monitor" };
