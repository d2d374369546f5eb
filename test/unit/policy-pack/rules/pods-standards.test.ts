/** What the API server refuses under the restricted standard, by the version that a namespace enforces. */
import { describeRule, type Break } from "../breaks";
import { financePod, find, type Loose } from "../fixture";
import { inEveryKind, onEveryContainer } from "../shapes";

const FINANCE = "Deployment tenant-finance/ollama";
const POD = "spec.template.spec.securityContext";

/** Lets the namespace of finance enforce the standard of a minor version. */
const enforce = (objects: Loose[], version: string) =>
  (find(objects, "Namespace", "tenant-finance").metadata.labels["pod-security.kubernetes.io/enforce-version"] =
    version);

/** Breaks the pod's own security context, while every container says the right thing. */
const overridden = (field: string, value: unknown, right: Loose): Break => ({
  title: `${field} ${JSON.stringify(value)} on the pod, although every container says otherwise`,
  apply: (objects) => {
    const pod = financePod(objects);
    pod.securityContext[field] = value;
    for (const container of [...pod.initContainers, ...pod.containers]) Object.assign(container.securityContext, right);
  },
  object: FINANCE,
  field: new RegExp(`^${POD.replaceAll(".", "\\.")}\\.${field}`),
});

describeRule(
  "pods/run-as-non-root",
  [
    overridden("runAsNonRoot", false, { runAsNonRoot: true }),
    overridden("runAsUser", 0, { runAsUser: 10001 }),
    ...inEveryKind((pod) => (pod.securityContext.runAsNonRoot = false)),
    ...inEveryKind((pod) => (pod.containers[0].securityContext.runAsUser = 0)),
    {
      title: "root in a user namespace of its own, since an image may still run as it",
      apply: (objects) => Object.assign(financePod(objects), { hostUsers: false, securityContext: { runAsUser: 0 } }),
      object: FINANCE,
    },
  ],
  [
    {
      title: "a container that repeats what its pod says",
      apply: (o) =>
        Object.assign(financePod(o).containers[0].securityContext, { runAsNonRoot: true, runAsUser: 10001 }),
    },
  ],
);

describeRule(
  "pods/seccomp",
  [
    overridden("seccompProfile", { type: "Unconfined" }, { seccompProfile: { type: "RuntimeDefault" } }),
    overridden("seccompProfile", {}, { seccompProfile: { type: "RuntimeDefault" } }),
    ...onEveryContainer(
      "a profile without type",
      (c) => (c.securityContext.seccompProfile = {}),
      "securityContext.seccompProfile.type",
    ),
    ...inEveryKind((pod) => delete pod.securityContext.seccompProfile),
  ],
  [
    {
      title: "a profile on every container and none on the pod",
      apply: (objects) => {
        const pod = financePod(objects);
        delete pod.securityContext.seccompProfile;
        for (const c of [...pod.initContainers, ...pod.containers])
          c.securityContext.seccompProfile = { type: "Localhost", localhostProfile: "x.json" };
      },
    },
  ],
);

describeRule(
  "pods/apparmor",
  onEveryContainer(
    "a profile without type",
    (c) => (c.securityContext.appArmorProfile = {}),
    "securityContext.appArmorProfile.type",
  ),
  [
    {
      title: "an empty annotation, which says nothing",
      apply: (o) =>
        (find(o, "Deployment", "ollama", "tenant-finance").spec.template.metadata.annotations = {
          "container.apparmor.security.beta.kubernetes.io/envoy": "",
        }),
    },
  ],
);

const sysctl = (name: string, version: string): Break => ({
  title: `${name} under ${version}`,
  apply: (objects) => {
    enforce(objects, version);
    financePod(objects).securityContext.sysctls = [{ name, value: "1" }];
  },
  object: FINANCE,
  field: `${POD}.sysctls[0].name`,
});
describeRule(
  "pods/sysctls",
  [
    sysctl("net.ipv4.tcp_rmem", "v1.31"),
    sysctl("net.ipv4.tcp_notsent_lowat", "v1.36"),
    sysctl("net.ipv4.tcp_keepalive_time", "v1.28"),
    sysctl("net.ipv4.ip_local_reserved_ports", "v1.26"),
    sysctl("net.core.somaxconn", "v1.37"),
    sysctl("kernel.shm_rmid_force", "v1.37"),
  ],
  [
    sysctl("net.ipv4.tcp_rmem", "v1.32"),
    sysctl("net.ipv4.tcp_wmem", "v1.34"),
    sysctl("net.ipv4.tcp_notsent_lowat", "v1.37"),
    sysctl("net.ipv4.tcp_slow_start_after_idle", "v1.38"),
    sysctl("net.ipv4.tcp_slow_start_after_idle", "latest"),
  ],
);

const seLinux = (type: string, version: string): Break => ({
  title: `${type} under ${version}`,
  apply: (objects) => {
    enforce(objects, version);
    financePod(objects).securityContext.seLinuxOptions = { type };
  },
  object: FINANCE,
  field: `${POD}.seLinuxOptions.type`,
});
describeRule(
  "pods/selinux",
  [seLinux("container_engine_t", "v1.30"), seLinux("container_runtime_t", "v1.34")],
  [seLinux("container_engine_t", "v1.31"), seLinux("container_kvm_t", "v1.30")],
);

describeRule(
  "pods/volume-types",
  [
    "awsElasticBlockStore",
    "azureDisk",
    "cinder",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
  ].map((type): Break => ({
    title: `a ${type} volume`,
    apply: (objects) => financePod(objects).volumes.push({ name: "x", [type]: {} }),
    object: FINANCE,
    field: `spec.template.spec.volumes[2].${type}`,
  })),
  [
    {
      title: "an image, a claim of the pod's own and what the namespace holds",
      apply: (objects) =>
        financePod(objects).volumes.push(
          { name: "a", image: { reference: "docker.io/ollama/data:1" } },
          { name: "b", ephemeral: { volumeClaimTemplate: { spec: {} } } },
          { name: "c", configMap: { name: "c" } },
          { name: "d", downwardAPI: { items: [] } },
          { name: "e", secret: { secretName: "e" } },
        ),
    },
  ],
);

describeRule(
  "capacity/scratch-limited",
  [
    ...["0", "0Mi", "-1Gi", 0, undefined, "much"].map((sizeLimit): Break => ({
      title: `the size ${String(sizeLimit)}`,
      apply: (objects) => (financePod(objects).volumes[1].emptyDir = { sizeLimit }),
      object: FINANCE,
      field: "spec.template.spec.volumes[1].emptyDir.sizeLimit",
    })),
    ...inEveryKind((pod) => (pod.volumes[1].emptyDir.sizeLimit = "0")),
    {
      title: "memory of the size 0",
      apply: (objects) => (financePod(objects).volumes[1].emptyDir = { medium: "Memory", sizeLimit: "0" }),
      object: FINANCE,
    },
  ],
  [{ title: "one byte", apply: (objects) => (financePod(objects).volumes[1].emptyDir = { sizeLimit: 1 }) }],
);
