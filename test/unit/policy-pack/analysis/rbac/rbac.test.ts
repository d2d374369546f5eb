import assert from "node:assert/strict";
import { type Ask, CLUSTER, allowsUrl, normalRule } from "../../../../../policy-pack/analysis/rbac/grants";
import { can } from "../../../../../policy-pack/analysis/rbac/rbac";
import type { SourceObject } from "../../../../../policy-pack/model/cluster-model";
import { UNKNOWN, type Subject } from "../../../../../policy-pack/model/kubernetes";
import { bound, boundEverywhere, cluster, namespace, object, people, rule } from "./cluster-builder";

const getPods: Ask = { verb: "get", group: "", resource: "pods", namespace: "tenant-a", name: "p" };

const allowed = (objects: SourceObject[], ask: Partial<Ask> = {}, principal = "Group a-team"): boolean =>
  can(cluster(...objects), principal, { ...getPods, ...ask }).allowed;

describe("effective rights", () => {
  it("hold in the binding's namespace only", () => {
    assert.equal(allowed([]), true);
    assert.equal(allowed([], { namespace: "tenant-b" }), false);
    assert.equal(allowed([], { namespace: CLUSTER }), false);
  });

  it("say by which binding and role", () => {
    const { because } = can(cluster(), "Group a-team", getPods);
    assert.deepEqual(because, ["RoleBinding tenant-a/viewer → Role tenant-a/viewer rules[0]"]);
  });

  it("of a ClusterRole hold in one namespace by a RoleBinding, everywhere by a ClusterRoleBinding", () => {
    const rules = [rule("delete", "pods")];
    const roleBinding = object("RoleBinding", "tenant-a", "x", {
      subjects: [people],
      roleRef: { kind: "ClusterRole", name: "cr" },
    });
    const role = object("ClusterRole", undefined, "cr", { rules });
    assert.equal(allowed([role, roleBinding], { verb: "delete" }), true);
    assert.equal(allowed([role, roleBinding], { verb: "delete", namespace: "tenant-b" }), false);
    assert.equal(allowed(boundEverywhere(rules), { verb: "delete", namespace: "tenant-b" }), true);
    assert.equal(allowed(boundEverywhere(rules), { verb: "delete", namespace: CLUSTER }), true);
  });

  describe("with wildcards", () => {
    const cases: [string, ReturnType<typeof rule>, Partial<Ask>, boolean][] = [
      ["in verbs", rule("*", "pods"), { verb: "anything" }, true],
      ["in resources", rule("delete", "*"), { verb: "delete", resource: "pods/exec" }, true],
      ["in groups", rule("delete", "pods", "*"), { verb: "delete", group: "apps" }, true],
      [
        "in resources before a subresource",
        rule("patch", "*/scale", "apps"),
        { verb: "patch", group: "apps", resource: "deployments/scale" },
        true,
      ],
      [
        "in resources before another subresource",
        rule("patch", "*/scale", "apps"),
        { verb: "patch", group: "apps", resource: "deployments/status" },
        false,
      ],
      [
        "in resources before a subresource, but not the resource itself",
        rule("patch", "*/scale", "apps"),
        { verb: "patch", group: "apps", resource: "deployments" },
        false,
      ],
    ];
    for (const [title, given, ask, expected] of cases)
      it(title, () => assert.equal(allowed(bound("tenant-a", [given]), ask), expected));
  });

  it("on a resource do not cover its subresources", () => {
    assert.equal(allowed([], { resource: "pods/log" }), false);
  });

  it("limited to names hold for requests with such a name only", () => {
    const objects = bound("tenant-a", [rule("update list", "configmaps", "", ["one"])]);
    const ask = { verb: "update", resource: "configmaps" };
    assert.equal(allowed(objects, { ...ask, name: "one" }), true);
    assert.equal(allowed(objects, { ...ask, name: "two" }), false);
    assert.equal(allowed(objects, { ...ask, verb: "list", name: undefined }), false);
  });

  it("come through groups of service accounts and of everybody", () => {
    const grant = (name: string) => bound("tenant-b", [rule("get", "pods")], { kind: "Group", name }, "g");
    const account = "ServiceAccount tenant-a/default";
    for (const name of ["system:serviceaccounts", "system:serviceaccounts:tenant-a", "system:authenticated"])
      assert.equal(allowed(grant(name), { namespace: "tenant-b" }, account), true, name);
    assert.equal(allowed(grant("system:serviceaccounts:tenant-b"), { namespace: "tenant-b" }, account), false);
    assert.equal(allowed(grant("system:authenticated"), { namespace: "tenant-b" }, "User system:anonymous"), false);
  });

  it("of a service account named as a user are the account's", () => {
    const subject: Subject = { kind: "User", name: "system:serviceaccount:tenant-a:default" };
    assert.equal(
      allowed(
        bound("tenant-b", [rule("get", "pods")], subject),
        { namespace: "tenant-b" },
        "ServiceAccount tenant-a/default",
      ),
      true,
    );
  });

  it("of a service account without a namespace are of the binding's namespace", () => {
    assert.equal(
      allowed(
        bound("tenant-a", [rule("get", "pods")], { kind: "ServiceAccount", name: "x" }),
        {},
        "ServiceAccount tenant-a/x",
      ),
      true,
    );
  });

  it("include what aggregation adds", () => {
    const selectors = {
      aggregationRule: {
        clusterRoleSelectors: [{ matchExpressions: [{ key: "part", operator: "In", values: ["x"] }] }],
      },
    };
    const part = object("ClusterRole", undefined, "part", { labels: { part: "x" }, rules: [rule("delete", "pods")] });
    const whole = object("ClusterRole", undefined, "whole", { ...selectors, rules: [] });
    const binding = object("RoleBinding", "tenant-a", "x", {
      subjects: [people],
      roleRef: { kind: "ClusterRole", name: "whole" },
    });
    assert.equal(allowed([part, whole, binding], { verb: "delete" }), true);
    assert.equal(allowed([whole, binding], { verb: "delete" }), false);
  });

  it("include what aggregation adds through another aggregating role, and may go in circles", () => {
    const gathering = (name: string, labels: Record<string, string>, selected: string) =>
      object("ClusterRole", undefined, name, {
        labels,
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: selected } }] },
      });
    const roles = [
      object("ClusterRole", undefined, "leaf", { labels: { part: "leaf" }, rules: [rule("delete", "pods")] }),
      gathering("middle", { part: "middle" }, "leaf"),
      gathering("top", { part: "leaf" }, "middle"),
    ];
    const binding = object("RoleBinding", "tenant-a", "x", {
      subjects: [people],
      roleRef: { kind: "ClusterRole", name: "top" },
    });
    assert.equal(allowed([...roles, binding], { verb: "delete" }), true);
  });

  it("include the built-in roles that aggregation selects", () => {
    const gathering = (matchLabels: Record<string, string>) => [
      object("ClusterRole", undefined, "own", { aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } }),
      object("RoleBinding", "tenant-a", "x", { subjects: [people], roleRef: { kind: "ClusterRole", name: "own" } }),
    ];
    const secrets = { resource: "secrets" };
    assert.equal(allowed(gathering({ "rbac.authorization.k8s.io/aggregate-to-view": "true" }), secrets), false);
    assert.equal(allowed(gathering({ "rbac.authorization.k8s.io/aggregate-to-edit": "true" }), secrets), true);
    assert.equal(allowed(gathering({ "kubernetes.io/bootstrapping": "rbac-defaults" }), secrets), true);
    assert.equal(allowed(gathering({}), secrets), true);
    assert.equal(allowed(gathering({ other: "x" }), secrets), false);
  });

  it("include what a label adds to a built-in role", () => {
    const label = { "rbac.authorization.k8s.io/aggregate-to-view": "true" };
    const part = object("ClusterRole", undefined, "part", { labels: label, rules: [rule("delete", "pods")] });
    const binding = object("RoleBinding", "tenant-a", "x", {
      subjects: [people],
      roleRef: { kind: "ClusterRole", name: "view" },
    });
    assert.equal(allowed([part, binding], { verb: "delete" }), true);
    assert.equal(allowed([binding], { verb: "delete" }), false);
    assert.equal(allowed([binding], { resource: "services" }), true);
    assert.equal(allowed([binding], { resource: "secrets" }), false);
  });

  describe("count as all rights", () => {
    const any: Partial<Ask> = { verb: "frob", group: "example.com", resource: "widgets" };
    const binding = (roleRef: unknown) => object("RoleBinding", "tenant-a", "x", { subjects: [people], roleRef });
    it("when the role is not declared", () => {
      assert.equal(allowed([binding({ kind: "ClusterRole", name: "gone" })], any), true);
      assert.equal(allowed([binding({ kind: "ClusterRole", name: "gone" })], { ...any, namespace: "tenant-b" }), false);
    });
    it("when the Role lies in another namespace", () => {
      assert.equal(
        allowed([object("Role", "tenant-b", "far", { rules: [] }), binding({ kind: "Role", name: "far" })], any),
        true,
      );
    });
    it("when the reference is unknown", () => assert.equal(allowed([binding(UNKNOWN)], any), true));
    it("when the rules are unknown", () => {
      const role = (rules: unknown) => object("Role", "tenant-a", "r", { rules });
      for (const rules of [UNKNOWN, [UNKNOWN], [{ verbs: UNKNOWN, apiGroups: UNKNOWN, resources: [UNKNOWN] }]])
        assert.equal(allowed([role(rules), binding({ kind: "Role", name: "r" })], any), true, JSON.stringify(rules));
    });
    it("when the aggregation is unknown", () => {
      const role = object("ClusterRole", undefined, "agg", { aggregationRule: UNKNOWN });
      assert.equal(allowed([role, binding({ kind: "ClusterRole", name: "agg" })], any), true);
    });
  });

  it("are everybody's when the subjects are unknown", () => {
    const [role] = bound("tenant-b", [rule("get", "pods")]);
    const binding = (subjects: unknown) =>
      object("RoleBinding", "tenant-b", "x", { subjects, roleRef: { kind: "Role", name: "r" } });
    for (const subjects of [UNKNOWN, [UNKNOWN], [{ kind: "Group", name: UNKNOWN }], [{ name: "x" }]])
      assert.equal(
        allowed([role as SourceObject, binding(subjects)], { namespace: "tenant-b" }),
        true,
        JSON.stringify(subjects),
      );
  });

  it("are nobody's when the API server refuses the subject", () => {
    const everywhere = (subject: object) => [
      object("ClusterRole", undefined, "cr", { rules: [rule("get", "pods")] }),
      object("ClusterRoleBinding", undefined, "x", {
        subjects: [subject],
        roleRef: { kind: "ClusterRole", name: "cr" },
      }),
    ];
    for (const subject of [
      { kind: "Robot", name: "x" },
      { kind: "ServiceAccount", name: "default" },
    ])
      assert.equal(allowed(everywhere(subject), { namespace: "tenant-b" }), false, JSON.stringify(subject));
  });

  it("are those of the binding's namespace for an account without one", () => {
    const [role] = bound("tenant-b", [rule("get", "pods")]);
    for (const given of [undefined, ""]) {
      const subjects = [{ kind: "ServiceAccount", name: "default", namespace: given }];
      const binding = object("RoleBinding", "tenant-b", "x", { subjects, roleRef: { kind: "Role", name: "r" } });
      const rbac = cluster(role as SourceObject, binding);
      assert.equal(rbac.boundTo("ServiceAccount tenant-b/default").length, 1);
    }
  });

  it("are everywhere when the binding's namespace is unknown", () => {
    const objects = [
      object("ClusterRole", undefined, "cr", { rules: [rule("get", "pods")] }),
      object("RoleBinding", UNKNOWN, "x", { subjects: [people], roleRef: { kind: "ClusterRole", name: "cr" } }),
    ];
    assert.equal(allowed(objects, { namespace: "tenant-b" }), true);
  });

  it("are refused when a binding or a tenant's object is hidden", () => {
    const hidden = object("RoleBinding", "tenant-a", "x", {}, { opaque: "a patch" });
    assert.throws(() => cluster(hidden), /RoleBinding tenant-a\/x: kind hides the rights that it may give: a patch/);
    assert.throws(
      () => cluster(namespace("tenant-c"), object("Release", "tenant-c", "y", {}, { opaque: "a Helm release" })),
      /a Helm release/,
    );
  });

  it("on paths outside resources hold cluster-wide, with a trailing wildcard", () => {
    const grant = {
      namespace: CLUSTER,
      rule: normalRule({ verbs: ["get"], nonResourceURLs: ["/metrics", "/logs/*"] }),
      source: "test",
    };
    const paths = ["/metrics", "/metrics/x", "/logs/a/b", "/other"];
    assert.deepEqual(
      paths.map((path) => allowsUrl(grant, "get", path)),
      [true, false, true, false],
    );
    assert.equal(allowsUrl({ ...grant, namespace: "tenant-a" }, "get", "/metrics"), false);
  });
});
