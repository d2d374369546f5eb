/**
 * The parts of Kubernetes objects that rules read, as the API types name them.
 *
 * Every property is optional: the objects come from programs that nothing has validated yet. A value that is unknown
 * until deployment is the string `UNKNOWN`, whatever the declared type says, so a rule compares with the values it
 * accepts (`=== true`, `!== "Always"`) and never merely excludes the ones it refuses.
 */

/** Stands in an object for a value that the preview does not know. It equals no value that a rule accepts. */
export const UNKNOWN = "[unknown until deployed]";

/** Stands in an object for a value that rules must never see or print, such as the data of a Secret. */
export const REDACTED = "[redacted]";

/** An object of the Kubernetes API as plain JSON. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectMeta {
  /** Empty when the object has no name of its own (`generateName`, or unknown). */
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  [field: string]: unknown;
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: LabelSelectorRequirement[];
}

export interface LabelSelectorRequirement {
  key?: string;
  operator?: string;
  values?: string[];
}

export interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  ephemeralContainers?: Container[];
  volumes?: Volume[];
  securityContext?: PodSecurityContext;
  serviceAccountName?: string;
  /** Deprecated alias of `serviceAccountName`, still honoured by the API server. */
  serviceAccount?: string;
  automountServiceAccountToken?: boolean;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  hostUsers?: boolean;
  shareProcessNamespace?: boolean;
  hostAliases?: unknown[];
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  affinity?: Affinity;
  tolerations?: Toleration[];
  topologySpreadConstraints?: TopologySpreadConstraint[];
  schedulerName?: string;
  priorityClassName?: string;
  priority?: number;
  runtimeClassName?: string;
  resourceClaims?: { name?: string; resourceClaimName?: string; resourceClaimTemplateName?: string }[];
  resources?: Resources;
  overhead?: Record<string, string>;
  os?: { name?: string };
  dnsPolicy?: string;
  dnsConfig?: { nameservers?: string[] };
  restartPolicy?: string;
  terminationGracePeriodSeconds?: number;
  enableServiceLinks?: boolean;
  imagePullSecrets?: { name?: string }[];
}

export interface Container {
  name?: string;
  image?: string;
  imagePullPolicy?: string;
  command?: string[];
  args?: string[];
  env?: EnvVar[];
  envFrom?: { secretRef?: { name?: string }; configMapRef?: { name?: string } }[];
  ports?: ContainerPort[];
  resources?: Resources;
  /** `Always` on an init container makes it a sidecar that lives as long as the pod. */
  restartPolicy?: string;
  securityContext?: SecurityContext;
  volumeMounts?: VolumeMount[];
  volumeDevices?: unknown[];
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
  lifecycle?: { postStart?: Handler; preStop?: Handler };
}

export interface EnvVar {
  name?: string;
  value?: string;
  valueFrom?: {
    secretKeyRef?: { name?: string; key?: string };
    configMapKeyRef?: { name?: string; key?: string };
    fieldRef?: { fieldPath?: string };
    resourceFieldRef?: unknown;
  };
}

export interface ContainerPort {
  name?: string;
  containerPort?: number;
  hostPort?: number;
  hostIP?: string;
  /** Default `TCP`. */
  protocol?: string;
}

export interface Resources {
  requests?: Record<string, string | number>;
  limits?: Record<string, string | number>;
  claims?: { name?: string; request?: string }[];
}

export interface VolumeMount {
  name?: string;
  mountPath?: string;
  readOnly?: boolean;
  subPath?: string;
  mountPropagation?: string;
}

export interface Handler {
  exec?: { command?: string[] };
  httpGet?: {
    host?: string;
    path?: string;
    port?: number | string;
    httpHeaders?: { name?: string; value?: string }[];
  };
  tcpSocket?: { host?: string; port?: number | string };
}

export interface Probe extends Handler {
  grpc?: { port?: number };
}

export interface PodSecurityContext {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  runAsGroup?: number;
  fsGroup?: number;
  supplementalGroups?: number[];
  seccompProfile?: { type?: string };
  appArmorProfile?: { type?: string };
  seLinuxOptions?: SeLinuxOptions;
  sysctls?: { name?: string; value?: string }[];
  windowsOptions?: { hostProcess?: boolean };
}

export interface SecurityContext {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  runAsGroup?: number;
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  procMount?: string;
  capabilities?: { add?: string[]; drop?: string[] };
  seccompProfile?: { type?: string };
  appArmorProfile?: { type?: string };
  seLinuxOptions?: SeLinuxOptions;
  windowsOptions?: { hostProcess?: boolean };
}

export interface SeLinuxOptions {
  type?: string;
  user?: string;
  role?: string;
}

/** A volume: its name and exactly one source under the source's own key. */
export interface Volume {
  name?: string;
  hostPath?: { path?: string };
  emptyDir?: { medium?: string; sizeLimit?: string };
  configMap?: { name?: string };
  secret?: { secretName?: string };
  persistentVolumeClaim?: { claimName?: string; readOnly?: boolean };
  projected?: {
    sources?: {
      serviceAccountToken?: { audience?: string; path?: string };
      configMap?: { name?: string };
      secret?: { name?: string };
    }[];
  };
  ephemeral?: { volumeClaimTemplate?: { spec?: PersistentVolumeClaimSpec } };
  [source: string]: unknown;
}

export interface PersistentVolumeClaimSpec {
  accessModes?: string[];
  storageClassName?: string;
  volumeName?: string;
  resources?: Resources;
  dataSource?: { kind?: string; name?: string };
  dataSourceRef?: { kind?: string; name?: string; namespace?: string };
}

export interface Affinity {
  nodeAffinity?: {
    requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: NodeSelectorTerm[] };
    preferredDuringSchedulingIgnoredDuringExecution?: { weight?: number; preference?: NodeSelectorTerm }[];
  };
  podAffinity?: PodAffinity;
  podAntiAffinity?: PodAffinity;
}

export interface NodeSelectorTerm {
  matchExpressions?: LabelSelectorRequirement[];
  matchFields?: LabelSelectorRequirement[];
}

export interface PodAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: { weight?: number; podAffinityTerm?: PodAffinityTerm }[];
}

export interface PodAffinityTerm {
  labelSelector?: LabelSelector;
  namespaces?: string[];
  namespaceSelector?: LabelSelector;
  topologyKey?: string;
}

export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}

export interface TopologySpreadConstraint {
  maxSkew?: number;
  topologyKey?: string;
  whenUnsatisfiable?: string;
  labelSelector?: LabelSelector;
}

export interface NetworkPolicySpec {
  podSelector?: LabelSelector;
  policyTypes?: string[];
  ingress?: { from?: NetworkPolicyPeer[]; ports?: NetworkPolicyPort[] }[];
  egress?: { to?: NetworkPolicyPeer[]; ports?: NetworkPolicyPort[] }[];
}

export interface NetworkPolicyPeer {
  podSelector?: LabelSelector;
  namespaceSelector?: LabelSelector;
  ipBlock?: { cidr?: string; except?: string[] };
}

export interface NetworkPolicyPort {
  port?: number | string;
  endPort?: number;
  /** Default `TCP`. */
  protocol?: string;
}

export interface PolicyRule {
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  verbs?: string[];
  nonResourceURLs?: string[];
}

export interface Subject {
  kind?: string;
  apiGroup?: string;
  name?: string;
  namespace?: string;
}

export interface RoleRef {
  apiGroup?: string;
  kind?: string;
  name?: string;
}
