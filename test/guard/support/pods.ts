/** Pods that the guard lets through, for the tests to break, and every kind that makes them. */
import { changed, type Loose } from "./acts";

export const ENVOY = "docker.io/envoyproxy/envoy:v1.40.0";
const POOL_KEY = "node-restriction.kubernetes.io/ollama-pool";
export const POOL_TOLERATION = { key: POOL_KEY, operator: "Equal", value: "finance-gpu", effect: "NoSchedule" };
export const POOL_SELECTOR = { [POOL_KEY]: "finance-gpu" };

/** An image that may run in HR's workspace. */
export const WORKSPACE_IMAGE = "registry.example.com/hr/helpdesk:1";

/** A pod of HR's developers that has nothing it should not have, and nothing that one has to know by heart. */
export function workspacePod(): Loose {
  const spec = podSpec("hr");
  delete spec.priorityClassName;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "probe", namespace: "tenant-hr-apps", labels: { app: "helpdesk" } },
    spec: { ...spec, containers: [container("main", { image: WORKSPACE_IMAGE })] },
  };
}

/** A pod of a tenant that has nothing it should not have. */
export function tenantPod(tenant = "hr", name = "probe"): Loose {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: `tenant-${tenant}`, labels: { "ollama-platform.io/tenant": tenant } },
    spec: podSpec(tenant),
  };
}

function podSpec(tenant: string): Loose {
  return {
    automountServiceAccountToken: false,
    priorityClassName: `ollama-platform-tenant-${tenant}`,
    restartPolicy: "Always",
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container("main")],
  };
}

/** A container of the platform's image. */
export function container(name: string, over: object = {}): Loose {
  const amounts = { cpu: "10m", memory: "16Mi", "ephemeral-storage": "16Mi" };
  return {
    name,
    image: ENVOY,
    resources: { requests: amounts, limits: amounts },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    ...over,
  };
}

/** A tenant's pod with changes. */
export function podWith(edit: (pod: Loose) => void, tenant = "hr"): Loose {
  return changed(tenantPod(tenant), edit);
}

/** An object of each kind that makes pods, from a pod. */
export const MAKERS: Record<string, (pod: Loose) => Loose> = {
  Deployment: (pod) => workload("apps/v1", "Deployment", pod, { replicas: 0 }),
  ReplicaSet: (pod) => workload("apps/v1", "ReplicaSet", pod, { replicas: 0 }),
  StatefulSet: (pod) => workload("apps/v1", "StatefulSet", pod, { replicas: 0, serviceName: "made" }),
  DaemonSet: (pod) => workload("apps/v1", "DaemonSet", pod, {}),
  Job: (pod) => made("batch/v1", "Job", pod, { suspend: true, template: template(pod, "Never", false) }),
  CronJob: (pod) =>
    made("batch/v1", "CronJob", pod, {
      schedule: "0 0 1 1 *",
      jobTemplate: { spec: { template: template(pod, "Never", false) } },
    }),
  ReplicationController: (pod) =>
    made("v1", "ReplicationController", pod, { replicas: 0, selector: { app: "made" }, template: template(pod) }),
  PodTemplate: (pod) => {
    const { apiVersion, kind, metadata } = made("v1", "PodTemplate", pod, {});
    return { apiVersion, kind, metadata, template: template(pod) };
  },
};

function made(apiVersion: string, kind: string, pod: Loose, spec: object): Loose {
  return { apiVersion, kind, metadata: { name: "made", namespace: pod.metadata.namespace }, spec };
}

function workload(apiVersion: string, kind: string, pod: Loose, spec: object): Loose {
  return made(apiVersion, kind, pod, { ...spec, selector: { matchLabels: { app: "made" } }, template: template(pod) });
}

function template({ metadata, spec }: Loose, restartPolicy = "Always", labelled = true): Loose {
  const labels = { ...metadata.labels, ...(labelled ? { app: "made" } : {}) };
  return { metadata: { labels, annotations: metadata.annotations ?? {} }, spec: { ...spec, restartPolicy } };
}
