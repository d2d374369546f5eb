import { describeRule, type Break } from "../breaks";
import { financePod, find } from "../fixture";
import { inEveryKind, onEveryContainer } from "../shapes";

const FINANCE = "Deployment tenant-finance/ollama";

const onPod = (title: string, field: string, value: unknown, at = field): Break => ({
  title,
  apply: (objects) => {
    const steps = field.split(".");
    const last = steps.pop() ?? "";
    let target = financePod(objects);
    for (const step of steps) target = target[step] ??= {};
    if (value === undefined) delete target[last];
    else target[last] = value;
  },
  object: FINANCE,
  field: new RegExp(at.replaceAll(".", "\\.")),
});

describeRule(
  "pods/host-namespaces",
  [
    onPod("hostNetwork", "hostNetwork", true),
    onPod("hostPID", "hostPID", true),
    onPod("hostIPC", "hostIPC", true),
    onPod("a value that is no boolean", "hostNetwork", "yes"),
    ...inEveryKind((pod) => (pod.hostNetwork = true)),
  ],
  [{ title: "false", apply: (objects) => (financePod(objects).hostNetwork = false) }],
);

describeRule(
  "pods/host-ports",
  onEveryContainer("a host port", (c) => (c.ports = [{ containerPort: 1, hostPort: 80 }]), "ports[0].hostPort"),
  [{ title: "a host port of 0", apply: (objects) => (financePod(objects).containers[0].ports[0].hostPort = 0) }],
);

describeRule("pods/privileged", [
  ...onEveryContainer("privileged", (c) => (c.securityContext.privileged = true), "securityContext.privileged"),
  ...inEveryKind((pod) => (pod.containers[0].securityContext.privileged = true)),
]);

describeRule("pods/privilege-escalation", [
  ...onEveryContainer(
    "true",
    (c) => (c.securityContext.allowPrivilegeEscalation = true),
    "securityContext.allowPrivilegeEscalation",
  ),
  ...onEveryContainer(
    "no security context",
    (c) => delete c.securityContext,
    "securityContext.allowPrivilegeEscalation",
  ),
]);

describeRule(
  "pods/capabilities",
  [
    ...onEveryContainer(
      "nothing dropped",
      (c) => delete c.securityContext.capabilities,
      "securityContext.capabilities.drop",
    ),
    ...onEveryContainer(
      "only some dropped",
      (c) => (c.securityContext.capabilities = { drop: ["NET_RAW"] }),
      "securityContext.capabilities.drop",
    ),
    ...onEveryContainer(
      "one added",
      (c) => (c.securityContext.capabilities.add = ["SYS_ADMIN"]),
      "securityContext.capabilities.add",
    ),
    ...onEveryContainer(
      "an unknown addition",
      (c) => (c.securityContext.capabilities.add = "?"),
      "securityContext.capabilities.add",
    ),
  ],
  [
    {
      title: "NET_BIND_SERVICE",
      apply: (objects) => (financePod(objects).containers[0].securityContext.capabilities.add = ["NET_BIND_SERVICE"]),
    },
  ],
);

describeRule(
  "pods/run-as-non-root",
  [
    onPod("a pod that does not say so", "securityContext.runAsNonRoot", undefined),
    onPod("user 0 on the pod", "securityContext.runAsUser", 0),
    onPod("a user that is no number", "securityContext.runAsUser", "root"),
    ...onEveryContainer(
      "a container that says otherwise",
      (c) => (c.securityContext.runAsNonRoot = false),
      "securityContext.runAsNonRoot",
    ),
    ...onEveryContainer("user 0", (c) => (c.securityContext.runAsUser = 0), "securityContext.runAsUser"),
  ],
  [
    {
      title: "a pod that leaves it to all its containers",
      apply: (objects) => {
        const pod = financePod(objects);
        delete pod.securityContext.runAsNonRoot;
        for (const c of [...pod.containers, ...pod.initContainers]) c.securityContext.runAsNonRoot = true;
      },
    },
  ],
);

describeRule("pods/seccomp", [
  onPod("no profile", "securityContext.seccompProfile", undefined),
  onPod("Unconfined", "securityContext.seccompProfile.type", "Unconfined"),
  ...onEveryContainer(
    "Unconfined",
    (c) => (c.securityContext.seccompProfile = { type: "Unconfined" }),
    "securityContext.seccompProfile.type",
  ),
]);

describeRule("pods/volume-types", [
  ...["hostPath", "nfs", "iscsi", "gitRepo", "glusterfs", "cephfs", "azureFile", "unheardOf"].map((type): Break => ({
    title: `a ${type} volume`,
    apply: (objects) => financePod(objects).volumes.push({ name: "x", [type]: { path: "/" } }),
    object: FINANCE,
    field: `spec.template.spec.volumes[2].${type}`,
  })),
  onPod("an unknown list", "volumes", "?"),
  ...inEveryKind((pod) => pod.volumes.push({ name: "x", hostPath: { path: "/" } })),
]);

describeRule(
  "pods/proc-mount",
  onEveryContainer("Unmasked", (c) => (c.securityContext.procMount = "Unmasked"), "securityContext.procMount"),
);

