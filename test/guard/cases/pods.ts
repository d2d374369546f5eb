import { ADMIN, create, DEPLOYER, controller, type Case, type Loose, update } from "../support/acts";
import { container, MAKERS, podWith, POOL_SELECTOR, POOL_TOLERATION, tenantPod } from "../support/pods";

type Edit = (pod: Loose) => void;
const main = (pod: Loose): Loose => pod.spec.containers[0];
const env =
  (variable: object): Edit =>
  (pod) =>
    (main(pod).env = [variable]);
const annotate =
  (annotations: object): Edit =>
  (pod) =>
    (pod.metadata.annotations = annotations);
const volume =
  (source: object): Edit =>
  (pod) =>
    (pod.spec.volumes = [{ name: "v", ...source }]);
const none: Edit = () => undefined;

/** What a pod may not have, and its nearest neighbour that it may have. */
const CONTENT: [title: string, refused: Edit, allowed: Edit][] = [
  ["the host's network", (pod) => (pod.spec.hostNetwork = true), (pod) => (pod.spec.hostNetwork = false)],
  ["the host's processes", (pod) => (pod.spec.hostPID = true), none],
  ["the host's IPC", (pod) => (pod.spec.hostIPC = true), none],
  ["one process namespace for all containers", (pod) => (pod.spec.shareProcessNamespace = true), none],
  [
    "a port of the node",
    (pod) => (main(pod).ports = [{ containerPort: 80, hostPort: 80 }]),
    (pod) => (main(pod).ports = [{ containerPort: 80 }]),
  ],
  [
    "a privileged container",
    (pod) => Object.assign(main(pod).securityContext, { privileged: true, allowPrivilegeEscalation: true }),
    (pod) => (main(pod).securityContext.privileged = false),
  ],
  ["privilege escalation", (pod) => (main(pod).securityContext.allowPrivilegeEscalation = true), none],
  ["privilege escalation by saying nothing", (pod) => delete main(pod).securityContext.allowPrivilegeEscalation, none],
  [
    "an added capability",
    (pod) => (main(pod).securityContext.capabilities.add = ["NET_ADMIN"]),
    (pod) => (main(pod).securityContext.capabilities.drop = ["ALL", "NET_ADMIN"]),
  ],
  [
    "the root user",
    (pod) => (pod.spec.securityContext.runAsUser = 0),
    (pod) => (pod.spec.securityContext.runAsUser = 7),
  ],
  ["the root user in a container", (pod) => (main(pod).securityContext.runAsUser = 0), none],
  ["any user", (pod) => delete pod.spec.securityContext.runAsNonRoot, none],
  [
    "no seccomp filter",
    (pod) => (pod.spec.securityContext.seccompProfile.type = "Unconfined"),
    (pod) => (main(pod).securityContext.seccompProfile = { type: "RuntimeDefault" }),
  ],
  [
    "no seccomp filter in a container",
    (pod) => (main(pod).securityContext.seccompProfile = { type: "Unconfined" }),
    none,
  ],
  ["no AppArmor profile", (pod) => (main(pod).securityContext.appArmorProfile = { type: "Unconfined" }), none],
  [
    "a sysctl",
    (pod) => (pod.spec.securityContext.sysctls = [{ name: "kernel.shm_rmid_forced", value: "0" }]),
    (pod) => (pod.spec.securityContext.sysctls = []),
  ],
  ["SELinux options", (pod) => (pod.spec.securityContext.seLinuxOptions = { level: "s0:c1,c2" }), none],
  ["a folder of the node", volume({ hostPath: { path: "/etc" } }), volume({ emptyDir: {} })],
  [
    "a volume of a server that it names",
    volume({ nfs: { server: "a", path: "/" } }),
    volume({ configMap: { name: "c" } }),
  ],
  ["a volume of a driver", volume({ csi: { driver: "d.example.com" } }), volume({ secret: { secretName: "s" } })],
  [
    "an image as a volume",
    volume({ image: { reference: "a.example.com/b:1" } }),
    volume({ persistentVolumeClaim: { claimName: "models", readOnly: true } }),
  ],
  [
    "a claim that comes with it",
    volume({
      ephemeral: {
        volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
      },
    }),
    volume({ downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } }),
  ],
  [
    "a token of its account",
    volume({ projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }),
    volume({ projected: { sources: [{ configMap: { name: "c" } }] } }),
  ],
  [
    "a token as the second source of a volume",
    volume({
      projected: { sources: [{ configMap: { name: "c" } }, { serviceAccountToken: { path: "t", audience: "a" } }] },
    }),
    volume({ projected: { sources: [{ configMap: { name: "c" } }, { secret: { name: "s" } }] } }),
  ],
  [
    "every GPU of its node by a variable",
    env({ name: "NVIDIA_VISIBLE_DEVICES", value: "all" }),
    env({ name: "NVIDIA_VISIBLE_DEVICES", value: "void" }),
  ],
  [
    "GPUs by a variable from elsewhere",
    env({ name: "NVIDIA_VISIBLE_DEVICES", valueFrom: { configMapKeyRef: { name: "c", key: "k" } } }),
    env({ name: "OTHER", valueFrom: { configMapKeyRef: { name: "c", key: "k" } } }),
  ],
  [
    "variables that a ConfigMap names",
    (pod) => (main(pod).envFrom = [{ configMapRef: { name: "c" } }]),
    (pod) => (main(pod).envFrom = []),
  ],
  [
    "a library put before others",
    env({ name: "LD_PRELOAD", value: "/a.so" }),
    env({ name: "PRELOAD", value: "/a.so" }),
  ],
  [
    "GPUs by a mount",
    (pod) => {
      volume({ emptyDir: {} })(pod);
      main(pod).volumeMounts = [{ name: "v", mountPath: "/var/run/nvidia-container-devices/all" }];
    },
    (pod) => {
      volume({ emptyDir: {} })(pod);
      main(pod).volumeMounts = [{ name: "v", mountPath: "/var/run/other" }];
    },
  ],
  [
    "a device by an annotation",
    annotate({ "cdi.k8s.io/gpu": "nvidia.com/gpu=all" }),
    annotate({ "example.com/gpu": "none" }),
  ],
  [
    "an AppArmor profile by an annotation",
    annotate({ "container.apparmor.security.beta.kubernetes.io/main": "runtime/default" }),
    annotate({ "example.com/profile": "runtime/default" }),
  ],
  [
    "a resource claim",
    (pod) => (pod.spec.resourceClaims = [{ name: "g", resourceClaimName: "gpu" }]),
    (pod) => (pod.spec.resourceClaims = []),
  ],
];

