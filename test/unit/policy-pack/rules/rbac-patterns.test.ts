/** Ways by which rights become more rights, as public collections of such ways list them, restated in words of our own. */
import assert from "node:assert/strict";
import { rules as packRules } from "../../../../policy-pack/rules";
import { evaluate } from "../../../../policy-pack/rules/evaluate";
import { compliantObjects, type Loose, modelOf, settings } from "../fixture";

const RBAC = "rbac.authorization.k8s.io";

type Allowed = [group: string, resources: string, verbs: string, names?: string[]];

/** A way: what it takes, and whether it has an effect in a single namespace too. */
interface Pattern {
  allowed: Allowed[];
  /** Takes rights outside namespaces, which a RoleBinding does not give. Default: false. */
  clusterOnly?: boolean;
}

const patterns: Record<string, Pattern> = {
  "reading every Secret": { allowed: [["", "secrets", "get list"]] },
  "listing Secrets, which shows their content": { allowed: [["", "secrets", "list"]] },
  "watching Secrets": { allowed: [["", "secrets", "watch"]] },
  "making a Secret that is filled with an account's token": { allowed: [["", "secrets", "create"]] },
  "asking for tokens of accounts": { allowed: [["", "serviceaccounts/token", "create"]] },
  "making pods that run as any account": { allowed: [["", "pods", "create"]] },
  "changing pods to run another image": { allowed: [["", "pods", "update patch"]] },
  "making controllers of pods": { allowed: [["apps", "deployments statefulsets daemonsets replicasets", "create"]] },
  "changing controllers of pods": { allowed: [["apps", "deployments daemonsets", "patch"]] },
  "making jobs": { allowed: [["batch", "jobs cronjobs", "create"]] },
  "making replication controllers": { allowed: [["", "replicationcontrollers", "create"]] },
  "running commands in pods": { allowed: [["", "pods/exec", "create"]] },
  "running commands in pods by a stream that is read": { allowed: [["", "pods/exec", "get"]] },
  "attaching to pods": { allowed: [["", "pods/attach", "create"]] },
  "adding containers to running pods": { allowed: [["", "pods/ephemeralcontainers", "patch"]] },
  "opening ports of pods": { allowed: [["", "pods/portforward", "create"]] },
  "having the API server call pods and Services": { allowed: [["", "pods/proxy services/proxy", "get create"]] },
  "acting in another user's name": { allowed: [["", "users groups", "impersonate"]], clusterOnly: true },
  "acting in an account's name": { allowed: [["", "serviceaccounts", "impersonate"]] },
  "writing roles with more rights than one's own": { allowed: [[RBAC, "roles", "escalate update"]] },
  "writing cluster roles with more rights than one's own": {
    allowed: [[RBAC, "clusterroles", "escalate update"]],
    clusterOnly: true,
  },
  "binding roles that one does not hold": {
    allowed: [
      [RBAC, "roles clusterroles", "bind"],
      [RBAC, "rolebindings", "create"],
    ],
  },
  "binding cluster roles everywhere": {
    allowed: [
      [RBAC, "clusterroles", "bind"],
      [RBAC, "clusterrolebindings", "create"],
    ],
    clusterOnly: true,
  },
  "changing bindings": { allowed: [[RBAC, "rolebindings", "patch"]] },
  "approving certificates": {
    allowed: [
      ["certificates.k8s.io", "certificatesigningrequests/approval", "update"],
      ["certificates.k8s.io", "signers", "approve"],
    ],
    clusterOnly: true,
  },
  "having a node's certificate approved unseen": {
    allowed: [["certificates.k8s.io", "certificatesigningrequests certificatesigningrequests/nodeclient", "create"]],
    clusterOnly: true,
  },
  "using the kubelets' own interface": { allowed: [["", "nodes/proxy", "get create"]], clusterOnly: true },
  "writing the status of nodes, so that pods move to one's own": {
    allowed: [
      ["", "nodes/status", "patch"],
      ["", "pods/eviction", "create"],
    ],
    clusterOnly: true,
  },
  "writing nodes": { allowed: [["", "nodes", "patch"]], clusterOnly: true },
  "placing pods on nodes": { allowed: [["", "pods/binding bindings", "create"]] },
  "writing the status of pods, whose addresses Services follow": { allowed: [["", "pods/status", "patch"]] },
  "writing external addresses of Services": { allowed: [["", "services/status", "patch"]] },
  "writing external addresses by the Services themselves": { allowed: [["", "services", "create patch"]] },
  "writing where Services lead": {
    allowed: [
      ["", "endpoints", "patch"],
      ["discovery.k8s.io", "endpointslices", "patch"],
    ],
  },
  "removing what closes the network": { allowed: [["networking.k8s.io", "networkpolicies", "delete patch"]] },
  "writing webhooks": {
    allowed: [["admissionregistration.k8s.io", "mutatingwebhookconfigurations", "create"]],
    clusterOnly: true,
  },
  "reading all objects by a webhook": {
    allowed: [["admissionregistration.k8s.io", "validatingwebhookconfigurations", "patch"]],
    clusterOnly: true,
  },
  "taking over a part of the API": { allowed: [["apiregistration.k8s.io", "apiservices", "patch"]], clusterOnly: true },
  "opening folders of nodes by volumes": { allowed: [["", "persistentvolumes", "create"]], clusterOnly: true },
  "lifting the Pod Security level": { allowed: [["", "namespaces", "patch"]] },
  "lifting it by the status of the namespace": { allowed: [["", "namespaces/status", "patch"]] },
  "using a security profile of OpenShift": {
    allowed: [["security.openshift.io", "securitycontextconstraints", "use", ["privileged"]]],
  },
  everything: { allowed: [["*", "*", "*"]] },
  "every verb on one kind": { allowed: [["", "secrets", "*"]] },
  "one verb on everything": { allowed: [["*", "*", "get"]] },
  "every subresource of pods by a wildcard": { allowed: [["", "*/exec", "create"]] },
};