describeRule(
  "pods/sysctls",
  [
    onPod("an unsafe setting", "securityContext.sysctls", [{ name: "kernel.msgmax", value: "1" }]),
    onPod("an unknown list", "securityContext.sysctls", "?"),
  ],
  [
    {
      title: "a safe setting",
      apply: (objects) =>
        (financePod(objects).securityContext.sysctls = [{ name: "net.ipv4.ip_unprivileged_port_start", value: "80" }]),
    },
  ],
);

describeRule(
  "pods/selinux",
  [
    onPod("a privileged type on the pod", "securityContext.seLinuxOptions", { type: "spc_t" }),
    onPod("a user", "securityContext.seLinuxOptions", { user: "system_u" }),
    onPod("unknown options", "securityContext.seLinuxOptions", "?"),
    ...onEveryContainer(
      "a role",
      (c) => (c.securityContext.seLinuxOptions = { role: "sysadm_r" }),
      "securityContext.seLinuxOptions.role",
    ),
  ],
  [{ title: "container_t", apply: (o) => (financePod(o).securityContext.seLinuxOptions = { type: "container_t" }) }],
);

describeRule("pods/apparmor", [
  onPod("Unconfined on the pod", "securityContext.appArmorProfile", { type: "Unconfined" }),
  ...onEveryContainer(
    "Unconfined",
    (c) => (c.securityContext.appArmorProfile = { type: "Unconfined" }),
    "securityContext.appArmorProfile.type",
  ),
  {
    title: "unconfined by annotation",
    apply: (objects) => {
      const { template } = find(objects, "Deployment", "ollama", "tenant-finance").spec;
      template.metadata.annotations = { "container.apparmor.security.beta.kubernetes.io/envoy": "unconfined" };
    },
    object: FINANCE,
    field: /annotations/,
  },
]);

describeRule("pods/host-process", [
  onPod("it on the pod", "securityContext.windowsOptions", { hostProcess: true }),
  ...onEveryContainer(
    "it",
    (c) => (c.securityContext.windowsOptions = { hostProcess: true }),
    "securityContext.windowsOptions.hostProcess",
  ),
]);

describeRule("pods/probe-hosts", [
  ...["livenessProbe", "readinessProbe", "startupProbe"].flatMap((probe) =>
    ["httpGet", "tcpSocket"].map((action): Break => ({
      title: `a host in ${probe}.${action}`,
      apply: (objects) =>
        (financePod(objects).containers[0][probe] = { [action]: { host: "169.254.169.254", port: 80 } }),
      object: FINANCE,
      field: `spec.template.spec.containers[0].${probe}.${action}.host`,
    })),
  ),
  ...["postStart", "preStop"].map((hook): Break => ({
    title: `a host in lifecycle.${hook}`,
    apply: (objects) =>
      (financePod(objects).containers[0].lifecycle = { [hook]: { httpGet: { host: "10.0.0.1", port: 1 } } }),
    object: FINANCE,
    field: `spec.template.spec.containers[0].lifecycle.${hook}.httpGet.host`,
  })),
]);

describeRule("pods/read-only-root", [
  ...onEveryContainer(
    "false",
    (c) => (c.securityContext.readOnlyRootFilesystem = false),
    "securityContext.readOnlyRootFilesystem",
  ),
  ...onEveryContainer(
    "nothing said",
    (c) => delete c.securityContext.readOnlyRootFilesystem,
    "securityContext.readOnlyRootFilesystem",
  ),
]);

describeRule("pods/service-account-token", [
  onPod("nothing said", "automountServiceAccountToken", undefined),
  onPod("true", "automountServiceAccountToken", true),
  {
    title: "a projected token",
    apply: (o) =>
      financePod(o).volumes.push({ name: "t", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }),
    object: FINANCE,
    field: /projected\.sources\[0\]\.serviceAccountToken/,
  },
  {
    title: "a projected certificate",
    apply: (o) =>
      financePod(o).volumes.push({
        name: "c",
        projected: { sources: [{ podCertificate: { signerName: "a.example/b" } }] },
      }),
    object: FINANCE,
    field: /projected\.sources\[0\]\.podCertificate/,
  },
  {
    title: "an unknown projection",
    apply: (o) => financePod(o).volumes.push({ name: "t", projected: "?" }),
    object: FINANCE,
    field: /projected\.sources/,
  },
]);

describeRule("pods/own-service-account", [
  onPod("none", "serviceAccountName", undefined),
  onPod("default", "serviceAccountName", "default"),
  {
    title: "default by the deprecated field",
    apply: (objects) => {
      delete financePod(objects).serviceAccountName;
      financePod(objects).serviceAccount = "default";
    },
    object: FINANCE,
  },
]);

describeRule("pods/process-namespace", [onPod("a shared one", "shareProcessNamespace", true)]);

describeRule("pods/containers-known", [
  onPod("an unknown list of containers", "containers", "?"),
  onPod("an unknown list of init containers", "initContainers", "?"),
  onPod("no containers", "containers", undefined),
  {
    title: "an unknown template",
    apply: (objects) => (find(objects, "Deployment", "ollama", "tenant-finance").spec.template = "?"),
    object: FINANCE,
  },
  {
    title: "a missing spec",
    apply: (objects) => delete find(objects, "Deployment", "ollama", "tenant-finance").spec,
    object: FINANCE,
  },
]);
