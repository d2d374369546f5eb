/** Writes that people and controllers do in a tenant's namespace, one of each kind that many policies are asked about. */
import { tenantNamespace, tenantPriorityClass } from "../../components/spec/names";
import { DEFAULT_IMAGES } from "../../components/spec/images";
import type { ApiRequest } from "../../verifier/cluster-api";
import { tenantName } from "../policy-pack/many-tenants";

const TENANT = tenantName(7);
/** The namespace that is written in. */
export const NAMESPACE = tenantNamespace(TENANT);
/** The class of its pods. */
export const PRIORITY_CLASS = {
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name: tenantPriorityClass(TENANT) },
  value: 1000,
};

/** One kind of write. */
export interface Kind {
  title: string;
  /** The request with a number that no other of its kind has. */
  request(index: number): ApiRequest;
}

const amounts = { cpu: "10m", memory: "16Mi", "ephemeral-storage": "16Mi" };
const pod = {
  automountServiceAccountToken: false,
  priorityClassName: tenantPriorityClass(TENANT),
  securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    {
      name: "main",
      image: DEFAULT_IMAGES.envoy,
      resources: { requests: amounts, limits: amounts },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    },
  ],
};

const group = (name: string): string => (name === "" ? "/api/v1" : `/apis/${name}/v1`);

function creation(apiGroup: string, kind: string, resource: string, rest: object): Kind {
  const apiVersion = apiGroup === "" ? "v1" : `${apiGroup}/v1`;
  const place = `${group(apiGroup)}/namespaces/${NAMESPACE}/${resource}`;
  return {
    title: `create ${kind}`,
    request: (index) => ({
      method: "POST",
      path: place,
      body: { apiVersion, kind, metadata: { name: `bench-${index}`, namespace: NAMESPACE }, ...rest },
    }),
  };
}

function removal(apiGroup: string, kind: string, resource: string): Kind {
  const place = `${group(apiGroup)}/namespaces/${NAMESPACE}/${resource}`;
  return { title: `delete ${kind}`, request: (index) => ({ method: "DELETE", path: `${place}/bench-${index}` }) };
}

/** What an update changes: a note, as people and controllers write them. */
function note(apiGroup: string, kind: string, resource: string): Kind {
  const place = `${group(apiGroup)}/namespaces/${NAMESPACE}/${resource}`;
  return {
    title: `annotate ${kind}`,
    request: (index) => ({
      method: "PATCH",
      path: `${place}/bench-${index}`,
      contentType: "application/merge-patch+json",
      body: { metadata: { annotations: { note: `${index}` } } },
    }),
  };
}

const labels = { app: "bench" };
const template = { metadata: { labels }, spec: pod };
const rbac = "rbac.authorization.k8s.io";

/** All kinds; what is created first is changed or deleted later. */
export const KINDS: Kind[] = [
  creation("", "ConfigMap", "configmaps", { data: { note: "seen" } }),
  note("", "ConfigMap", "configmaps"),
  removal("", "ConfigMap", "configmaps"),
  creation("", "Secret", "secrets", { stringData: { note: "seen" } }),
  creation("", "Service", "services", { spec: { clusterIP: "None", selector: labels, ports: [{ port: 80 }] } }),
  creation("networking.k8s.io", "NetworkPolicy", "networkpolicies", {
    spec: { podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: labels } }] }] },
  }),
  creation(rbac, "RoleBinding", "rolebindings", {
    subjects: [{ apiGroup: rbac, kind: "Group", name: "hr-business-partners".replace("hr", TENANT) }],
    roleRef: { apiGroup: rbac, kind: "Role", name: "viewer" },
  }),
  // Nobody schedules it, so that no controller works beside the clock.
  creation("", "Pod", "pods", { spec: { ...pod, schedulingGates: [{ name: "example.com/bench" }] } }),
  note("", "Pod", "pods"),
  creation("apps", "Deployment", "deployments", { spec: { replicas: 0, selector: { matchLabels: labels }, template } }),
  note("apps", "Deployment", "deployments"),
];
