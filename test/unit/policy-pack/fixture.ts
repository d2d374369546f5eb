/** A small environment that every rule accepts: two tenants, one on a GPU pool of its own, as a program declares it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { PackSettings } from "../../../policy-pack/settings/load";
import { loadSettings } from "../../../policy-pack/settings/load";
import { buildClusterModel, type ClusterModel } from "../../../policy-pack/model/cluster-model";
import { fromLive } from "../../../policy-pack/model/from-live";
import { rules } from "../../../policy-pack/rules";
import { evaluate } from "../../../policy-pack/rules/evaluate";
import type { Violation } from "../../../policy-pack/rules/rule";

/** An object as loosely typed JSON, so that tests can break it in any way. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

/** A policy of the platform's guard, which stands for all of them. */
export const GUARD_POLICY = "ollama-platform-placement";

/** That policy and its binding, as the platform plans them. */
const guard = parseAllDocuments(
  readFileSync(join(__dirname, "..", "..", "golden", "staging", "admission-guard.yaml"), "utf8"),
)
  .map((document): Loose => document.toJS())
  .filter(({ metadata }) => metadata.name === GUARD_POLICY)
  // Annotations are for people.
  .map(({ metadata: { name, labels }, ...rest }) => ({ ...rest, metadata: { name, labels } }));

export const POOL_KEY = "node-restriction.kubernetes.io/ollama-pool";

export const ruleIds = rules.map((rule) => rule.id);

/** Settings under which the fixture is compliant. */
export const settings: PackSettings = loadSettings(
  {
    cluster: {
      ingressPeers: [{ namespace: "ingress-nginx", podLabels: { "app.kubernetes.io/name": "ingress-nginx" } }],
    },
    images: { registries: ["docker.io/ollama", "docker.io/envoyproxy"] },
    admission: { requiredPolicies: [GUARD_POLICY], deployers: ["oidc:platform-staging"] },
  },
  ruleIds,
);

/** The environment, fresh for every call. */
export function compliantObjects(): Loose[] {
  // As JSON, so that no two containers share a part and a test breaks one of them only.
  const objects = [
    ...tenant("finance", { gpu: true }),
    ...tenant("hr", { gpu: false }),
    financePool,
    ...guard,
    ...volume("finance"),
    ...volume("hr"),
  ];
  return JSON.parse(JSON.stringify(objects)) as Loose[];
}

/** Finds the object that a test breaks; throws when there is none. */
export function find(objects: Loose[], kind: string, name: string, namespace?: string): Loose {
  const found = objects.find(
    (o) =>
      o.kind === kind && o.metadata.name === name && (namespace === undefined || o.metadata.namespace === namespace),
  );
  if (found === undefined) throw new Error(`the fixture has no ${kind} ${namespace ?? ""}/${name}`);
  return found;
}

/** Pod spec of the finance tenant's Deployment. */
export function financePod(objects: Loose[]): Loose {
  return find(objects, "Deployment", "ollama", "tenant-finance").spec.template.spec;
}

/** Pod spec of the HR tenant's Deployment. */
export function hrPod(objects: Loose[]): Loose {
  return find(objects, "Deployment", "ollama", "tenant-hr").spec.template.spec;
}

export function modelOf(objects: readonly unknown[], used: PackSettings = settings): ClusterModel {
  return buildClusterModel(fromLive(objects), used.configuration);
}

/** Violations of all rules, or of one. */
export function violationsOf(objects: readonly unknown[], rule?: string, used: PackSettings = settings): Violation[] {
  const chosen = rules.filter(({ id }) => rule === undefined || id === rule);
  return evaluate(chosen, modelOf(objects, used), used.configuration);
}

