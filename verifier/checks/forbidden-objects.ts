/** Objects that a tenant's namespace must refuse, each beside a twin that differs in one thing and must be accepted. */

/** A namespace as far as a compliant object in it depends on it. */
export interface Site {
  namespace: string;
  /** Image that the tenant's server runs, so that no rule about images is in the way. */
  image: string;
  /** Priority class of the tenant's pods; absent where the namespace asks for none. */
  priorityClass?: string;
  /** Runtime class of the tenant's pods. Absent: the cluster's default. */
  runtimeClass?: string;
}

/** Something that must be refused. */
export interface ForbiddenObject {
  /** Short name, part of result IDs. */
  name: string;
  /** What is tried, for people: `creates a privileged pod`. */
  tried: string;
  /** Resource that it is created as, for the path: `pods`, `services`. */
  resource: string;
  /** The object that must be refused. */
  object(site: Site): Record<string, unknown>;
  /** The one that differs in one thing and must be accepted. */
  twin(site: Site): Record<string, unknown>;
}

interface PodShape {
  pod?: Record<string, unknown>;
  container?: Record<string, unknown>;
  security?: Record<string, unknown>;
  limits?: Record<string, string>;
}

const NAME = "verifier-probe";
const LITTLE = { cpu: "1m", memory: "1Mi", "ephemeral-storage": "1Mi" };

/** A pod that keeps to `restricted` and to any quota that has room for almost nothing; it is never started. */
function pod({ namespace, image, priorityClass, runtimeClass }: Site, shape: PodShape = {}): Record<string, unknown> {
  const resources = { ...LITTLE, ...shape.limits };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: NAME, namespace },
    spec: {
      automountServiceAccountToken: false,
      priorityClassName: priorityClass,
      runtimeClassName: runtimeClass,
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "probe",
          image,
          env: [{ name: "NVIDIA_VISIBLE_DEVICES", value: "void" }],
          resources: { requests: resources, limits: resources },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
            ...shape.security,
          },
          ...shape.container,
        },
      ],
      ...shape.pod,
    },
  };
}

function service({ namespace }: Site, type: string): Record<string, unknown> {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: NAME, namespace },
    spec: { type, selector: { "app.kubernetes.io/name": NAME }, ports: [{ port: 8080 }] },
  };
}

const broken = (name: string, tried: string, shape: PodShape): ForbiddenObject => ({
  name,
  tried,
  resource: "pods",
  object: (site) => pod(site, shape),
  twin: (site) => pod(site),
});

const exposed = (type: string): ForbiddenObject => ({
  name: `service-${type.toLowerCase()}`,
  tried: `creates a Service of type ${type}`,
  resource: "services",
  object: (site) => service(site, type),
  twin: (site) => service(site, "ClusterIP"),
});

/** Amounts that no quota of a tenant gives away. */
const TOO_MUCH = { memory: "1024Ti" };
const TOO_MANY_GPUS = { "nvidia.com/gpu": "100000" };

/** Everything that is tried in each tenant's namespace. */
export const FORBIDDEN_OBJECTS: readonly ForbiddenObject[] = [
  broken("privileged", "creates a privileged pod", {
    security: { privileged: true, allowPrivilegeEscalation: true },
  }),
  broken("privilege-escalation", "creates a pod that may gain privileges", {
    security: { allowPrivilegeEscalation: true },
  }),
  broken("root", "creates a pod that runs as root", { pod: { securityContext: { runAsUser: 0 } } }),
  broken("capability", "creates a pod with the capability NET_ADMIN", {
    security: { capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } },
  }),
  broken("seccomp", "creates a pod without a seccomp profile", {
    security: { seccompProfile: { type: "Unconfined" } },
  }),
  broken("host-network", "creates a pod on the host's network", { pod: { hostNetwork: true } }),
  broken("host-pid", "creates a pod among the host's processes", { pod: { hostPID: true } }),
  broken("host-ipc", "creates a pod in the host's IPC namespace", { pod: { hostIPC: true } }),
  broken("host-path", "creates a pod that mounts the host's files", {
    pod: { volumes: [{ name: "host", hostPath: { path: "/" } }] },
  }),
  broken("host-port", "creates a pod with a port of the host", {
    container: { ports: [{ containerPort: 8080, hostPort: 8080 }] },
  }),
  broken("priority", "creates a pod of the priority class system-cluster-critical", {
    pod: { priorityClassName: "system-cluster-critical" },
  }),
  broken("memory", "creates a pod that asks for 1024Ti of memory", { limits: TOO_MUCH }),
  broken("gpu", "creates a pod that asks for 100,000 GPUs", { limits: TOO_MANY_GPUS }),
  exposed("NodePort"),
  exposed("LoadBalancer"),
];