/** Where and before whom a pod may run. */
const PLACED: [title: string, refused: Edit, allowed: Edit][] = [
  ["an image from elsewhere", (pod) => (main(pod).image = "evil.example.com/a:1"), none],
  ["another tag of the platform's image", (pod) => (main(pod).image = "docker.io/envoyproxy/envoy:v1.30.0"), none],
  ["the platform's image by a shorter name", (pod) => (main(pod).image = "envoyproxy/envoy:v1.40.0"), none],
  [
    "an image from elsewhere in an init container",
    (pod) => (pod.spec.initContainers = [container("first", { image: "evil.example.com/a:1" })]),
    (pod) => (pod.spec.initContainers = [container("first")]),
  ],
  [
    "an image from elsewhere in its second container",
    (pod) => pod.spec.containers.push(container("second", { image: "evil.example.com/a:1" })),
    (pod) => pod.spec.containers.push(container("second")),
  ],
  ["a node by name", (pod) => (pod.spec.nodeName = "cpu-1"), none],
  [
    "another scheduler",
    (pod) => (pod.spec.schedulerName = "mine"),
    (pod) => (pod.spec.schedulerName = "default-scheduler"),
  ],
  [
    "another tenant's pool",
    (pod) => (pod.spec.nodeSelector = POOL_SELECTOR),
    (pod) => (pod.spec.nodeSelector = { "kubernetes.io/os": "linux" }),
  ],
  ["a node by its host name", (pod) => (pod.spec.nodeSelector = { "kubernetes.io/hostname": "n" }), none],
  [
    "nodes by affinity",
    (pod) =>
      (pod.spec.affinity = {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/os", operator: "Exists" }] }],
          },
        },
      }),
    (pod) => (pod.spec.affinity = {}),
  ],
  [
    "nearness to another tenant's pods",
    (pod) =>
      (pod.spec.affinity = {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: "kubernetes.io/hostname", namespaces: ["tenant-finance"], labelSelector: {} },
          ],
        },
      }),
    (pod) =>
      (pod.spec.affinity = {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: "kubernetes.io/hostname", labelSelector: {} },
          ],
        },
      }),
  ],
  [
    "distance from every namespace's pods",
    (pod) =>
      (pod.spec.affinity = {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: { topologyKey: "kubernetes.io/hostname", namespaceSelector: {} } },
          ],
        },
      }),
    (pod) =>
      (pod.spec.affinity = {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: { topologyKey: "kubernetes.io/hostname" } },
          ],
        },
      }),
  ],
  [
    "every taint",
    (pod) => (pod.spec.tolerations = [{ operator: "Exists" }]),
    (pod) =>
      (pod.spec.tolerations = [
        { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 },
      ]),
  ],
  ["every pool's taint", (pod) => (pod.spec.tolerations = [{ key: POOL_TOLERATION.key, operator: "Exists" }]), none],
  [
    "the control plane's taint",
    (pod) => (pod.spec.tolerations = [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }]),
    none,
  ],
  ["no priority class", (pod) => delete pod.spec.priorityClassName, none],
  ["another tenant's priority class", (pod) => (pod.spec.priorityClassName = "ollama-platform-tenant-finance"), none],
  ["a runtime of its own", (pod) => (pod.spec.runtimeClassName = "other"), none],
  [
    "a GPU in a tenant without any",
    (pod) => (main(pod).resources.limits = { ...main(pod).resources.limits, "nvidia.com/gpu": "1" }),
    (pod) => (main(pod).resources.limits = { ...main(pod).resources.limits, cpu: "20m" }),
  ],
];

