/** Rights on what keeps tenants in their places: a part of the table in `rights.ts`. */
import type { Right } from "./right";

const writes = ["create", "update", "patch", "delete", "deletecollection"];
const statusWrites = ["update", "patch"];

function fences(group: string, names: Readonly<Record<string, string>>, verbs = writes): Right[] {
  return Object.entries(names).map(([resource, name]) => ({ kind: "fence", group, resource, verbs, name }));
}

/** Status of objects outside namespaces, by which controllers of the whole cluster go. */
function sharedStatus(group: string, ...resources: string[]): Right[] {
  const names = resources.map((resource) => [
    `${resource}/status`,
    `the status of ${resource}, which all tenants share`,
  ]);
  return fences(group, Object.fromEntries(names) as Record<string, string>, statusWrites);
}

/** Objects whose authors decide what the API server does with everybody's objects. */
function overEverything(group: string, harms: Readonly<Record<string, string>>): Right[] {
  return Object.entries(harms).map(([resource, harm]) => ({
    kind: "fence",
    group,
    resource,
    verbs: writes,
    name: `${resource}, which all tenants share`,
    leadsTo: "everything",
    harm,
  }));
}

const core: Right[] = [
  ...fences("", {
    namespaces: "its Namespace and the labels on it",
    resourcequotas: "its quota",
    limitranges: "its limits",
    serviceaccounts: "its service accounts",
    configmaps: "its ConfigMaps, the list of its models included",
    services: "its Services",
    endpoints: "Endpoints, which lead a Service to other tenants' pods",
    persistentvolumeclaims: "its claims on volumes",
    nodes: "nodes, which all tenants share",
  }),
  ...overEverything("", { persistentvolumes: "a volume of type hostPath opens the files of every node" }),
  // The API server takes labels from these requests too, Pod Security levels and pods' addresses among what they set.
  ...fences(
    "",
    {
      "namespaces/status": "the labels on its Namespace, its Pod Security level included",
      "pods/status": "addresses and labels of pods, which Services and network policies follow",
      "services/status": "external addresses of Services, whose traffic every node would take over",
      "resourcequotas/status": "the record of its quota's use",
      "persistentvolumeclaims/status": "the record of its claims",
      "persistentvolumes/status": "volumes, which all tenants share",
      "nodes/status": "nodes, which all tenants share",
      "pods/resize": "what its pods may use",
    },
    statusWrites,
  ),
  ...fences("", { "namespaces/finalize": "its Namespace and the labels on it" }, ["update"]),
  ...fences("", { bindings: "the placement of pods", "pods/binding": "the placement of pods" }, ["create"]),
];

const network: Right[] = [
  ...fences("networking.k8s.io", {
    networkpolicies: "NetworkPolicies",
    ingresses: "Ingresses, by which its hosts are served",
    ingressclasses: "classes of Ingresses, which all tenants share",
    servicecidrs: "Service networks, which all tenants share",
    ipaddresses: "addresses of Services, which all tenants share",
  }),
  ...fences("networking.k8s.io", { "ingresses/status": "addresses of Ingresses, which DNS follows" }, statusWrites),
  ...fences("gateway.networking.k8s.io", {
    gateways: "Gateways, which open addresses outside the cluster",
    listenersets: "listeners, which open addresses outside the cluster",
    httproutes: "routes, by which its hosts are served",
    grpcroutes: "routes, by which its hosts are served",
    tlsroutes: "routes, by which its hosts are served",
    tcproutes: "routes, by which its ports are served",
    udproutes: "routes, by which its ports are served",
    backendtlspolicies: "whom the gateway trusts behind its routes",
    referencegrants: "who may refer to its objects",
    gatewayclasses: "classes of Gateways, which all tenants share",
  }),
  ...fences(
    "gateway.networking.k8s.io",
    { "gateways/status": "addresses of Gateways, which DNS follows" },
    statusWrites,
  ),
  ...fences("gateway.networking.x-k8s.io", { "*": "experimental listeners and routes" }),
  ...fences("discovery.k8s.io", { endpointslices: "EndpointSlices, which lead a Service to other tenants' pods" }),
  ...fences("policy.networking.k8s.io", { "*": "cluster network policies" }),
  ...fences("cilium.io", { "*": "network policies of Cilium" }),
  ...fences("crd.projectcalico.org", { "*": "network policies of Calico" }),
  ...fences("projectcalico.org", { "*": "network policies of Calico" }),
  ...fences("crd.antrea.io", { "*": "network policies of Antrea" }),
];