function tenant(name: string, { gpu }: { gpu: boolean }): Loose[] {
  const namespace = `tenant-${name}`;
  const object = (apiVersion: string, kind: string, objectName: string, rest: object) => ({
    apiVersion,
    kind,
    metadata: { name: objectName, namespace, labels: { "ollama-platform.io/tenant": name } },
    ...rest,
  });
  const rbac = "rbac.authorization.k8s.io";
  return [
    namespaceOf(name, gpu ? "dedicated-nodes" : "shared"),
    object("v1", "ServiceAccount", "ollama", { automountServiceAccountToken: false }),
    object("v1", "ResourceQuota", "quota", { spec: { hard: quota(gpu) } }),
    object("v1", "ResourceQuota", "quota-priority", {
      spec: scoped({ scopeName: "PriorityClass", operator: "NotIn", values: [`tenant-${name}`] }),
    }),
    object("v1", "ResourceQuota", "quota-affinity", {
      spec: scoped({ scopeName: "CrossNamespacePodAffinity", operator: "Exists" }),
    }),
    object("v1", "LimitRange", "limits", { spec: { limits: [limitRange] } }),
    object("v1", "ConfigMap", "model-access", { data: { "model-access.json": accessList(name) } }),
    object("v1", "Service", "ollama", {
      spec: { type: "ClusterIP", selector: { app: "ollama" }, ports: [{ port: 80, targetPort: "http" }] },
    }),
    object("apps/v1", "Deployment", "ollama", {
      spec: {
        selector: { matchLabels: { app: "ollama" } },
        // The quota of GPUs has no room for a third pod while two run.
        ...(gpu ? { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } : {}),
        template: { metadata: { labels: { app: "ollama" } }, spec: pod(name, gpu) },
      },
    }),
    object("autoscaling/v2", "HorizontalPodAutoscaler", "ollama", {
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "ollama" },
        minReplicas: 1,
        maxReplicas: 2,
      },
    }),
    object("policy/v1", "PodDisruptionBudget", "ollama", {
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: "ollama" } } },
    }),
    ...policies(object),
    object(`${rbac}/v1`, "Role", "viewer", {
      rules: [{ apiGroups: [""], resources: ["pods", "pods/log", "services"], verbs: ["get", "list", "watch"] }],
    }),
    object(`${rbac}/v1`, "RoleBinding", "viewer", {
      roleRef: { apiGroup: rbac, kind: "Role", name: "viewer" },
      subjects: [{ kind: "Group", apiGroup: rbac, name: `${name}-viewers` }],
    }),
    {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name: `tenant-${name}` },
      value: 1000,
      preemptionPolicy: "Never",
    },
  ];
}

function namespaceOf(name: string, level: string): Loose {
  const modes = ["enforce", "audit", "warn"];
  const podSecurity = modes.flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, "restricted"],
    [`pod-security.kubernetes.io/${mode}-version`, "v1.34"],
  ]);
  const labels = {
    "ollama-platform.io/tenant": name,
    "ollama-platform.io/isolation-level": level,
    ...Object.fromEntries(podSecurity),
  };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: `tenant-${name}`, labels } };
}

function quota(gpu: boolean): Loose {
  return {
    "requests.cpu": "8",
    "limits.cpu": "12",
    "requests.memory": "32Gi",
    "limits.memory": "32Gi",
    "requests.ephemeral-storage": "10Gi",
    "limits.ephemeral-storage": "10Gi",
    "requests.storage": "20Gi",
    "requests.nvidia.com/gpu": gpu ? "2" : "0",
    pods: "6",
    persistentvolumeclaims: "4",
    "services.nodeports": "0",
    "services.loadbalancers": "0",
    services: "10",
    secrets: "50",
    configmaps: "50",
    "count/deployments.apps": "10",
    "count/replicasets.apps": "50",
    "count/statefulsets.apps": "0",
    "count/jobs.batch": "20",
    "count/cronjobs.batch": "5",
    "count/ingresses.networking.k8s.io": "5",
    replicationcontrollers: "0",
    resourcequotas: "5",
    "count/resourceclaims.resource.k8s.io": "0",
    "count/resourceclaimtemplates.resource.k8s.io": "0",
    "gpu.nvidia.com.deviceclass.resource.k8s.io/devices": "0",
    "mig.nvidia.com.deviceclass.resource.k8s.io/devices": "0",
  };
}

/** A quota that forbids every pod of one scope. */
function scoped(expression: object): Loose {
  return { hard: { pods: "0" }, scopeSelector: { matchExpressions: [expression] } };
}

const sizes = { cpu: "100m", memory: "128Mi", "ephemeral-storage": "128Mi" };
const limitRange = { type: "Container", default: sizes, defaultRequest: sizes };

function accessList(name: string): string {
  const allow = ["registry.ollama.ai/library/qwen2.5:7b"];
  return JSON.stringify({ schemaVersion: 1, tenant: name, default: "deny", allow, deny: [] });
}

