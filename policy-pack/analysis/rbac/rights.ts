/**
 * Rights that no tenant may hold, in one table that the closure, the rules and the documentation share. Where an object
 * lives (`resources.ts`) and which requests carry a name (`grants.ts`) decide whether a right has any effect.
 */
import { groupBy } from "../../model/cluster-model";
import { type Grant, type NormalRule, allowsSome, isRealName } from "./grants";
import type { RightKind, Right } from "./right";
import { fenceRights } from "./rights-fences";

const reads = ["get", "list", "watch"];
export const writes = ["create", "update", "patch", "delete", "deletecollection"];
/** Verbs of requests that the API server forwards, whatever their method. */
const forwarded = ["get", "create", "update", "patch", "delete"];
/** Verbs of requests that it turns into a stream. */
const streamed = ["get", "create"];
const RBAC = "rbac.authorization.k8s.io";
const CERTIFICATES = "certificates.k8s.io";
const AUTHENTICATION = "authentication.k8s.io";

function rights(
  kind: RightKind,
  verbs: readonly string[],
  name: string,
  rows: readonly [group: string, resource: string][],
  more: Pick<Right, "leadsTo"> = {},
): Right[] {
  return rows.map(([group, resource]) => ({ kind, group, resource, verbs, name, ...more }));
}

const secretRights = rights("secrets", [...reads, ...writes], "Secrets", [["", "secrets"]]);

/** Becoming someone else, or giving oneself more. */
const identityRights: Right[] = [
  ...rights("identity", ["escalate", "bind"], "roles with more rights than one's own", [
    [RBAC, "roles"],
    [RBAC, "clusterroles"],
  ]),
  ...rights("identity", ["impersonate"], "someone else's name", [
    ["", "users"],
    ["", "groups"],
    ["", "serviceaccounts"],
    [AUTHENTICATION, "uids"],
    [AUTHENTICATION, "userextras/*"],
  ]),
  // Constrained impersonation (KEP-5284) has verbs of its own.
  ...rights("identity", ["impersonate:user-info"], "someone else's name", [
    [AUTHENTICATION, "users"],
    [AUTHENTICATION, "groups"],
    [AUTHENTICATION, "uids"],
    [AUTHENTICATION, "userextras/*"],
  ]),
  ...rights("identity", ["impersonate:serviceaccount"], "a service account's name", [
    [AUTHENTICATION, "serviceaccounts"],
  ]),
  ...rights("identity", ["impersonate:arbitrary-node", "impersonate:associated-node"], "a node's name", [
    [AUTHENTICATION, "nodes"],
  ]),
  ...rights("identity", ["create"], "tokens of service accounts", [["", "serviceaccounts/token"]]),
  ...rights("identity", forwarded, "the kubelets, which run commands in every pod", [["", "nodes/proxy"]]),
  ...rights("identity", ["update", "patch"], "certificates for any name", [
    [CERTIFICATES, "certificatesigningrequests/approval"],
    [CERTIFICATES, "certificatesigningrequests/status"],
    [CERTIFICATES, "podcertificaterequests/status"],
  ]),
  // Kubernetes approves a node's certificate by itself for whoever holds this right; nothing serves it.
  ...rights("identity", ["create"], "a node's certificate, which is approved unseen", [
    [CERTIFICATES, "certificatesigningrequests/nodeclient"],
    [CERTIFICATES, "certificatesigningrequests/selfnodeclient"],
  ]),
  ...rights("identity", writes, "requests for certificates in the name of its pods", [
    [CERTIFICATES, "podcertificaterequests"],
  ]),
  ...rights("identity", ["approve", "sign", "attest"], "certificates for any name", [[CERTIFICATES, "signers"]]),
];

