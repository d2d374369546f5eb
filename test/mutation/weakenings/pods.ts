import { addAt, at, setAt, type Widening } from "./widening";

/** Kinds that make pods. */
const WORKLOAD = /^(Deployment|StatefulSet|DaemonSet|Job|CronJob|Pod)$/;
const pod = /(^|\.)template\.spec$/;
const container = /\.template\.spec\.(initContainers|containers)\[[^\]]+\]$/;
const containerSecurity = /\.(initContainers|containers)\[[^\]]+\]\.securityContext$/;
const podSecurity = /\.template\.spec\.securityContext$/;

const volume = (source: object) => ({ name: "extra", ...source });

/** Ways for a pod to reach its node, other pods or the API server. */
export const podWidenings: Widening[] = [
  ...setAt(WORKLOAD, pod, [
    ["hostNetwork", true],
    ["hostPID", true],
    ["hostIPC", true],
    ["shareProcessNamespace", true],
    ["automountServiceAccountToken", true],
    ["serviceAccountName", "default"],
    ["resources", { requests: { cpu: "1000" }, limits: { cpu: "1000" } }],
    ["overhead", { memory: "10Ti" }],
    ["nodeName", "node-1"],
    ["schedulerName", "my-scheduler"],
    ["priorityClassName", "system-node-critical"],
    ["runtimeClassName", "none"],
    ["nodeSelector", {}],
    ["nodeSelector", { "node-restriction.kubernetes.io/ollama-pool": "intruder-gpu" }],
  ]),
  ...addAt(WORKLOAD, pod, [
    ["tolerations", { operator: "Exists" }],
    ["tolerations", { key: "node-restriction.kubernetes.io/ollama-pool", operator: "Exists" }],
    ["tolerations", { key: "node-restriction.kubernetes.io/ollama-pool", value: "intruder-gpu" }],
    ["tolerations", { key: "node-role.kubernetes.io/control-plane", operator: "Exists" }],
    ["volumes", volume({ hostPath: { path: "/" } })],
    ["volumes", volume({ hostPath: { path: "/var/run/containerd/containerd.sock" } })],
    ["volumes", volume({ nfs: { server: "203.0.113.1", path: "/" } })],
    ["volumes", volume({ emptyDir: {} })],
    ["volumes", volume({ projected: { sources: [{ serviceAccountToken: { path: "token" } }] } })],
    ["volumes", volume({ projected: { sources: [{ podCertificate: { signerName: "a.example/b" } }] } })],
    ["containers", { name: "extra", image: "docker.io/library/busybox" }],
    ["ephemeralContainers", { name: "debug", image: "docker.io/library/busybox" }],
    ["initContainers", { name: "first", image: "docker.io/library/busybox", securityContext: { privileged: true } }],
  ]),
  ...setAt(WORKLOAD, pod, [
    ["affinity", affinity("podAffinity", { namespaces: ["tenant-intruder"] })],
    ["affinity", affinity("podAntiAffinity", { namespaceSelector: {} })],
  ]),
  ...setAt(WORKLOAD, podSecurity, [
    ["runAsNonRoot", false],
    ["runAsUser", 0],
    ["seccompProfile", { type: "Unconfined" }],
    ["sysctls", [{ name: "kernel.msgmax", value: "1" }]],
    ["seLinuxOptions", { type: "spc_t" }],
    ["windowsOptions", { hostProcess: true }],
    ["appArmorProfile", { type: "Unconfined" }],
  ]),
  ...setAt(WORKLOAD, containerSecurity, [
    ["privileged", true],
    ["allowPrivilegeEscalation", true],
    ["readOnlyRootFilesystem", false],
    ["runAsNonRoot", false],
    ["runAsUser", 0],
    ["procMount", "Unmasked"],
    ["seccompProfile", { type: "Unconfined" }],
    ["appArmorProfile", { type: "Unconfined" }],
    ["seLinuxOptions", { user: "root" }],
    ["capabilities", { drop: [] }],
    ["capabilities", { drop: ["ALL"], add: ["SYS_ADMIN"] }],
    ["capabilities", { drop: ["ALL"], add: ["NET_RAW"] }],
  ]),
  ...addAt(WORKLOAD, container, [
    ["ports", { containerPort: 8443, hostPort: 8443 }],
    ["env", { name: "NVIDIA_VISIBLE_DEVICES", value: "all" }],
    ["env", { name: "NVIDIA_MIG_MONITOR_DEVICES", value: "all" }],
    ["env", { name: "LD_PRELOAD", value: "/tmp/x.so" }],
    ["env", { name: "CUDA_MPS_PIPE_DIRECTORY", value: "/tmp/mps" }],
    ["env", { name: "API_TOKEN", value: "plain text" }],
    ["env", { name: "KEY", valueFrom: { secretKeyRef: { name: "gateway-policy", key: "keys" } } }],
    ["envFrom", { secretRef: { name: "gateway-policy" } }],
    ["args", "--token=plain-text"],
  ]),
  ...setAt(WORKLOAD, container, [
    ["livenessProbe", { httpGet: { host: "169.254.169.254", path: "/", port: 80 } }],
    ["lifecycle", { postStart: { httpGet: { host: "10.0.0.1", path: "/", port: 80 } } }],
  ]),
  ...at(WORKLOAD, /\.image$/, {
    "from an unlisted registry": () => "evil.example.net/ollama/ollama:0.17.4",
    "without a tag": (old: string) => old.replace(/(:[^:/@]+)?(@.*)?$/, ""),
    "with a tag that moves": (old: string) => old.replace(/(:[^:/@]+)?(@.*)?$/, ":latest"),
  }),
  ...at(WORKLOAD, /\.image$/, { "without its digest": (old: string) => old.replace(/@.*$/, "") }),
  ...at(WORKLOAD, /\.volumes\[[^\]]+\]$/, {
    "turned into a path of the node": ({ name }) => ({ name, hostPath: { path: "/" } }),
    "turned into scratch space without an end": ({ name }) => ({ name, emptyDir: {} }),
  }),
];