function pod(name: string, gpu: boolean): Loose {
  const securityContext = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  };
  const gpus = gpu ? { "nvidia.com/gpu": "1" } : {};
  const size = { cpu: "2", memory: "8Gi", "ephemeral-storage": "1Gi", ...gpus };
  const hidden = { name: "NVIDIA_VISIBLE_DEVICES", value: "void" };
  const place = {
    nodeSelector: { [POOL_KEY]: "finance-gpu" },
    tolerations: [{ key: POOL_KEY, operator: "Equal", value: "finance-gpu", effect: "NoSchedule" }],
  };
  return {
    serviceAccountName: "ollama",
    automountServiceAccountToken: false,
    priorityClassName: `tenant-${name}`,
    ...(gpu ? place : {}),
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
    initContainers: [
      {
        name: "ollama",
        image: "docker.io/ollama/ollama:0.17.4",
        imagePullPolicy: "Always",
        args: ["serve"],
        restartPolicy: "Always",
        env: [
          { name: "OLLAMA_HOST", value: "127.0.0.1:11434" },
          { name: "OLLAMA_MODELS", value: "/models" },
          { name: "OLLAMA_NO_CLOUD", value: "1" },
          { name: "OLLAMA_NOPRUNE", value: "1" },
          { name: "OLLAMA_REMOTES", value: "none.invalid" },
          { name: "LLAMA_ARG_CACHE_RAM", value: "0" },
          ...(gpu ? [] : [hidden]),
        ],
        ports: [{ name: "ollama", containerPort: 11434 }],
        resources: { requests: size, limits: size },
        securityContext,
        volumeMounts: [
          { name: "models", mountPath: "/models", readOnly: true },
          { name: "scratch", mountPath: "/tmp" },
        ],
      },
      {
        name: "check",
        image: "docker.io/envoyproxy/envoy:v1.40.0",
        imagePullPolicy: "Always",
        args: ["--mode", "validate"],
        env: [hidden],
        resources: { requests: sizes, limits: sizes },
        securityContext,
      },
    ],
    containers: [
      {
        name: "envoy",
        image: "docker.io/envoyproxy/envoy:v1.40.0",
        imagePullPolicy: "Always",
        env: [hidden],
        ports: [{ name: "http", containerPort: 8080 }],
        resources: { requests: sizes, limits: sizes },
        securityContext,
      },
    ],
    volumes: [
      { name: "models", persistentVolumeClaim: { claimName: "models", readOnly: true } },
      { name: "scratch", emptyDir: { sizeLimit: "256Mi" } },
    ],
  };
}

type MakeObject = (apiVersion: string, kind: string, name: string, rest: object) => Loose;

function policies(object: MakeObject): Loose[] {
  const policy = (name: string, spec: object) => object("networking.k8s.io/v1", "NetworkPolicy", name, { spec });
  const peer = (namespace: string, labels: object) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels: labels },
  });
  return [
    policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    policy("allow-dns", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [peer("kube-system", { "k8s-app": "kube-dns" })],
          ports: [
            { port: 53, protocol: "UDP" },
            { port: 53, protocol: "TCP" },
          ],
        },
      ],
    }),
    policy("allow-clients", {
      podSelector: { matchLabels: { app: "ollama" } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [peer("ingress-nginx", { "app.kubernetes.io/name": "ingress-nginx" })],
          ports: [{ port: 8080, protocol: "TCP" }],
        },
      ],
    }),
    policy("allow-egress", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr: "203.0.113.16/28" } }], ports: [{ port: 443, protocol: "TCP" }] }],
    }),
  ];
}

const financePool = {
  apiVersion: "karpenter.sh/v1",
  kind: "NodePool",
  metadata: { name: "finance-gpu", labels: { "ollama-platform.io/tenant": "finance" } },
  spec: {
    template: {
      metadata: { labels: { [POOL_KEY]: "finance-gpu" } },
      spec: {
        taints: [{ key: POOL_KEY, value: "finance-gpu", effect: "NoSchedule" }],
        expireAfter: "Never",
        terminationGracePeriod: "1h",
      },
    },
    disruption: { consolidationPolicy: "WhenEmpty", consolidateAfter: "10m" },
    limits: { cpu: "64", memory: "256Gi", "nvidia.com/gpu": "2" },
  },
};

function volume(name: string): Loose[] {
  return [
    {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: `models-${name}` },
      spec: {
        capacity: { storage: "10Gi" },
        accessModes: ["ReadOnlyMany"],
        claimRef: { namespace: `tenant-${name}`, name: "models" },
        nfs: { server: "store.example.com", path: "/models" },
      },
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "models", namespace: `tenant-${name}` },
      spec: {
        accessModes: ["ReadOnlyMany"],
        volumeName: `models-${name}`,
        resources: { requests: { storage: "10Gi" } },
      },
    },
  ];
}
