/** The service of shared limits: Envoy's rate limit service, and the store of its counts beside it in the same pod. */
import { contentHash } from "../content-hash";
import { containerSecurity, NO_GPU, restrictedPod } from "../../gateway/pod";
import { SERVICE_CONFIGURATION, SERVICE_FILE, serviceEnvironment, storeArguments } from "../../gateway/shared-limits";
import { MIB, formatBytes } from "../../models/quantity";
import type { Environment } from "../../spec/environment";
import { LIMITS_NAMESPACE } from "../../spec/names";
import type { SharedLimits } from "../../spec/shared-limits";
import type { Tenant } from "../../spec/tenant";
import { resourceAmounts } from "../amounts";
import type {
  ConfigMap,
  Container,
  Deployment,
  KubernetesObject,
  PodSpec,
  Service,
  ServiceAccount,
  Volume,
} from "../kubernetes";
import { NAMESPACE_NAME_LABEL, platformLabels, serverSelector } from "../labels";
import {
  allowScrapes,
  denyAllIn,
  planPlatformNamespace,
  platformPolicy,
  type PlatformService,
} from "../platform-namespace";
import { LIMITS_PORT, METRICS_PORT } from "../ports";
import { planPriorityClass } from "../tenant/priority";
import { imagePullSecrets } from "../tenant/pull-secret";
import { planLimitRange, planQuotas, type LimitedNamespace } from "../tenant/quota";
import type { PersistentVolumeClaim } from "../store/objects";
import { LIMITS_OBJECT, LIMITS_SELECTOR } from "./names";

const SERVICE_AMOUNTS = { cpuMillis: 500, memoryBytes: 128 * MIB, ephemeralStorageBytes: 64 * MIB };
/** Counts are few bytes each; the log of changes is rewritten when it has doubled. */
const STORE_AMOUNTS = { cpuMillis: 500, memoryBytes: 128 * MIB, ephemeralStorageBytes: 320 * MIB };
const COUNTS_SIZE = 256 * MIB;
const SOCKET_SIZE = MIB;

const SOCKET_DIRECTORY = "/run/store";
const COUNTS_DIRECTORY = "/data";
const RUNTIME_DIRECTORY = "/etc/limits";
const ALL_ADDRESSES = "0.0.0.0";
/** Ports that only the pod itself uses. */
const INNER_PORTS = { grpcPort: 8081, debugPort: 6070 };

/** Plans the service of an environment. */
export function planSharedLimits(
  limits: SharedLimits,
  environment: Environment,
  tenants: readonly Tenant[],
): PlatformService {
  const labels = { ...platformLabels("limits"), ...LIMITS_SELECTOR };
  const metadata = { name: LIMITS_OBJECT.service, namespace: LIMITS_NAMESPACE, labels };
  const file = configuration();
  const deployment: Deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas: 1,
      revisionHistoryLimit: 1,
      selector: { matchLabels: LIMITS_SELECTOR },
      // Two stores would count apart: the old pod ends before the new one begins, which the grace bridges.
      strategy: { type: "Recreate" },
      template: { metadata: { labels }, spec: limitsPod(limits, environment, file.metadata.name) },
    },
  };
  const service: Service = {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: {
      type: "ClusterIP",
      selector: LIMITS_SELECTOR,
      ports: [{ name: "http", port: LIMITS_PORT, targetPort: "http", protocol: "TCP" }],
    },
  };
  const account: ServiceAccount = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata,
    automountServiceAccountToken: false,
  };
  return {
    namespace: planPlatformNamespace(LIMITS_NAMESPACE, "limits", environment.cluster),
    priorityClass: planPriorityClass(
      LIMITS_OBJECT.priorityClass,
      platformLabels("quota"),
      "The service that counts shared limits",
    ),
    fences: [...planFences(limits, environment, tenants), account],
    files: [file, ...planCounts(limits)],
    workload: [service, deployment],
  };
}

function planFences(
  { storage }: SharedLimits,
  environment: Environment,
  tenants: readonly Tenant[],
): KubernetesObject[] {
  const limited: LimitedNamespace = {
    namespace: LIMITS_NAMESPACE,
    labels: platformLabels("quota"),
    priorityClass: LIMITS_OBJECT.priorityClass,
    cpuMillis: SERVICE_AMOUNTS.cpuMillis + STORE_AMOUNTS.cpuMillis,
    memoryBytes: SERVICE_AMOUNTS.memoryBytes + STORE_AMOUNTS.memoryBytes,
    ephemeralStorageBytes: SERVICE_AMOUNTS.ephemeralStorageBytes + STORE_AMOUNTS.ephemeralStorageBytes,
    storageBytes: storage?.bytes ?? 0,
    pods: 1,
  };
  return [
    denyAllIn(LIMITS_NAMESPACE),
    ...allowGateways(tenants),
    ...allowScrapes(LIMITS_NAMESPACE, environment.cluster, LIMITS_SELECTOR, METRICS_PORT),
    ...planQuotas(limited, environment),
    planLimitRange(limited),
  ];
}

