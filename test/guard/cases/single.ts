import { type Case, changed, create, type Loose, update } from "../support/acts";
import { container, podWith, POOL_TOLERATION, workspacePod } from "../support/pods";

type Edit = (object: Loose) => void;
const RBAC = "rbac.authorization.k8s.io";
const main = (pod: Loose): Loose => pod.spec.containers[0];
/** The platform's template of claims of the tenant labs. */
const CLAIMS = "gpus-1-gpu.nvidia.com";
const none: Edit = () => undefined;
const selector = (name: string, more: object = {}): Loose => ({
  matchLabels: { "kubernetes.io/metadata.name": name, ...more },
});
const expression = [{ key: "app", operator: "Exists" }];

const pod = (title: string, refused: Edit, allowed: Edit = none, tenant = "hr"): Case => ({
  title: `a pod with ${title}`,
  act: create(podWith(refused, tenant)),
  twin: create(podWith(allowed, tenant)),
});
const inMain =
  (context: object): Edit =>
  (one) =>
    Object.assign(main(one).securityContext, context);
const inPod =
  (context: object): Edit =>
  (one) =>
    Object.assign(one.spec.securityContext, context);

/** Each kind of affinity, each strength, and each way by which a term looks into other namespaces. */
const AFFINITIES: Case[] = ["podAffinity", "podAntiAffinity"].flatMap((kind) =>
  [true, false].flatMap((required) =>
    [{ namespaces: ["tenant-finance"] }, { namespaceSelector: {} }].map((where) => {
      const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "a" } } };
      const edit =
        (over: object): Edit =>
        ({ spec }) => {
          const chosen = { ...term, ...over };
          spec.affinity = {
            [kind]: required
              ? { requiredDuringSchedulingIgnoredDuringExecution: [chosen] }
              : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: chosen }] },
          };
        };
      const strength = required ? "required" : "preferred";
      return pod(`${strength} ${kind} by ${Object.keys(where).join()}`, edit(where), edit({}));
    }),
  ),
);

const PODS: Case[] = [
  ...AFFINITIES,
  pod("a profile of AppArmor's taken off for all its containers", inPod({ appArmorProfile: { type: "Unconfined" } })),
  pod("SELinux options of one container", inMain({ seLinuxOptions: { type: "spc_t" } })),
  pod(
    "a variable of the device's sharing",
    (one) => (main(one).env = [{ name: "CUDA_MPS_PIPE_DIRECTORY", value: "/" }]),
  ),
  {
    title: "a Deployment of a workspace that mounts its account's token by its own word",
    act: create(tokenPod(true)),
    twin: create(tokenPod(undefined)),
  },
];

/** A Deployment of an account that mounts no token by itself. */
function tokenPod(automount: boolean | undefined): Loose {
  const { metadata, spec } = workspacePod();
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "mine", namespace: metadata.namespace },
    spec: {
      selector: { matchLabels: metadata.labels },
      template: {
        metadata: { labels: metadata.labels },
        spec: { ...spec, serviceAccountName: "helpdesk", automountServiceAccountToken: automount },
      },
    },
  };
}

const policy = (
  direction: "ingress" | "egress",
  peer: object | undefined,
  ports?: object[],
  place = "tenant-hr",
): Loose => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "mine", namespace: place },
  spec: {
    podSelector: {},
    policyTypes: [direction === "ingress" ? "Ingress" : "Egress"],
    [direction]: [{ ...(peer && { [direction === "ingress" ? "from" : "to"]: [peer] }), ...(ports && { ports }) }],
  },
});

/** A peer that the platform's own policies of HR open in each direction, and at which port. */
const OPENED: ["ingress" | "egress", string, object, Loose][] = [
  ["ingress", "portal", { app: "portal" }, { port: 8080, protocol: "TCP" }],
  ["egress", "kube-system", { "k8s-app": "kube-dns" }, { port: 53, protocol: "UDP" }],
];

