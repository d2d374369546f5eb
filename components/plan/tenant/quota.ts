import { NVIDIA_DEVICE_CLASSES } from "../../models/gpu-fit";
import { formatBytes, formatMilliCpu } from "../../models/quantity";
import type { LimitRange, ResourceQuota } from "../kubernetes";
import { tenantLabels } from "../labels";
import { TENANT_OBJECT, tenantPriorityClass } from "../../spec/names";
import type { Environment } from "../../spec/environment";
import { DEFAULT_GPU_RESOURCE } from "../../spec/node-pool/gpu";
import type { Tenant } from "../../spec/tenant";

/**
 * Most objects of each kind: far above what a tenant needs, far below what burdens the API server. Quotas count
 * themselves too: nobody can add ones until no request is let in any more.
 */
const OBJECT_COUNTS = {
  services: "10",
  secrets: "50",
  configmaps: "50",
  persistentvolumeclaims: "10",
  "count/deployments.apps": "10",
  "count/replicasets.apps": "50",
  "count/statefulsets.apps": "0",
  "count/jobs.batch": "20",
  "count/cronjobs.batch": "5",
  "count/ingresses.networking.k8s.io": "5",
  replicationcontrollers: "0",
  resourcequotas: "5",
};

/** Nothing that opens a port of the nodes or of the cloud. */
const EXPOSURE = { "services.nodeports": "0", "services.loadbalancers": "0" };

/** Size of a container that names none; the platform's own containers name theirs. */
const DEFAULT_CONTAINER = { cpu: "100m", memory: "128Mi", "ephemeral-storage": "128Mi" };

/** A namespace that quotas hold: a tenant's, or the platform's own. */
export interface LimitedNamespace {
  namespace: string;
  /** Labels of the quotas. */
  labels: Record<string, string>;
  /** The one priority class that its pods may have. Default: none at all. */
  priorityClass?: string;
  cpuMillis: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  storageBytes: number;
  pods: number;
  /** GPUs of the one resource that it may request, or of the one class that its pods may claim. Default: none of any. */
  gpus?: { resource?: string; deviceClass?: string; count: number };
}

/** A tenant's namespace with the tenant's own amounts. */
export function limitedTenant(tenant: Tenant): LimitedNamespace {
  const { quota, nodePool } = tenant;
  const gpu = nodePool?.gpu;
  return {
    ...quota,
    namespace: tenant.namespace,
    labels: tenantLabels(tenant, "quota"),
    priorityClass: tenantPriorityClass(tenant.name),
    // A suspended tenant keeps its amounts, so that resuming it changes one number.
    pods: tenant.suspended ? 0 : quota.pods,
    gpus: gpu && { resource: gpu.resource, deviceClass: gpu.deviceClass, count: quota.gpus },
  };
}

/** The quotas of a namespace: one on amounts, one on priority classes, one on affinity across namespaces. */
export function planQuotas(limited: LimitedNamespace, environment: Environment): ResourceQuota[] {
  return [amounts(limited, environment), priorities(limited), affinities(limited)];
}

function amounts(limited: LimitedNamespace, environment: Environment): ResourceQuota {
  const cpu = formatMilliCpu(limited.cpuMillis);
  const memory = formatBytes(limited.memoryBytes);
  const ephemeralStorage = formatBytes(limited.ephemeralStorageBytes);
  return resourceQuota(limited, TENANT_OBJECT.quota, {
    hard: {
      "requests.cpu": cpu,
      "limits.cpu": cpu,
      "requests.memory": memory,
      "limits.memory": memory,
      "requests.ephemeral-storage": ephemeralStorage,
      "limits.ephemeral-storage": ephemeralStorage,
      ...gpuLimits(limited, environment),
      "requests.storage": formatBytes(limited.storageBytes),
      pods: String(limited.pods),
      ...EXPOSURE,
      ...OBJECT_COUNTS,
    },
  });
}

/** Every GPU resource of the environment: what is not listed would be unlimited. */
function gpuLimits({ gpus }: LimitedNamespace, { nodePools }: Environment): Record<string, string> {
  const resources = [...nodePools.values()].flatMap(({ gpu }) => gpu?.resource ?? []);
  const extended = [...new Set([DEFAULT_GPU_RESOURCE, ...resources])].sort();
  return {
    ...Object.fromEntries(
      extended.map((resource) => [`requests.${resource}`, resource === gpus?.resource ? String(gpus.count) : "0"]),
    ),
    ...claimLimits(gpus, nodePools),
  };
}

/**
 * Claims on devices, which the limits on extended resources do not count: every class of the environment and those that
 * NVIDIA's driver brings, so that no tenant takes GPUs past its limit. A claim has one device at least, so there are no
 * more claims than devices.
 */
function claimLimits(gpus: LimitedNamespace["gpus"], nodePools: Environment["nodePools"]): Record<string, string> {
  const classes = [...nodePools.values()].flatMap(({ gpu }) => gpu?.deviceClass ?? []);
  const all = [...new Set([...Object.values(NVIDIA_DEVICE_CLASSES), ...classes])].sort();
  const devices = (name?: string) => (name !== undefined && name === gpus?.deviceClass ? String(gpus.count) : "0");
  const byTemplate = gpus?.deviceClass !== undefined && gpus.resource === undefined && gpus.count > 0;
  return {
    ...Object.fromEntries(all.map((name) => [`${name}.deviceclass.resource.k8s.io/devices`, devices(name)])),
    "count/resourceclaims.resource.k8s.io": devices(gpus?.deviceClass),
    // The one in use, and the next while a change is made.
    "count/resourceclaimtemplates.resource.k8s.io": byTemplate ? "2" : "0",
  };
}

/**
 * No pod with any other priority class than the namespace's own, and none without one; in a namespace without a class of its own
 * none with any.
 */
function priorities(limited: LimitedNamespace): ResourceQuota {
  const { priorityClass } = limited;
  const foreign = priorityClass === undefined ? { operator: "Exists" } : { operator: "NotIn", values: [priorityClass] };
  return resourceQuota(limited, TENANT_OBJECT.priorityQuota, {
    hard: { pods: "0" },
    scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", ...foreign }] },
  });
}

/** No pod whose affinity looks into other namespaces: it would tell where others run, or keep them from running. */
function affinities(limited: LimitedNamespace): ResourceQuota {
  return resourceQuota(limited, TENANT_OBJECT.affinityQuota, {
    hard: { pods: "0" },
    scopeSelector: { matchExpressions: [{ scopeName: "CrossNamespacePodAffinity", operator: "Exists" }] },
  });
}

function resourceQuota(
  { namespace, labels }: LimitedNamespace,
  name: string,
  spec: ResourceQuota["spec"],
): ResourceQuota {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { name, namespace, labels }, spec };
}

/** Defaults for containers that name no size: a quota refuses pods that do not say what they need. */
export function planLimitRange({ namespace, labels, storageBytes }: LimitedNamespace): LimitRange {
  return {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { name: TENANT_OBJECT.limits, namespace, labels },
    spec: {
      limits: [
        { type: "Container", default: DEFAULT_CONTAINER, defaultRequest: DEFAULT_CONTAINER },
        { type: "PersistentVolumeClaim", max: { storage: formatBytes(storageBytes) } },
      ],
    },
  };
}