/** Lets the tenants' servers ask, and no other pod of theirs. Without tenants there is no policy: an empty list of peers would mean everybody. */
function allowGateways(tenants: readonly Tenant[]): KubernetesObject[] {
  const from = tenants
    .filter(({ suspended }) => !suspended)
    .map((tenant) => ({
      namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: tenant.namespace } },
      podSelector: { matchLabels: serverSelector(tenant) },
    }));
  if (from.length === 0) return [];
  return [
    platformPolicy(LIMITS_NAMESPACE, LIMITS_OBJECT.allowGateways, {
      podSelector: { matchLabels: LIMITS_SELECTOR },
      policyTypes: ["Ingress"],
      ingress: [{ from, ports: [{ port: LIMITS_PORT, protocol: "TCP" }] }],
    }),
  ];
}

/** The service's configuration, which never changes: another content is another name, so that the pod is replaced. */
function configuration(): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: `${LIMITS_OBJECT.service}-${contentHash(SERVICE_CONFIGURATION)}`,
      namespace: LIMITS_NAMESPACE,
      labels: platformLabels("limits"),
    },
    immutable: true,
    data: { [SERVICE_FILE]: SERVICE_CONFIGURATION },
  };
}

function planCounts({ storage }: SharedLimits): PersistentVolumeClaim[] {
  if (storage === undefined) return [];
  return [
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: LIMITS_OBJECT.counts, namespace: LIMITS_NAMESPACE, labels: platformLabels("limits") },
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: formatBytes(storage.bytes) } },
        ...(storage.storageClass === undefined ? {} : { storageClassName: storage.storageClass }),
      },
    },
  ];
}

function limitsPod({ storage }: SharedLimits, environment: Environment, configMap: string): PodSpec {
  const counts: Volume =
    storage === undefined
      ? { name: "counts", emptyDir: { sizeLimit: formatBytes(COUNTS_SIZE) } }
      : { name: "counts", persistentVolumeClaim: { claimName: LIMITS_OBJECT.counts } };
  return {
    serviceAccountName: LIMITS_OBJECT.service,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...imagePullSecrets(environment),
    priorityClassName: LIMITS_OBJECT.priorityClass,
    securityContext: restrictedPod(),
    // A sidecar, so that the store is there before the service and ends after it.
    initContainers: [storeContainer(environment)],
    containers: [serviceContainer(environment)],
    volumes: [
      { name: "configuration", configMap: { name: configMap } },
      { name: "socket", emptyDir: { medium: "Memory", sizeLimit: formatBytes(SOCKET_SIZE) } },
      counts,
    ],
  };
}

const SOCKET = `${SOCKET_DIRECTORY}/store.sock`;
const SOCKET_MOUNT = { name: "socket", mountPath: SOCKET_DIRECTORY };

function storeContainer({ images }: Environment): Container {
  const amounts = resourceAmounts(STORE_AMOUNTS);
  return {
    name: "store",
    image: images.valkey,
    imagePullPolicy: "IfNotPresent",
    restartPolicy: "Always",
    command: ["valkey-server", ...storeArguments(SOCKET, COUNTS_DIRECTORY)],
    env: [NO_GPU],
    resources: { requests: { ...amounts, cpu: "50m" }, limits: amounts },
    securityContext: containerSecurity(),
    volumeMounts: [SOCKET_MOUNT, { name: "counts", mountPath: COUNTS_DIRECTORY }],
  };
}

function serviceContainer({ images }: Environment): Container {
  const amounts = resourceAmounts(SERVICE_AMOUNTS);
  const environment = serviceEnvironment({
    address: ALL_ADDRESSES,
    port: LIMITS_PORT,
    metricsPort: METRICS_PORT,
    inner: INNER_PORTS,
    storeSocket: SOCKET,
    runtimeDirectory: RUNTIME_DIRECTORY,
  });
  const probe = { httpGet: { path: "/healthcheck", port: LIMITS_PORT }, timeoutSeconds: 5 };
  return {
    name: "ratelimit",
    image: images.rateLimit,
    imagePullPolicy: "IfNotPresent",
    command: ["/bin/ratelimit"],
    env: [NO_GPU, ...Object.entries(environment).map(([name, value]) => ({ name, value }))],
    ports: [
      { name: "http", containerPort: LIMITS_PORT, protocol: "TCP" },
      { name: "metrics", containerPort: METRICS_PORT, protocol: "TCP" },
    ],
    resources: { requests: { ...amounts, cpu: "50m" }, limits: amounts },
    readinessProbe: { ...probe, periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...probe, periodSeconds: 20, failureThreshold: 6 },
    securityContext: containerSecurity(),
    volumeMounts: [SOCKET_MOUNT, { name: "configuration", mountPath: `${RUNTIME_DIRECTORY}/config`, readOnly: true }],
  };
}
