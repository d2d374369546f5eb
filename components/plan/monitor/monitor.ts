import { MIB } from "../../models/quantity";
import type { Environment } from "../../spec/environment";
import type { Monitor } from "../../spec/monitor";
import { MONITOR_NAMESPACE } from "../../spec/names";
import type { Tenant } from "../../spec/tenant";
import type { ConfigMap, Deployment, KubernetesObject, Service } from "../kubernetes";
import { platformLabels } from "../labels";
import type { PlatformService } from "../platform-namespace";
import { METRICS_PORT } from "../ports";
import { monitorDeclaration } from "./declaration";
import { planMonitorFences, planMonitorNamespace, planMonitorPriorityClass } from "./fences";
import { MONITOR_OBJECT, MONITOR_SELECTOR, monitorFileName, type MonitorFile } from "./names";
import { DECLARATION_FILE, monitorPod, PROGRAM_FILE } from "./pod";
import { planMonitorRights } from "./rights";

/**
 * Plans the monitor.
 *
 * @param objects Everything else that is declared, which the monitor compares the cluster with.
 * @param program The monitor's program, compressed by gzip.
 * @throws Error when program or declaration do not fit into a ConfigMap.
 */
export function planMonitor(
  monitor: Monitor,
  environment: Environment,
  tenants: readonly Tenant[],
  objects: readonly KubernetesObject[],
  program: Buffer,
): PlatformService {
  const namespace = planMonitorNamespace(environment);
  const priorityClass = planMonitorPriorityClass();
  const fences = [...planMonitorFences(monitor, environment), ...planMonitorRights(monitor)];
  const labels = { ...platformLabels("monitor"), ...MONITOR_SELECTOR };
  const metadata = { name: MONITOR_OBJECT.monitor, namespace: MONITOR_NAMESPACE, labels };
  const deploymentWith = (maps: { program: string; declaration: string }): Deployment => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas: 1,
      revisionHistoryLimit: 1,
      selector: { matchLabels: MONITOR_SELECTOR },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels }, spec: monitorPod(environment.images.modelLoader, monitor, maps) },
    },
  });
  const service: Service = {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: {
      type: "ClusterIP",
      selector: MONITOR_SELECTOR,
      ports: [{ name: "metrics", port: METRICS_PORT, targetPort: "metrics", protocol: "TCP" }],
    },
  };
  const programMap = fileMap("program", PROGRAM_FILE, program);
  // The name of its declaration tells what is in that, so that the declaration cannot tell the name: the monitor fills it in.
  const own = deploymentWith({ program: programMap.metadata.name, declaration: "" });
  const watched = [...objects, namespace, priorityClass, ...fences, programMap, service, own];
  const declaration = monitorDeclaration(environment.name, monitor, tenants, watched);
  const declarationMap = fileMap("declaration", DECLARATION_FILE, declaration);
  const deployment = deploymentWith({ program: programMap.metadata.name, declaration: declarationMap.metadata.name });
  return {
    namespace,
    priorityClass,
    fences,
    files: [programMap, declarationMap],
    workload: [deployment, service],
  };
}

/** The API server refuses more. */
const MAX_CONFIG_MAP_BYTES = MIB;

/** A ConfigMap that never changes: another content is another name, so that the pods are replaced. */
function fileMap(part: MonitorFile, file: string, content: Buffer): ConfigMap {
  if (content.length > MAX_CONFIG_MAP_BYTES)
    throw new Error(
      `the monitor's ${part} takes ${content.length} bytes, and a ConfigMap holds ${MAX_CONFIG_MAP_BYTES}: divide the tenants among several stacks`,
    );
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: monitorFileName(part, content),
      namespace: MONITOR_NAMESPACE,
      labels: platformLabels("monitor"),
    },
    immutable: true,
    binaryData: { [file]: content.toString("base64") },
  };
}