/** Ways to put the model server in reach without its gateway. */
export const serverWidenings: Widening[] = [
  ...at(WORKLOAD, /\.env\[OLLAMA_HOST\]$/, {
    "listening on every address": (old) => ({ ...old, value: "0.0.0.0:11434" }),
    "listening on every IPv6 address": (old) => ({ ...old, value: "[::]:11434" }),
    "listening wherever a ConfigMap says": ({ name }) => ({
      name,
      valueFrom: { configMapKeyRef: { name: "any", key: "host" } },
    }),
  }),
  ...at(WORKLOAD, /\.env\[OLLAMA_(NO_CLOUD|NOPRUNE)\]$/, { "switched off": (old) => ({ ...old, value: "0" }) }),
  ...at(WORKLOAD, /\.env\[OLLAMA_REMOTES\]$/, { "opened to ollama.com": (old) => ({ ...old, value: "ollama.com" }) }),
  ...at(WORKLOAD, /\.env\[OLLAMA_MODELS\]$/, { "moved to scratch space": (old) => ({ ...old, value: "/tmp" }) }),
  ...at(WORKLOAD, /\.env\[NVIDIA_VISIBLE_DEVICES\]$/, { "naming every GPU": (old) => ({ ...old, value: "all" }) }),
  ...addAt(WORKLOAD, /\.(initContainers|containers)\[ollama\]$/, [
    ["env", { name: "OLLAMA_HOST", value: "0.0.0.0:11434" }],
    ["env", { name: "OLLAMA_ORIGINS", value: "*" }],
    ["env", { name: "OLLAMA_ORIGINS", valueFrom: { configMapKeyRef: { name: "any", key: "origins" } } }],
    ["envFrom", { configMapRef: { name: "any" } }],
    ["env", { name: "OLLAMA_DEBUG", value: "1" }],
    ["env", { name: "OLLAMA_DEBUG_LOG_REQUESTS", value: "1" }],
  ]),
  ...setAt(WORKLOAD, /\.(initContainers|containers)\[ollama\]$/, [
    ["command", ["/bin/sh", "-c", "OLLAMA_HOST=0.0.0.0:11434 ollama serve"]],
  ]),
  ...at(WORKLOAD, /\.volumeMounts\[models\]\.readOnly$/, { "made writable": () => false }),
];

function affinity(kind: string, term: object): object {
  const rule = { topologyKey: "kubernetes.io/hostname", labelSelector: {}, ...term };
  return { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [rule] } };
}
