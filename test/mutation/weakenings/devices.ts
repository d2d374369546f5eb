import { addAt, at, setAt, type Widening } from "./widening";

const WORKLOAD = /^(Deployment|StatefulSet|DaemonSet|Job|CronJob|Pod)$/;
const pod = /(^|\.)template\.spec$/;
const template = /(^|\.)template\.metadata$/;
const container = /\.template\.spec\.(initContainers|containers)\[[^\]]+\]$/;

const variable = (name: string, value: string): [string, unknown] => ["env", { name, value }];
const volume = (source: object): [string, unknown] => ["volumes", { name: "extra", ...source }];
const claim = (spec: object): [string, unknown] => volume({ ephemeral: { volumeClaimTemplate: { spec } } });
const hostname = { key: "kubernetes.io/hostname", operator: "In", values: ["n"] };
const node = { key: "metadata.name", operator: "In", values: ["n"] };
const required = (term: object) => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
});
const preferred = (preference: object) => ({
  nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] },
});

/** Ways to accelerators, to storage past claims, and to single nodes. */
export const deviceWidenings: Widening[] = [
  ...addAt(WORKLOAD, container, [
    variable("AMD_VISIBLE_DEVICES", "all"),
    variable("DOCKER_RESOURCE_GPU", "0"),
    variable("NVIDIA_IMEX_CHANNELS", "0"),
    variable("LD_AUDIT", "/tmp/x.so"),
    ["envFrom", { configMapRef: { name: "somewhere" } }],
    ["volumeMounts", { name: "scratch", mountPath: "/var/run/nvidia-container-devices/all" }],
  ]),
  ...setAt(WORKLOAD, template, [
    ["annotations", { "cdi.k8s.io/gpus": "nvidia.com/gpu=all" }],
    ["annotations", { "io.kubernetes.cri-o.Devices": "/dev/nvidia0" }],
    ["annotations", { "devices.nri.io/pod": "- path: /dev/nvidia0" }],
  ]),
  ...at(WORKLOAD, /\.resources\.limits$/, {
    "joined by two slices": (old) => ({ ...old, "nvidia.com/mig-1g.10gb": "2" }),
    "joined by slices of two kinds": (old) => ({ ...old, "nvidia.com/mig-1g.10gb": 1, "nvidia.com/mig-2g.20gb": 1 }),
    "joined by half a GPU": (old) => ({ ...old, "nvidia.com/gpu": "500m" }),
    "joined by a slice that no GPU has": (old) => ({ ...old, "nvidia.com/mig-9g.9gb": "1" }),
    "joined by a device class": (old) => ({ ...old, "deviceclass.resource.kubernetes.io/gpu.nvidia.com": "1" }),
  }),
  ...addAt(WORKLOAD, pod, [
    volume({ csi: { driver: "nfs.csi.k8s.io", volumeAttributes: { server: "s", share: "/intruder" } } }),
    volume({ csi: { driver: "file.csi.azure.com", volumeAttributes: { secretNamespace: "tenant-intruder" } } }),
    volume({ csi: { driver: "csi.example.com" } }),
    volume({ image: { reference: "evil.example.net/data:1" } }),
    volume({ image: { reference: "docker.io/ollama/data" } }),
    volume({ emptyDir: { sizeLimit: "0" } }),
    volume({ azureFile: { secretName: "s", shareName: "finance" } }),
    volume({ iscsi: { targetPortal: "203.0.113.1", iqn: "i", lun: 0 } }),
    volume({ flexVolume: { driver: "d" } }),
    claim({ volumeName: "pv-of-intruder" }),
    claim({ storageClassName: "", selector: { matchLabels: { of: "intruder" } } }),
    claim({ storageClassName: "" }),
  ]),
  ...setAt(WORKLOAD, pod, [
    ["affinity", required({ matchFields: [node] })],
    ["affinity", required({ matchExpressions: [hostname] })],
    ["affinity", preferred({ matchFields: [node] })],
    ["affinity", preferred({ matchExpressions: [hostname] })],
  ]),
  ...at(WORKLOAD, pod, {
    "led to one node by its name": (old) => ({
      ...old,
      nodeSelector: { ...old.nodeSelector, "kubernetes.io/hostname": "n" },
    }),
  }),
  ...at(WORKLOAD, /\.tolerations\[[^\]]+\]$/, {
    "of another effect": (old) => ({ ...old, effect: "PreferNoSchedule" }),
    "of another value": (old) => ({ ...old, value: "elsewhere" }),
  }),
  ...at(/^PersistentVolumeClaim$/, /^spec\.volumeName$/, {
    "of a volume that nobody declares": () => "pv-of-intruder",
  }),
  ...setAt(/^PersistentVolumeClaim$/, /^spec$/, [["volumeName", "pv-of-intruder"]]),
];

