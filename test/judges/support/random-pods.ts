/** Random pods: an allowed one with a few of its security fields set to anything that the API takes. */
import fc from "fast-check";
import type { PodQuestion } from "./pod-security";

/** Minor versions whose standards the library knows apart. */
export const MINORS = [24, 25, 26, 27, 29, 31, 32, 34, 35, 36, 37];

const bools = [true, false];
const seccomp = [{}, { type: "RuntimeDefault" }, { type: "Localhost", localhostProfile: "x" }, { type: "Unconfined" }];
const appArmor = [{}, { type: "RuntimeDefault" }, { type: "Localhost", localhostProfile: "x" }, { type: "Unconfined" }];
const seLinux = [
  {},
  ...["container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t", ""].map((type) => ({
    type,
  })),
  { user: "u" },
  { role: "r" },
  { level: "s0:c1" },
];
const windows = [{}, { hostProcess: true }, { hostProcess: false }, { gmsaCredentialSpecName: "x" }];
const ids = [0, 1, 1000];

const containerSecurity: Record<string, readonly unknown[]> = {
  privileged: bools,
  allowPrivilegeEscalation: bools,
  readOnlyRootFilesystem: bools,
  runAsNonRoot: bools,
  runAsUser: ids,
  runAsGroup: ids,
  procMount: ["Default", "Unmasked"],
  seccompProfile: seccomp,
  appArmorProfile: appArmor,
  seLinuxOptions: seLinux,
  windowsOptions: windows,
  capabilities: [
    {},
    { drop: ["ALL"] },
    { drop: ["all"] },
    { drop: ["NET_RAW"] },
    { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
    { drop: ["ALL"], add: ["CHOWN"] },
    { add: ["SYS_ADMIN"] },
  ],
};

const handlers = [
  { exec: { command: ["true"] } },
  { httpGet: { port: 80 } },
  { httpGet: { port: 80, host: "" } },
  { httpGet: { port: 80, host: "192.0.2.1" } },
  { tcpSocket: { port: 80, host: "node" } },
  { grpc: { port: 80 } },
];
const containerFields: Record<string, readonly unknown[]> = {
  ports: [[{ containerPort: 80 }], [{ containerPort: 80, hostPort: 0 }], [{ containerPort: 80, hostPort: 80 }]],
  livenessProbe: handlers,
  readinessProbe: handlers,
  startupProbe: handlers,
  lifecycle: handlers.flatMap((handler) => [{ postStart: handler }, { preStop: handler }]),
  securityContext: [{}],
};

const podSecurity: Record<string, readonly unknown[]> = {
  runAsNonRoot: bools,
  runAsUser: ids,
  fsGroup: ids,
  seccompProfile: seccomp,
  appArmorProfile: appArmor,
  seLinuxOptions: seLinux,
  windowsOptions: windows,
  sysctls: [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_notsent_lowat",
    "kernel.msgmax",
  ].map((name) => [{ name, value: "1" }]),
};

const volumeSources = [
  ["configMap", { name: "c" }],
  ["secret", { secretName: "s" }],
  ["emptyDir", {}],
  ["projected", { sources: [] }],
  ["downwardAPI", { items: [] }],
  ["persistentVolumeClaim", { claimName: "c" }],
  ["ephemeral", { volumeClaimTemplate: { spec: {} } }],
  ["csi", { driver: "d" }],
  ["image", { reference: "i:1" }],
  ["hostPath", { path: "/" }],
  ["nfs", { server: "s", path: "/" }],
  ["gitRepo", { repository: "r" }],
  ["iscsi", { targetPortal: "t", iqn: "i", lun: 0 }],
  ["glusterfs", { endpoints: "e", path: "p" }],
  ["cephfs", { monitors: ["m"] }],
  ["rbd", { monitors: ["m"], image: "i" }],
  ["flexVolume", { driver: "d" }],
  ["fc", { lun: 0 }],
  ["azureFile", { secretName: "s", shareName: "s" }],
  ["awsElasticBlockStore", { volumeID: "v" }],
  ["vsphereVolume", { volumePath: "v" }],
  ["portworxVolume", { volumeID: "v" }],
] as const;

const podFields: Record<string, readonly unknown[]> = {
  hostNetwork: bools,
  hostPID: bools,
  hostIPC: bools,
  hostUsers: bools,
  os: [{ name: "linux" }, { name: "windows" }],
  securityContext: [{}],
  // A volume without source is none of them: the API server makes an emptyDir of it before the library sees it.
  volumes: volumeSources.map(([source, value]) => [{ name: "v", [source]: value }]),
};

const annotations = ["runtime/default", "localhost/x", "unconfined", ""].map((value) => ({
  "container.apparmor.security.beta.kubernetes.io/main": value,
}));

/** A change of one field somewhere in a pod. */
type Change = (question: PodQuestion) => void;

type Part = Record<string, unknown>;

const roles = ["containers", "initContainers", "ephemeralContainers"] as const;

function allowed(): PodQuestion["pod"] {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  const container = (name: string) => ({ name, image: "i:1", securityContext: structuredClone(securityContext) });
  return {
    metadata: { name: "p" },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [container("main")],
      initContainers: [container("init")],
      ephemeralContainers: [container("debug")],
    },
  };
}

const part = (parent: unknown, key: string): Part => ((parent as Part)[key] ??= {}) as Part;

function settings(fields: Record<string, readonly unknown[]>, place: (spec: Part) => Part): fc.Arbitrary<Change> {
  const all = Object.entries(fields).flatMap(([field, values]) => values.map((value) => ({ field, value })));
  return fc.constantFrom(...all).map(({ field, value }) => ({ pod }) => {
    place(pod.spec)[field] = structuredClone(value);
  });
}

const ofContainers = roles.flatMap((role) => {
  const container = (spec: Part): Part => (spec[role] as Part[])[0] ?? {};
  return [
    settings(containerSecurity, (spec) => part(container(spec), "securityContext")),
    settings(containerFields, container),
  ];
});

const change: fc.Arbitrary<Change> = fc.oneof(
  settings(podSecurity, (spec) => part(spec, "securityContext")),
  settings(podFields, (spec) => spec),
  ...ofContainers,
  fc.constantFrom(...annotations).map((value): Change => ({ pod }) => {
    pod.metadata.annotations = value;
  }),
  fc.constantFrom(...roles).map((role): Change => ({ pod }) => {
    delete ((pod.spec[role] as Part[])[0] ?? {}).securityContext;
  }),
  fc.constant<Change>(({ pod }) => {
    delete pod.spec.securityContext;
  }),
);

/** Random pods, the same ones for the same seed. */
export function randomPods(count: number, seed: number): PodQuestion[] {
  const question = fc
    .tuple(fc.constantFrom(...MINORS), fc.array(change, { minLength: 0, maxLength: 5 }))
    .map(([minor, changes]) => {
      const asked: PodQuestion = { minor, pod: allowed() };
      for (const apply of changes) apply(asked);
      return asked;
    });
  return fc.sample(question, { numRuns: count, seed });
}
