import { strict as assert } from "node:assert";
import { auditPolicy, type AuditRule } from "../../../components/plan/audit-policy";

interface Request {
  user?: string;
  groups?: string[];
  verb: string;
  group?: string;
  resource?: string;
  namespace?: string;
  path?: string;
}

const people = { user: "someone", groups: ["hr-operators", "system:authenticated"] };
const kubelet = { user: "system:node:n", groups: ["system:nodes", "system:authenticated"] };
const controller = {
  user: "system:serviceaccount:kube-system:deployment-controller",
  groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system"],
};

/** What the API server writes, by its documented matching: the first rule of which every given part matches. */
function levelOf(request: Request, namespaces = ["tenant-hr"]): string {
  return auditPolicy(namespaces).rules.find((rule) => matches(rule, request))?.level ?? "None";
}

function matches(
  rule: AuditRule,
  { user = "", groups = [], verb, group = "", resource, namespace, path }: Request,
): boolean {
  if (rule.users !== undefined && !rule.users.includes(user)) return false;
  if (rule.userGroups !== undefined && !rule.userGroups.some((one) => groups.includes(one))) return false;
  if (rule.verbs !== undefined && !rule.verbs.includes(verb)) return false;
  if (path !== undefined)
    return (
      (rule.resources === undefined && rule.namespaces === undefined && rule.nonResourceURLs === undefined) ||
      (rule.nonResourceURLs ?? []).some(
        (url) => url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1))),
      )
    );
  if (rule.nonResourceURLs !== undefined) return false;
  if (rule.namespaces !== undefined && !rule.namespaces.includes(namespace ?? "")) return false;
  if (rule.resources === undefined) return true;
  return rule.resources.some(
    (one) =>
      one.group === group &&
      (one.resources === undefined ||
        one.resources.some(
          (name) => name === resource || (name.endsWith("/*") && resource?.startsWith(name.slice(0, -1))),
        )),
  );
}

describe("the audit policy", () => {
  it("never writes the body of what is, or may be, a secret", () => {
    for (const verb of ["create", "update", "patch", "get", "list"])
      for (const [group, resource] of [
        ["", "secrets"],
        ["", "configmaps"],
        ["", "serviceaccounts/token"],
        ["authentication.k8s.io", "tokenreviews"],
        ["certificates.k8s.io", "certificatesigningrequests"],
      ] as const)
        assert.equal(
          levelOf({ ...people, verb, group, resource, namespace: "tenant-hr" }),
          "Metadata",
          `${verb} ${resource}`,
        );
  });

  it("writes a read of a Secret, whoever reads it", () => {
    for (const who of [people, kubelet, controller])
      assert.equal(levelOf({ ...who, verb: "get", resource: "secrets", namespace: "tenant-hr" }), "Metadata");
  });

  it("writes changes of fences with what was sent, for tenants that it does not know too", () => {
    for (const namespace of ["tenant-hr", "tenant-new"])
      for (const [group, resource] of [
        ["networking.k8s.io", "networkpolicies"],
        ["rbac.authorization.k8s.io", "rolebindings"],
        ["", "resourcequotas"],
        ["", "limitranges"],
        ["", "namespaces/status"],
        ["", "services"],
      ] as const)
        assert.equal(
          levelOf({ ...people, verb: "patch", group, resource, namespace }),
          "Request",
          `${resource} in ${namespace}`,
        );
    assert.equal(
      levelOf({
        ...people,
        verb: "delete",
        group: "admissionregistration.k8s.io",
        resource: "validatingadmissionpolicies",
      }),
      "Request",
    );
  });

  it("writes ways into pods, and what people do and read in tenants' namespaces", () => {
    for (const resource of ["pods/exec", "pods/portforward", "pods/ephemeralcontainers", "services/proxy"])
      assert.equal(levelOf({ ...people, verb: "create", resource, namespace: "tenant-hr" }), "Metadata");
    assert.equal(levelOf({ ...people, verb: "list", resource: "pods", namespace: "tenant-hr" }), "Metadata");
    assert.equal(levelOf({ ...people, verb: "get", resource: "pods/log", namespace: "tenant-hr" }), "Metadata");
  });

  it("writes what someone asks about their own rights, and not what kubelets ask about others", () => {
    const group = "authorization.k8s.io";
    assert.equal(levelOf({ ...people, verb: "create", group, resource: "selfsubjectaccessreviews" }), "Metadata");
    assert.equal(levelOf({ ...kubelet, verb: "create", group, resource: "subjectaccessreviews" }), "None");
  });

  it("leaves out probes, discovery, leases, events and the components' own watching", () => {
    assert.equal(levelOf({ ...people, verb: "get", path: "/healthz" }), "None");
    assert.equal(levelOf({ ...people, verb: "get", path: "/apis/apps/v1" }), "None");
    assert.equal(levelOf({ ...people, verb: "get", path: "/metrics" }), "Metadata");
    assert.equal(levelOf({ ...kubelet, verb: "update", group: "coordination.k8s.io", resource: "leases" }), "None");
    assert.equal(levelOf({ ...controller, verb: "watch", resource: "pods" }), "None");
    assert.equal(levelOf({ ...kubelet, verb: "patch", resource: "pods/status", namespace: "tenant-hr" }), "None");
    assert.equal(levelOf({ ...people, verb: "patch", resource: "pods/status", namespace: "tenant-hr" }), "Metadata");
  });

  it("does not depend on the order of tenants", () => {
    assert.deepEqual(auditPolicy(["tenant-b", "tenant-a"]), auditPolicy(["tenant-a", "tenant-b"]));
  });
});