/** Entering pods, and connections that the API server opens past network policies and the gateway. */
const interiorRights: Right[] = [
  ...rights("interior", streamed, "the inside of pods", [["", "pods/exec"]], { leadsTo: "inside" }),
  ...rights("interior", streamed, "the inside of pods", [["", "pods/attach"]], { leadsTo: "inside" }),
  ...rights("interior", ["update", "patch"], "the inside of pods", [["", "pods/ephemeralcontainers"]], {
    leadsTo: "inside",
  }),
  ...rights("interior", streamed, "ports of pods", [["", "pods/portforward"]]),
  ...rights("interior", forwarded, "ports of pods", [
    ["", "pods/proxy"],
    ["", "services/proxy"],
  ]),
  ...rights("interior", ["get"], "every pod's output and declaration, by the kubelet", [
    ["", "nodes/log"],
    ["", "nodes/pods"],
  ]),
];

/** What runs: whoever writes a pod mounts the namespace's Secrets and runs as its service accounts. */
const workloadRights: Right[] = [
  ...rights("workload", ["create", "update", "patch"], "pods", [["", "pods"]], { leadsTo: "pods" }),
  ...rights("workload", ["deletecollection"], "all pods at once", [["", "pods"]]),
  ...rights("workload", writes, "what makes pods", [["", "podtemplates"]]),
  ...rights(
    "workload",
    writes,
    "what makes pods",
    [
      ["", "replicationcontrollers"],
      ["apps", "deployments"],
      ["apps", "replicasets"],
      ["apps", "statefulsets"],
      ["apps", "daemonsets"],
      // A StatefulSet or a DaemonSet makes pods of the revision that it is at.
      ["apps", "controllerrevisions"],
      ["batch", "jobs"],
      ["batch", "cronjobs"],
    ],
    { leadsTo: "pods" },
  ),
];

/** Every row. */
export const forbiddenRights: readonly Right[] = [
  ...secretRights,
  ...identityRights,
  ...interiorRights,
  ...workloadRights,
  ...fenceRights,
];

/** The rows of one kind. */
export function rightsOf(kind: RightKind): readonly Right[] {
  return byKind.get(kind) ?? [];
}

const byKind = groupBy(forbiddenRights, ({ kind }) => kind);

/** A row of the table that a grant gives, with those of its verbs that it gives. */
export interface GivenRight {
  right: Right;
  verbs: readonly string[];
}

/** Every row of the kind that a grant gives, in the order of the table. */
export function givenRights(grant: Grant, kind: RightKind): GivenRight[] {
  const given: GivenRight[] = [];
  for (const right of rowsOf(kind, grant.rule.apiGroups)) {
    const verbs = givenVerbs(grant, right);
    if (verbs.length > 0) given.push({ right, verbs });
  }
  return given;
}

const byGroup = groupBy(forbiddenRights, ({ kind, group }) => `${kind} ${group}`);

/** Rows of some groups; most rules name one or two of them. */
function rowsOf(kind: RightKind, groups: readonly string[]): readonly Right[] {
  if (groups.includes("*")) return rightsOf(kind);
  return [...new Set(groups)].flatMap((group) => byGroup.get(`${kind} ${group}`) ?? []);
}

/** Verbs of the row that a grant gives, each with some effect where the grant holds. */
export function givenVerbs(grant: Grant, { group, resource, verbs }: Right): string[] {
  const { apiGroups } = grant.rule;
  if (!apiGroups.includes(group) && !apiGroups.includes("*")) return [];
  return verbs.filter((verb) => resourcesOf(grant.rule, resource).some((name) => allowsSome(grant, verb, group, name)));
}

/** Resources that a row of the table stands for: itself, or those of a rule that its `*` covers. */
function resourcesOf({ resources }: NormalRule, resource: string): readonly string[] {
  if (!resource.endsWith("*")) return [resource];
  const [name = ""] = resource.split("/");
  return name === "*"
    ? resources.filter(isRealName)
    : resources.filter((given) => given === "*" || given.startsWith("*/") || given.startsWith(`${name}/`));
}
