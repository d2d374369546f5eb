/** What the table of rights has to know, restated: from Kubernetes' documentation of RBAC good practices and of each API. */
import { CLUSTER } from "../../../policy-pack/analysis/rbac/grants";
import type * as rights from "../../../policy-pack/analysis/rbac/rights";
import type { Right, RightKind } from "../../../policy-pack/analysis/rbac/right";

const all = "create update patch delete deletecollection";

/** Kind, verbs, resources as `resource.group`, and what the closure follows them to. */
type Row = [kind: RightKind, verbs: string, resources: string, leadsTo?: Right["leadsTo"]];

const rows: Row[] = [
  ["secrets", `get list watch ${all}`, "secrets."],
  ["identity", "escalate bind", "roles.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io"],
  ["identity", "impersonate", "users. groups. serviceaccounts. uids.authentication.k8s.io"],
  ["identity", "impersonate", "userextras/scopes.authentication.k8s.io userextras/team.authentication.k8s.io"],
  ["identity", "impersonate:user-info", "users.authentication.k8s.io groups.authentication.k8s.io"],
  ["identity", "impersonate:user-info", "uids.authentication.k8s.io userextras/scopes.authentication.k8s.io"],
  ["identity", "impersonate:serviceaccount", "serviceaccounts.authentication.k8s.io"],
  ["identity", "impersonate:arbitrary-node impersonate:associated-node", "nodes.authentication.k8s.io"],
  ["identity", "create", "serviceaccounts/token."],
  ["identity", "get create update patch delete", "nodes/proxy."],
  ["identity", "update patch", "certificatesigningrequests/approval.certificates.k8s.io"],
  ["identity", "update patch", "certificatesigningrequests/status.certificates.k8s.io"],
  ["identity", "update patch", "podcertificaterequests/status.certificates.k8s.io"],
  ["identity", "create", "certificatesigningrequests/nodeclient.certificates.k8s.io"],
  ["identity", "create", "certificatesigningrequests/selfnodeclient.certificates.k8s.io"],
  ["identity", all, "podcertificaterequests.certificates.k8s.io"],
  ["identity", "approve sign attest", "signers.certificates.k8s.io"],
  ["interior", "get create", "pods/exec. pods/attach.", "inside"],
  ["interior", "update patch", "pods/ephemeralcontainers.", "inside"],
  ["interior", "get create", "pods/portforward."],
  ["interior", "get create update patch delete", "pods/proxy. services/proxy."],
  ["interior", "get", "nodes/log. nodes/pods."],
  ["workload", "create update patch", "pods.", "pods"],
  ["workload", "deletecollection", "pods."],
  ["workload", all, "podtemplates."],
  ["workload", all, "replicationcontrollers. jobs.batch cronjobs.batch controllerrevisions.apps", "pods"],
  ["workload", all, "deployments.apps replicasets.apps statefulsets.apps daemonsets.apps", "pods"],
  ["fence", all, "namespaces. resourcequotas. limitranges. serviceaccounts. configmaps. services. endpoints."],
  ["fence", all, "persistentvolumeclaims. nodes."],
  ["fence", all, "persistentvolumes.", "everything"],
  ["fence", "update patch", "namespaces/status. pods/status. services/status. resourcequotas/status. nodes/status."],
  ["fence", "update patch", "persistentvolumeclaims/status. persistentvolumes/status. pods/resize."],
  ["fence", "update", "namespaces/finalize."],
  ["fence", "create", "bindings. pods/binding."],
  ["fence", all, "networkpolicies.networking.k8s.io ingresses.networking.k8s.io ingressclasses.networking.k8s.io"],
  ["fence", all, "servicecidrs.networking.k8s.io ipaddresses.networking.k8s.io endpointslices.discovery.k8s.io"],
  ["fence", "update patch", "ingresses/status.networking.k8s.io servicecidrs/status.networking.k8s.io"],
  ["fence", all, "gateways.gateway.networking.k8s.io listenersets.gateway.networking.k8s.io"],
  ["fence", all, "httproutes.gateway.networking.k8s.io grpcroutes.gateway.networking.k8s.io"],
  ["fence", all, "tlsroutes.gateway.networking.k8s.io tcproutes.gateway.networking.k8s.io"],
  ["fence", all, "udproutes.gateway.networking.k8s.io backendtlspolicies.gateway.networking.k8s.io"],
  ["fence", all, "referencegrants.gateway.networking.k8s.io gatewayclasses.gateway.networking.k8s.io"],
  ["fence", "update patch", "gateways/status.gateway.networking.k8s.io"],
  ["fence", all, "xlistenersets.gateway.networking.x-k8s.io clusternetworkpolicies.policy.networking.k8s.io"],
  ["fence", all, "ciliumnetworkpolicies.cilium.io globalnetworkpolicies.crd.projectcalico.org"],
  ["fence", all, "globalnetworkpolicies.projectcalico.org networkpolicies.crd.antrea.io"],
  ["fence", all, "roles.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io"],
  ["fence", all, "clusterroles.rbac.authorization.k8s.io clusterrolebindings.rbac.authorization.k8s.io"],
  ["fence", all, "validatingadmissionpolicies.admissionregistration.k8s.io"],
  ["fence", all, "validatingadmissionpolicybindings.admissionregistration.k8s.io"],
  ["fence", "update patch", "validatingadmissionpolicies/status.admissionregistration.k8s.io"],
  ["fence", all, "mutatingwebhookconfigurations.admissionregistration.k8s.io", "everything"],
  ["fence", all, "validatingwebhookconfigurations.admissionregistration.k8s.io", "everything"],
  ["fence", all, "mutatingadmissionpolicies.admissionregistration.k8s.io", "everything"],
  ["fence", all, "mutatingadmissionpolicybindings.admissionregistration.k8s.io", "everything"],
  ["fence", all, "apiservices.apiregistration.k8s.io", "everything"],
  ["fence", "update patch", "apiservices/status.apiregistration.k8s.io"],
  ["fence", `use ${all}`, "securitycontextconstraints.security.openshift.io"],
  ["fence", all, "customresourcedefinitions.apiextensions.k8s.io"],
  ["fence", "update patch", "customresourcedefinitions/status.apiextensions.k8s.io"],
  ["fence", all, "certificatesigningrequests.certificates.k8s.io clustertrustbundles.certificates.k8s.io"],
  ["fence", all, "storageversions.internal.apiserver.k8s.io storageversionmigrations.storagemigration.k8s.io"],
  ["fence", "update patch", "storageversions/status.internal.apiserver.k8s.io"],
  ["fence", "update patch", "storageversionmigrations/status.storagemigration.k8s.io"],
  ["fence", all, "poddisruptionbudgets.policy horizontalpodautoscalers.autoscaling"],
  ["fence", all, "verticalpodautoscalers.autoscaling.k8s.io"],
  ["fence", "update patch", "poddisruptionbudgets/status.policy"],
  ["fence", all, "nodepools.karpenter.sh nodeclaims.karpenter.sh nodeoverlays.karpenter.sh"],
  ["fence", all, "resourceclaims.resource.k8s.io resourceclaimtemplates.resource.k8s.io"],
  ["fence", all, "resourceslices.resource.k8s.io deviceclasses.resource.k8s.io devicetaintrules.resource.k8s.io"],
  ["fence", all, "resourcepoolstatusrequests.resource.k8s.io"],
  ["fence", "update patch", "resourceclaims/status.resource.k8s.io devicetaintrules/status.resource.k8s.io"],
  ["fence", "update patch", "resourcepoolstatusrequests/status.resource.k8s.io"],
  ["fence", all, "priorityclasses.scheduling.k8s.io workloads.scheduling.k8s.io podgroups.scheduling.k8s.io"],
  ["fence", all, "compositepodgroups.scheduling.k8s.io runtimeclasses.node.k8s.io"],
  ["fence", "update patch", "podgroups/status.scheduling.k8s.io compositepodgroups/status.scheduling.k8s.io"],
  ["fence", all, "storageclasses.storage.k8s.io volumeattachments.storage.k8s.io csidrivers.storage.k8s.io"],
  ["fence", all, "csinodes.storage.k8s.io volumeattributesclasses.storage.k8s.io"],
  ["fence", "update patch", "csinodes/status.storage.k8s.io volumeattachments/status.storage.k8s.io"],
  ["fence", all, "flowschemas.flowcontrol.apiserver.k8s.io prioritylevelconfigurations.flowcontrol.apiserver.k8s.io"],
  ["fence", "update patch", "flowschemas/status.flowcontrol.apiserver.k8s.io"],
  ["fence", "update patch", "prioritylevelconfigurations/status.flowcontrol.apiserver.k8s.io"],
];

/** What the table says otherwise. */
export function faultsOfRights({ givenRights }: typeof rights): string[] {
  return rows.flatMap(([kind, verbs, resources, leadsTo]) =>
    resources.split(" ").flatMap((full) => {
      const dot = full.indexOf(".");
      return verbs.split(" ").flatMap((verb) => {
        const rule = {
          verbs: [verb],
          apiGroups: [full.slice(dot + 1)],
          resources: [full.slice(0, dot)],
          resourceNames: [],
          nonResourceURLs: [],
        };
        const given = givenRights({ namespace: CLUSTER, rule, source: "" }, kind);
        const named = given.length === 1 && given.every(({ right }) => right.leadsTo === leadsTo && right.name !== "");
        const explained = leadsTo !== "everything" || given.every(({ right }) => (right.harm ?? "") !== "");
        return named && explained ? [] : [`${kind}: ${verb} ${full}`];
      });
    }),
  );
}
