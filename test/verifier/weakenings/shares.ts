import { changed, escape, FINANCE, gone, HR, PLATFORM, put, taken, type Weakening } from "./weakening";

const confined = (namespace: string, label: string, value?: string): Weakening =>
  changed(
    "Namespace",
    "namespace",
    "",
    namespace,
    `metadata.labels.${label}`,
    value === undefined ? taken(`/metadata/labels/${escape(label)}`) : put(`/metadata/labels/${escape(label)}`, value),
  );

/** Labels by which namespaces are confined. */
export const labels: Weakening[] = [
  confined(FINANCE, "pod-security.kubernetes.io/enforce", "privileged"),
  confined(FINANCE, "ollama-platform.io/isolation-level", "shared"),
  confined(FINANCE, "pod-security.kubernetes.io/audit"),
  confined(HR, "pod-security.kubernetes.io/warn"),
  confined(HR, "pod-security.kubernetes.io/enforce-version", "v1.20"),
  confined(HR, "ollama-platform.io/isolation-level", "none"),
  confined(PLATFORM, "pod-security.kubernetes.io/enforce", "baseline"),
];

const limit = (namespace: string, key: string, value: string): Weakening =>
  changed(
    "ResourceQuota",
    "resourcequota",
    namespace,
    "quota",
    `spec.hard.${key}`,
    put(`/spec/hard/${escape(key)}`, value),
  );

/** Quotas, limits and replicas. */
export const quotas: Weakening[] = [
  limit(HR, "limits.memory", "4Ti"),
  limit(HR, "requests.cpu", "1k"),
  limit(HR, "pods", "1k"),
  limit(HR, "requests.nvidia.com/gpu", "8"),
  limit(HR, "services.nodeports", "5"),
  limit(FINANCE, "requests.nvidia.com/gpu", "100"),
  limit(FINANCE, "services.loadbalancers", "1"),
  limit(FINANCE, "requests.storage", "1Pi"),
  changed("ResourceQuota", "resourcequota", HR, "quota", "spec.hard.limits.cpu", taken("/spec/hard/limits.cpu")),
  gone("ResourceQuota", "resourcequota", HR, "quota-priority"),
  gone("ResourceQuota", "resourcequota", FINANCE, "quota-affinity"),
  gone("LimitRange", "limitrange", PLATFORM, "limits"),
  changed("LimitRange", "limitrange", FINANCE, "limits", "spec.limits", put("/spec/limits/0/default/memory", "64Gi")),
  changed("HorizontalPodAutoscaler", "hpa", HR, "ollama", "spec.maxReplicas", put("/spec/maxReplicas", 50)),
  changed("HorizontalPodAutoscaler", "hpa", FINANCE, "ollama", "spec.maxReplicas", put("/spec/maxReplicas", 9)),
  gone("PodDisruptionBudget", "pdb", HR, "ollama"),
  gone("PriorityClass", "priorityclass", "", "ollama-platform-tenant-hr"),
];

/** Node pools. */
export const pools: Weakening[] = [
  changed(
    "NodePool",
    "nodepool",
    "",
    "finance-gpu",
    "spec.limits.nvidia.com/gpu",
    put("/spec/limits/nvidia.com~1gpu", "64"),
  ),
  changed("NodePool", "nodepool", "", "finance-gpu", "spec.limits.cpu", put("/spec/limits/cpu", "1000")),
  changed(
    "NodePool",
    "nodepool",
    "",
    "finance-gpu",
    "spec.template.metadata.labels",
    put("/spec/template/metadata/labels/node-restriction.kubernetes.io~1ollama-pool", "hr"),
  ),
];