const POLICIES: Case[] = OPENED.flatMap(([direction, place, labels, port]) => {
  const peer = { namespaceSelector: selector(place), podSelector: { matchLabels: labels } };
  const twin = create(policy(direction, peer, [port]));
  const one = (title: string, refused: Loose): Case => ({
    title: `a policy for ${direction} with ${title}`,
    act: create(refused),
    twin,
  });
  const own = { namespaceSelector: { ...selector("tenant-hr"), matchExpressions: expression }, podSelector: {} };
  return [
    one("every address at no port", policy(direction, { ipBlock: { cidr: "0.0.0.0/0" } })),
    one("every address at a port", policy(direction, { ipBlock: { cidr: "0.0.0.0/0" } }, [port])),
    one("its own namespace under a condition", policy(direction, own)),
    one("a range of ports", policy(direction, peer, [{ ...port, endPort: port.port + 7 }])),
    one("an empty list of ports", policy(direction, peer, [])),
    one("no peer", policy(direction, undefined, [port])),
    one(
      "a known peer under a condition on its namespace",
      policy(direction, { ...peer, namespaceSelector: { ...selector(place), matchExpressions: expression } }, [port]),
    ),
    one(
      "a known peer under one more label of its namespace",
      policy(direction, { ...peer, namespaceSelector: selector(place, { a: "b" }) }, [port]),
    ),
    one(
      "a known peer under a condition on its pods",
      policy(direction, { ...peer, podSelector: { matchLabels: labels, matchExpressions: expression } }, [port]),
    ),
  ];
});

/** A range of addresses that finance's tenant file declares. */
const DECLARED = { ipBlock: { cidr: "203.0.113.16/28" } };
const declaredAt = (port: object): Loose => policy("egress", DECLARED, [port], "tenant-finance");
const toNobody = changed(policy("egress", {}, [{ port: 53, protocol: "UDP" }]), ({ spec }) => (spec.egress[0].to = []));

const RANGES: Case[] = [
  {
    title: "a policy that lets out to a declared range at a range of ports",
    act: create(declaredAt({ port: 443, endPort: 450, protocol: "TCP" })),
    twin: create(declaredAt({ port: 443, protocol: "TCP" })),
  },
  {
    title: "a policy that lets out to an empty list of peers",
    act: create(toNobody),
    twin: create(declaredAt({ port: 443, protocol: "TCP" })),
  },
];

const binding = (namespace: string, subject: string, roleRef: object): Loose => ({
  apiVersion: `${RBAC}/v1`,
  kind: "RoleBinding",
  metadata: { name: "mine", namespace },
  roleRef: { apiGroup: RBAC, kind: "Role", name: "viewer", ...roleRef },
  subjects: [{ apiGroup: RBAC, kind: "Group", name: subject }],
});

const RIGHTS: Case[] = [
  {
    title: "a binding of developers to a role that nobody declared",
    act: create(binding("tenant-hr-apps", "hr-developers", { name: "admin" })),
    twin: create(binding("tenant-hr-apps", "hr-developers", { name: "developer" })),
  },
  {
    title: "a binding that makes viewers developers",
    act: create(binding("tenant-hr", "hr-business-partners", { name: "developer" })),
    twin: create(binding("tenant-hr", "hr-business-partners", {})),
  },
  {
    title: "a binding to a role of the whole cluster that is named as the tenant's",
    act: create(binding("tenant-hr", "hr-business-partners", { kind: "ClusterRole" })),
    twin: create(binding("tenant-hr", "hr-business-partners", {})),
  },
];

const HOST = "finance.models.example.com";
const ingress = (port: number, over: object = {}, annotations: object = {}): Loose => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: { name: "mine", namespace: "tenant-finance", annotations },
  spec: {
    rules: [
      {
        host: HOST,
        http: {
          paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "ollama", port: { number: port } } } }],
        },
      },
    ],
    ...over,
  },
});