/** Who is given the rights, and where. */
const bindings: Record<string, { subject: object; namespace?: string }> = {
  "a tenant's group in its own namespace": { subject: group("hr-viewers"), namespace: "tenant-hr" },
  "a tenant's group in another tenant's namespace": { subject: group("hr-viewers"), namespace: "tenant-finance" },
  "a tenant's group everywhere": { subject: group("hr-viewers") },
  "a tenant's account everywhere": { subject: { kind: "ServiceAccount", name: "ollama", namespace: "tenant-hr" } },
  "an account that nothing lists, everywhere": {
    subject: { kind: "ServiceAccount", name: "reader", namespace: "tools" },
  },
  "a user that nothing lists, everywhere": { subject: { kind: "User", name: "joe", apiGroup: RBAC } },
};

function group(name: string): object {
  return { kind: "Group", name, apiGroup: RBAC };
}

function given({ allowed }: Pattern, subject: object, namespace?: string): Loose[] {
  const kind = namespace === undefined ? "ClusterRole" : "Role";
  const metadata = { name: "pattern", namespace };
  const rules = allowed.map(([apiGroup, resources, verbs, resourceNames]) => ({
    apiGroups: [apiGroup],
    resources: resources.split(" "),
    verbs: verbs.split(" "),
    resourceNames,
  }));
  return [
    { apiVersion: `${RBAC}/v1`, kind, metadata, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: RBAC, kind, name: "pattern" },
      subjects: [subject],
    },
  ] as Loose[];
}

describe("ways from rights to more rights", function () {
  this.timeout(120_000);
  const rbac = packRules.filter(({ id }) => id.startsWith("rbac/") && id !== "rbac/no-cluster-binding");

  it("are none in the compliant environment", () => {
    assert.deepEqual(evaluate(rbac, modelOf(compliantObjects()), settings.configuration), []);
  });

  for (const [title, pattern] of Object.entries(patterns))
    it(`are found, whoever is given them: ${title}`, () => {
      for (const [who, { subject, namespace }] of Object.entries(bindings)) {
        const objects = [...compliantObjects(), ...given(pattern, subject, namespace)];
        const found = evaluate(rbac, modelOf(objects), settings.configuration);
        const expected = namespace === undefined || pattern.clusterOnly !== true;
        if (expected) assert.notEqual(found.length, 0, `${who}: nothing found`);
        for (const { object } of found) assert.match(object, /pattern|^Namespace /, `${who}: ${object} is blamed`);
      }
    });

  it("count as many as the documentation says", () => {
    assert.equal(Object.keys(patterns).length * Object.keys(bindings).length, 276);
  });
});