const secret = ["x7", "blue", "horse"].join("-");
const url = ["postgres://models", `${secret}@db.example.com/models`].join(":");
const bearer = `Bearer ${"a1b2c3d4e5f6".repeat(2)}`;
const names = ["AWS_SECRET_ACCESS_KEY", "DB_PWD", "DB_PASS", "PGPASSWORD", "clientSecret", "STORAGE_ACCOUNT_KEY"];

/** Secrets where everybody reads them. */
export const secretWidenings: Widening[] = [
  ...addAt(WORKLOAD, container, [
    ...names.map((name) => variable(name, secret)),
    variable("DATABASE", url),
    variable("HEADER", bearer),
    ["args", `--password=${secret}`],
    ["args", `DB_PWD=${secret}`],
    ["args", url],
  ]),
  ...setAt(WORKLOAD, container, [
    ["readinessProbe", { exec: { command: ["check", `--token=${secret}`] } }],
    ["livenessProbe", { httpGet: { port: 80, httpHeaders: [{ name: "Authorization", value: bearer }] } }],
  ]),
  ...at(/^ConfigMap$/, /^data$/, {
    ...Object.fromEntries(names.map((name) => [`given ${name}`, (old) => ({ ...old, [name]: secret })])),
    "given an address with a password": (old) => ({ ...old, address: url }),
    "given a file with a password": (old) => ({ ...old, "app.conf": `user: models\npassword: ${secret}\n` }),
    "given a file of JSON with a secret": (old) => ({ ...old, "app.json": JSON.stringify({ clientSecret: secret }) }),
  }),
  ...at(/^ConfigMap$/, /^$/, {
    "given a secret as binary data": (old) => ({
      ...old,
      binaryData: { "app.conf": Buffer.from(`password: ${secret}`).toString("base64") },
    }),
  }),
];

/** Ways for pools and controllers to take pods away, or never to bring new ones. */
export const upkeepWidenings: Widening[] = [
  ...at(/^NodePool$/, /^spec\.disruption\.consolidationPolicy$/, {
    "packing nodes in use": () => "WhenEmptyOrUnderutilized",
  }),
  ...at(/^NodePool$/, /^spec\.template\.spec\.terminationGracePeriod$/, { "of a second": () => "1s" }),
  ...at(/^LimitRange$/, /^spec\.limits\[0\]$/, {
    "with a maximum below what containers need": (old) => ({ ...old, max: { memory: "1Mi" } }),
    "with a minimum above what containers need": (old) => ({ ...old, min: { memory: "900Gi" } }),
    "with a ratio that nobody keeps": (old) => ({ ...old, maxLimitRequestRatio: { memory: "500m" } }),
  }),
  ...at(/^PodDisruptionBudget$/, /^spec$/, {
    "selecting no pod": (old) => ({ ...old, selector: { matchLabels: { app: "ghost" } } }),
  }),
  ...at(/^HorizontalPodAutoscaler$/, /^spec\.metrics\[\d+\]$/, {
    "of a container that is not there": () => ({
      type: "ContainerResource",
      containerResource: { name: "cpu", container: "ghost", target: { type: "Utilization", averageUtilization: 80 } },
    }),
    "of a resource that nobody requests": () => ({
      type: "Resource",
      resource: { name: "example.com/x", target: { type: "Utilization", averageUtilization: 80 } },
    }),
  }),
  ...at(/^HorizontalPodAutoscaler$/, /^spec\.minReplicas$/, { "nothing at all": () => 0 }),
];