const ROUTES: Case[] = [
  { title: "an Ingress to another port of the gateway", act: create(ingress(8080)), twin: create(ingress(11434)) },
  {
    title: "an Ingress with another host's certificate",
    act: create(ingress(11434, { tls: [{ hosts: ["other.example.com"], secretName: "finance-tls" }] })),
    twin: create(ingress(11434, { tls: [{ hosts: [HOST], secretName: "finance-tls" }] })),
  },
  ...["auth-url", "upstream-vhost", "mirror-target", "default-backend"].map((name): Case => ({
    title: `an Ingress whose controller is told of a ${name}`,
    act: create(ingress(11434, {}, { [`nginx.ingress.kubernetes.io/${name}`]: "https://other.example.com" })),
    twin: create(ingress(11434, {}, { "nginx.ingress.kubernetes.io/proxy-body-size": "1m" })),
  })),
];

const budget = (maxUnavailable: number | string): Loose => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "mine", namespace: "tenant-hr" },
  spec: { maxUnavailable, selector: { matchLabels: { app: "a" } } },
});
const volume = (over: object): Loose => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "single" },
  spec: {
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    csi: { driver: "disk.example.com", volumeHandle: "v2" },
    ...over,
  },
});
const reserved = (name: string): Loose => ({
  claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "tenant-hr", name },
});

const OTHERS: Case[] = [
  ...[0, "0%"].map((most): Case => ({
    title: `a budget that lets ${most} pods be away`,
    act: create(budget(most)),
    twin: create(budget(most === 0 ? 1 : "50%")),
  })),
  {
    title: "a volume of a tenant's claim that is handed to another claim",
    act: update(volume(reserved("a")), (one) => (one.spec.claimRef.name = "b")),
    twin: update(volume(reserved("a")), (one) => (one.metadata.annotations = { note: "seen" })),
  },
];

/** Acts that break one clause of a validation and no other, each. */
export const SINGLE: Case[] = [...PODS, ...POLICIES, ...RANGES, ...RIGHTS, ...ROUTES, ...OTHERS];

/** The same of objects that Kubernetes itself would refuse, today. */
export const SINGLE_JUDGED: Case[] = [
  pod("a container that is privileged and gains nothing more", inMain({ privileged: true })),
  pod("a container with /proc unmasked", inMain({ procMount: "Unmasked" })),
  pod("host processes of Windows", inPod({ windowsOptions: { hostProcess: true } })),
  pod("a container of host processes of Windows", inMain({ windowsOptions: { hostProcess: true } })),
  pod("the GPUs' variable from elsewhere, beside a harmless value", (one) => {
    main(one).env = [{ name: "NVIDIA_VISIBLE_DEVICES", value: "void", valueFrom: { fieldRef: { fieldPath: "a" } } }];
  }),
  pod(
    "a toleration of every value of its own pool's taint",
    ({ spec }) => (spec.tolerations = [{ ...POOL_TOLERATION, operator: "Exists" }]),
    ({ spec }) => (spec.tolerations = [POOL_TOLERATION]),
    "finance",
  ),
  pod(
    "another GPU resource requested only",
    (one) => (main(one).resources.requests = { ...main(one).resources.requests, "amd.com/gpu": "1" }),
    (one) => (main(one).resources.requests = { ...main(one).resources.requests, "nvidia.com/gpu": "1" }),
    "finance",
  ),
  pod("a container that takes of a claim that its pod has not", (one) => {
    one.spec.containers = [{ ...container("main"), resources: { claims: [{ name: "gpus" }] } }];
  }),
  pod(
    "a claim of its own and another's at once",
    ({ spec }) =>
      (spec.resourceClaims = [{ name: "gpus", resourceClaimTemplateName: CLAIMS, resourceClaimName: "gpu" }]),
    ({ spec }) => (spec.resourceClaims = [{ name: "gpus", resourceClaimTemplateName: CLAIMS }]),
    "labs",
  ),
];