const made = (title: string, refused: Edit, allowed: Edit): Case => ({
  title: `a pod with ${title}`,
  act: create(podWith(refused)),
  twin: create(podWith(allowed)),
});

/** The same thing in each kind that makes pods: what is looked at in a pod alone comes by a template. */
const byMakers = (title: string, refused: Edit, who = ADMIN): Case[] =>
  Object.entries(MAKERS).map(([kind, of]) => ({
    title: `a ${kind} with ${title}`,
    act: create(of(podWith(refused)), { who }),
    twin: create(of(tenantPod())),
  }));

/** Pods and what makes them. */
export const PODS: Case[] = [
  ...CONTENT.map((one) => made(...one)),
  ...PLACED.map((one) => made(...one)),
  ...byMakers("the host's network", (pod) => (pod.spec.hostNetwork = true)),
  ...byMakers("an image from elsewhere", (pod) => (main(pod).image = "evil.example.com/a:1")),
  ...byMakers("its account's token", (pod) => delete pod.spec.automountServiceAccountToken),
  ...byMakers("a device by an annotation", annotate({ "cdi.k8s.io/gpu": "nvidia.com/gpu=all" })),
  ...byMakers("another tenant's label", (pod) => (pod.metadata.labels["ollama-platform.io/tenant"] = "finance")),
  {
    title: "a pod of HR that tolerates finance's pool",
    act: create(podWith((pod) => (pod.spec.tolerations = [POOL_TOLERATION]))),
    twin: create(podWith((pod) => (pod.spec.tolerations = [POOL_TOLERATION]), "finance")),
  },
  {
    title: "a pod of HR with a GPU, which finance's may have",
    act: create(podWith((pod) => (main(pod).resources.limits["nvidia.com/gpu"] = "1"))),
    twin: create(
      podWith((pod) => {
        for (const amounts of [main(pod).resources.limits, main(pod).resources.requests])
          amounts["nvidia.com/gpu"] = "1";
      }, "finance"),
    ),
  },
  {
    title: "a pod of finance with another GPU resource",
    act: create(
      podWith((pod) => (main(pod).resources.limits = { ...main(pod).resources.limits, "amd.com/gpu": "1" }), "finance"),
    ),
    twin: create(
      podWith(
        (pod) => (main(pod).resources.limits = { ...main(pod).resources.limits, "nvidia.com/gpu": "1" }),
        "finance",
      ),
    ),
  },
  {
    title: "a privileged pod, by the deployer too",
    act: create(
      podWith((pod) => (pod.spec.hostNetwork = true)),
      { who: DEPLOYER },
    ),
    twin: create(
      podWith((pod) => (main(pod).image = "registry.example.com/next:2")),
      { who: DEPLOYER },
    ),
  },
  {
    title: "a pod with an image from elsewhere, by the controller of a ReplicaSet",
    act: create(
      podWith((pod) => (main(pod).image = "evil.example.com/a:1")),
      { who: controller("replicaset-controller") },
    ),
    twin: create(tenantPod(), { who: controller("replicaset-controller") }),
  },
  {
    title: "a pod labelled as another tenant's server",
    act: create(
      podWith(
        (pod) => (pod.metadata.labels = { "app.kubernetes.io/name": "ollama", "ollama-platform.io/tenant": "finance" }),
      ),
    ),
    twin: create(
      podWith(
        (pod) => (pod.metadata.labels = { "app.kubernetes.io/name": "ollama", "ollama-platform.io/tenant": "hr" }),
      ),
    ),
  },
  {
    title: "a running pod that is given the server's label",
    act: update(tenantPod(), (pod) => (pod.metadata.labels["app.kubernetes.io/name"] = "ollama")),
    twin: update(tenantPod(), (pod) => (pod.metadata.labels["note"] = "seen")),
  },
  {
    title: "a running pod that is given the server's label through its status",
    act: update(tenantPod(), (pod) => (pod.metadata.labels["app.kubernetes.io/name"] = "ollama"), {
      subresource: "status",
    }),
    twin: update(tenantPod(), (pod) => (pod.status = { ...pod.status, message: "seen" }), { subresource: "status" }),
  },
  {
    title: "any label through a pod's status, by its kubelet",
    act: update(tenantPod(), (pod) => (pod.metadata.labels["x"] = "y"), {
      subresource: "status",
      who: { username: "system:node:node-1", groups: ["system:masters"] },
    }),
    twin: update(tenantPod(), (pod) => (pod.status = { ...pod.status, message: "seen" }), {
      subresource: "status",
      who: { username: "system:node:node-1", groups: ["system:masters"] },
    }),
  },
  {
    title: "a toleration that is added to a running pod",
    act: update(tenantPod(), (pod) => (pod.spec.tolerations = [...(pod.spec.tolerations ?? []), POOL_TOLERATION])),
    twin: update(tenantPod(), (pod) => (pod.metadata.annotations = { "example.com/note": "seen" })),
  },
  {
    title: "an image of a running pod",
    act: update(tenantPod(), (pod) => (main(pod).image = "evil.example.com/a:1")),
    twin: update(tenantPod(), (pod) => (main(pod).image = "docker.io/ollama/ollama:0.17.4")),
  },
  {
    title: "a pod in a namespace of a tenant that nobody has declared",
    act: create(podWith(none, "unknown")),
    twin: create(podWith((pod) => (pod.metadata.namespace = "default"), "unknown")),
  },
  {
    title: "a pod beside the loader",
    act: create(podWith((pod) => Object.assign(pod.metadata, { namespace: "ollama-platform-system", labels: {} }))),
    twin: create(
      podWith((pod) => {
        Object.assign(pod.metadata, { namespace: "ollama-platform-system", labels: {} });
        pod.spec.priorityClassName = "ollama-platform-models";
      }),
    ),
  },
];