const access: Right[] = [
  ...fences("rbac.authorization.k8s.io", {
    roles: "Roles",
    rolebindings: "RoleBindings",
    clusterroles: "ClusterRoles, which all tenants share",
    clusterrolebindings: "ClusterRoleBindings, which all tenants share",
  }),
  ...fences("admissionregistration.k8s.io", {
    validatingadmissionpolicies: "admission policies, which all tenants share",
    validatingadmissionpolicybindings: "bindings of admission policies, which all tenants share",
  }),
  ...overEverything("admissionregistration.k8s.io", {
    mutatingwebhookconfigurations: "a webhook rewrites every object",
    validatingwebhookconfigurations: "a webhook is shown every object, Secrets too",
    mutatingadmissionpolicies: "an admission policy rewrites every object",
    mutatingadmissionpolicybindings: "a bound admission policy rewrites every object",
  }),
  ...overEverything("apiregistration.k8s.io", {
    apiservices: "an aggregated API server receives everybody's requests",
  }),
  ...fences("apiextensions.k8s.io", { customresourcedefinitions: "kinds of objects, which all tenants share" }),
  ...fences("certificates.k8s.io", {
    certificatesigningrequests: "requests for certificates, which all tenants share",
    clustertrustbundles: "whom pods trust, which all tenants share",
  }),
  ...fences("internal.apiserver.k8s.io", { storageversions: "how objects are stored, which all tenants share" }),
  ...fences("storagemigration.k8s.io", {
    storageversionmigrations: "rewriting of stored objects, which all tenants share",
  }),
  ...sharedStatus("admissionregistration.k8s.io", "validatingadmissionpolicies"),
  ...sharedStatus("apiextensions.k8s.io", "customresourcedefinitions"),
  ...sharedStatus("apiregistration.k8s.io", "apiservices"),
  ...sharedStatus("internal.apiserver.k8s.io", "storageversions"),
  ...sharedStatus("storagemigration.k8s.io", "storageversionmigrations"),
];

const capacity: Right[] = [
  // A budget that lets no pod go keeps nodes from being drained; an autoscaler asks for all that the quota has.
  ...fences("policy", { poddisruptionbudgets: "disruption budgets, which keep nodes from being drained" }),
  ...fences(
    "policy",
    { "poddisruptionbudgets/status": "disruption budgets, which keep nodes from being drained" },
    statusWrites,
  ),
  ...fences("autoscaling", { horizontalpodautoscalers: "autoscalers, which ask for all that its quota has" }),
  ...fences("autoscaling.k8s.io", { verticalpodautoscalers: "autoscalers, which ask for all that its quota has" }),
  ...fences("karpenter.sh", {
    nodepools: "node pools, which all tenants share",
    nodeclaims: "nodes, which all tenants share",
    nodeoverlays: "node pools, which all tenants share",
  }),
  ...fences("resource.k8s.io", {
    resourceclaims: "claims on devices",
    resourceclaimtemplates: "claims on devices",
    resourceslices: "devices, which all tenants share",
    deviceclasses: "classes of devices, which all tenants share",
    devicetaintrules: "devices, which all tenants share",
    resourcepoolstatusrequests: "the record of devices, which all tenants share",
  }),
  ...fences("resource.k8s.io", { "resourceclaims/status": "which devices are given to whom" }, statusWrites),
  ...fences("scheduling.k8s.io", {
    priorityclasses: "priorities, which all tenants share",
    workloads: "groups of pods, which have priorities and devices of their own",
    podgroups: "groups of pods, which have priorities and devices of their own",
    compositepodgroups: "groups of pods, which have priorities and devices of their own",
  }),
  ...fences(
    "scheduling.k8s.io",
    {
      "podgroups/status": "which devices are given to whom",
      "compositepodgroups/status": "the record of groups of pods",
    },
    statusWrites,
  ),
  ...fences("node.k8s.io", { runtimeclasses: "runtimes of pods, which all tenants share" }),
  ...fences("storage.k8s.io", {
    storageclasses: "classes of volumes, which all tenants share",
    volumeattachments: "attached volumes, which all tenants share",
    csidrivers: "drivers of volumes, which all tenants share",
    csinodes: "nodes, which all tenants share",
    volumeattributesclasses: "classes of volumes, which all tenants share",
  }),
  ...fences("flowcontrol.apiserver.k8s.io", {
    flowschemas: "who waits for the API server, which all tenants share",
    prioritylevelconfigurations: "who waits for the API server, which all tenants share",
  }),
  ...sharedStatus("flowcontrol.apiserver.k8s.io", "flowschemas", "prioritylevelconfigurations"),
  ...sharedStatus("networking.k8s.io", "servicecidrs"),
  ...sharedStatus("resource.k8s.io", "devicetaintrules", "resourcepoolstatusrequests"),
  ...sharedStatus("storage.k8s.io", "csinodes", "volumeattachments"),
];

export const fenceRights: readonly Right[] = [...core, ...network, ...access, ...capacity];
