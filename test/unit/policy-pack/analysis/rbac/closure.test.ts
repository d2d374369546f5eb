import assert from "node:assert/strict";
import { type RbacFinding, rbacFindings, tenantFindings } from "../../../../../policy-pack/analysis/rbac/findings";
import type { SourceObject } from "../../../../../policy-pack/model/cluster-model";
import { type PolicyRule, UNKNOWN } from "../../../../../policy-pack/model/kubernetes";
import { bound, boundEverywhere, cluster, namespace, object, people, rbacGroup, rule } from "./cluster-builder";

const findings = (...objects: SourceObject[]): RbacFinding[] => tenantFindings(cluster(...objects), "a");
const kinds = (...objects: SourceObject[]): string[] =>
  [...new Set(findings(...objects).map(({ kind }) => kind))].sort();
const own = (...rules: PolicyRule[]): SourceObject[] => bound("tenant-a", rules);

/** A service account of tenant a, with rights in tenant b that only this account has. */
const strongAccount = [
  object("ServiceAccount", "platform", "robot"),
  ...bound(
    "tenant-b",
    [rule("get", "configmaps")],
    { kind: "ServiceAccount", name: "robot", namespace: "platform" },
    "robot",
  ),
];

describe("what tenants can do by their rights", () => {
  it("is nothing forbidden with a role that reads pods", () => {
    assert.deepEqual(rbacFindings(cluster()), []);
  });

  it("is nothing forbidden with everyday writes in the own namespace", () => {
    assert.deepEqual(
      findings(
        ...own(
          rule("delete", "pods"),
          rule("get update patch", "deployments/scale", "apps"),
          rule("create patch", "events"),
        ),
      ),
      [],
    );
  });

  describe("directly", () => {
    it("includes anything in another tenant's namespace", () => {
      const [finding] = findings(...bound("tenant-b", [rule("get", "pods")], people, "stray"));
      assert.equal(finding?.kind, "other-tenant");
      assert.equal(
        finding?.explanation,
        "Tenant a: get on pods in tenant-b of tenant b: Group a-team → RoleBinding tenant-b/stray → Role tenant-b/stray rules[0] (get on pods)",
      );
    });

    it("includes reading namespaced objects of the whole cluster", () => {
      assert.deepEqual(kinds(...boundEverywhere([rule("list", "pods")])), ["other-tenant"]);
      assert.deepEqual(kinds(...boundEverywhere([rule("get", "namespaces")])), ["other-tenant"]);
      assert.deepEqual(kinds(...boundEverywhere([rule("get", "namespaces", "", ["tenant-b"])])), ["other-tenant"]);
    });

    it("leaves out reading objects that all share, and asking about oneself", () => {
      const reviews = rule("create", "selfsubjectaccessreviews", "authorization.k8s.io");
      assert.deepEqual(
        kinds(
          ...boundEverywhere([
            rule("get list", "nodes"),
            rule("get", "storageclasses", "storage.k8s.io"),
            reviews,
            rule("get", "namespaces", "", ["tenant-a"]),
          ]),
        ),
        [],
      );
    });

    const fences: [string, PolicyRule][] = [
      ["NetworkPolicies", rule("patch", "networkpolicies", "networking.k8s.io")],
      ["Cilium's policies", rule("create", "ciliumnetworkpolicies", "cilium.io")],
      ["EndpointSlices", rule("create", "endpointslices", "discovery.k8s.io")],
      ["the quota", rule("update", "resourcequotas")],
      ["the quota's record", rule("update", "resourcequotas/status")],
      ["limits", rule("deletecollection", "limitranges")],
      ["the Namespace", rule("patch", "namespaces")],
      ["Roles", rule("create", "roles", rbacGroup)],
      ["RoleBindings", rule("delete", "rolebindings", rbacGroup)],
      ["the placement of pods", rule("create", "pods/binding")],
    ];
    for (const [title, given] of fences)
      it(`includes writing ${title}`, () => assert.deepEqual(kinds(...own(given)), ["fence"]));

    it("includes writing what all tenants share", () => {
      for (const given of [
        rule("patch", "nodes"),
        rule("delete", "validatingadmissionpolicybindings", "admissionregistration.k8s.io"),
        rule("create", "priorityclasses", "scheduling.k8s.io"),
        rule("patch", "namespaces", "", ["tenant-a"]),
      ])
        assert.deepEqual(kinds(...boundEverywhere([given])), ["fence"], given.resources?.join());
    });

    it("includes reading Secrets", () => {
      assert.deepEqual(kinds(...own(rule("list", "secrets"))), ["secrets"]);
      assert.deepEqual(kinds(...own(rule("get", "*"))), ["secrets"]);
      assert.deepEqual(kinds(...bound("platform", [rule("get", "secrets", "", ["x"])])), ["platform"]);
    });

    it("includes writing in the platform's namespaces", () => {
      assert.deepEqual(kinds(...bound("kube-system", [rule("update", "configmaps")])), ["platform"]);
      assert.deepEqual(kinds(...bound("kube-system", [rule("get", "configmaps")])), []);
    });
  });

  describe("by escalation", () => {
    const paths: [string, SourceObject[], string, RegExp][] = [
      [
        "impersonating a user",
        boundEverywhere([rule("impersonate", "users", "", ["boss"])]).concat(
          bound("tenant-b", [rule("get", "pods")], { kind: "User", name: "boss" }, "b"),
        ),
        "other-tenant",
        /impersonates User boss/,
      ],
      [
        "impersonating any user",
        boundEverywhere([rule("impersonate", "users")]),
        "platform",
        /impersonates Group system:masters/,
      ],
      ["impersonating any group", boundEverywhere([rule("impersonate", "groups")]), "platform", /impersonates/],
      [
        "impersonating a group of the platform",
        boundEverywhere([rule("impersonate", "groups", "", ["operators"])]),
        "platform",
        /a group of the platform/,
      ],
      [
        "constrained impersonation of users",
        boundEverywhere([rule("impersonate:user-info", "users", "authentication.k8s.io")]),
        "platform",
        /impersonates/,
      ],
      [
        "impersonating a service account",
        bound("platform", [rule("impersonate", "serviceaccounts")]),
        "platform",
        /impersonates ServiceAccount platform\/default/,
      ],
      [
        "asking for a token",
        [...strongAccount, ...bound("platform", [rule("create", "serviceaccounts/token", "", ["robot"])])],
        "other-tenant",
        /asks for a token of ServiceAccount platform\/robot/,
      ],
      ["reading a stored token", bound("platform", [rule("get", "secrets")]), "platform", /may hold a token/],
      [
        "creating pods that mount Secrets",
        own(rule("create", "pods")),
        "secrets",
        /writes pods in tenant-a → reads the Secrets/,
      ],
      ["patching a Deployment", own(rule("patch", "deployments", "apps")), "secrets", /writes deployments/],
      ["creating a CronJob", own(rule("create", "cronjobs", "batch")), "secrets", /writes cronjobs/],
      ["entering pods", own(rule("create", "pods/exec")), "secrets", /enters pods of tenant-a by pods\/exec/],
      ["adding ephemeral containers", own(rule("patch", "pods/ephemeralcontainers")), "secrets", /ephemeralcontainers/],
      [
        "creating pods as another account",
        bound("tenant-b", [rule("create", "jobs", "batch")]),
        "other-tenant",
        /acts as ServiceAccount tenant-b\/ollama/,
      ],
      [
        "creating pods where nothing restrains them",
        bound("kube-system", [rule("create", "pods")]),
        "platform",
        /a privileged pod owns its node/,
      ],
      [
        "creating pods after removing the restraint",
        own(rule("create", "pods"), rule("patch", "namespaces")),
        "platform",
        /removes the Pod Security level/,
      ],
      ["the kubelet's API", boundEverywhere([rule("get", "nodes/proxy")]), "platform", /nodes\/proxy/],
      [
        "a mutating webhook",
        boundEverywhere([rule("patch", "mutatingwebhookconfigurations", "admissionregistration.k8s.io")]),
        "platform",
        /rewrites every object/,
      ],
      [
        "a validating webhook",
        boundEverywhere([rule("create", "validatingwebhookconfigurations", "admissionregistration.k8s.io")]),
        "platform",
        /is shown every object/,
      ],
      [
        "an aggregated API server",
        boundEverywhere([rule("create", "apiservices", "apiregistration.k8s.io")]),
        "platform",
        /receives everybody's requests/,
      ],
      ["a hostPath volume", boundEverywhere([rule("create", "persistentvolumes")]), "platform", /hostPath/],
      [
        "approving certificates",
        boundEverywhere([
          rule("patch", "certificatesigningrequests/approval", "certificates.k8s.io"),
          rule("approve", "signers", "certificates.k8s.io", ["kubernetes.io/kube-apiserver-client"]),
        ]),
        "platform",
        /approves a client certificate/,
      ],
      [
        "escalate on cluster roles",
        boundEverywhere([rule("escalate update", "clusterroles", rbacGroup)]),
        "platform",
        /writes clusterroles with any right/,
      ],
      [
        "escalate on roles",
        bound("kube-system", [rule("escalate patch", "roles", rbacGroup)]),
        "platform",
        /writes roles with any right/,
      ],
      [
        "bind of a named role",
        [
          ...boundEverywhere([
            rule("bind", "clusterroles", rbacGroup, ["reader"]),
            rule("create", "clusterrolebindings", rbacGroup),
          ]),
          object("ClusterRole", undefined, "reader", { rules: [rule("get", "pods")] }),
        ],
        "other-tenant",
        /binds ClusterRole reader to itself \(bind\) in the whole cluster/,
      ],
      [
        "bind of any role",
        boundEverywhere([rule("bind", "clusterroles", rbacGroup), rule("create", "clusterrolebindings", rbacGroup)]),
        "platform",
        /binds any of the clusterroles/,
      ],
      [
        "a wildcard verb on cluster roles and bindings",
        boundEverywhere([rule("*", "clusterroles clusterrolebindings", rbacGroup)]),
        "platform",
        /writes clusterroles/,
      ],
      [
        "cluster-admin",
        [
          object("ClusterRoleBinding", undefined, "x", {
            subjects: [people],
            roleRef: { kind: "ClusterRole", name: "cluster-admin" },
          }),
        ],
        "platform",
        /cluster-admin/,
      ],
      [
        "a role that nobody declares",
        [
          object("ClusterRoleBinding", undefined, "x", {
            subjects: [people],
            roleRef: { kind: "ClusterRole", name: "gone" },
          }),
        ],
        "platform",
        /not declared or not known/,
      ],
    ];
    for (const [title, objects, kind, pattern] of paths) {
      it(`includes ${title}`, () => {
        const found = findings(...objects).filter((finding) => finding.kind === kind);
        assert.ok(
          found.some(({ explanation }) => pattern.test(explanation)),
          found.map((f) => f.explanation).join("\n"),
        );
      });
    }

    it("combines what different principals of the tenant hold", () => {
      const approval = boundEverywhere(
        [rule("update", "certificatesigningrequests/approval", "certificates.k8s.io")],
        people,
        "one",
      );
      const signers = boundEverywhere(
        [rule("approve", "signers", "certificates.k8s.io")],
        { kind: "ServiceAccount", name: "default", namespace: "tenant-a" },
        "two",
      );
      assert.deepEqual(kinds(...approval, ...signers), ["platform"]);
      assert.deepEqual(kinds(...signers), ["fence"]);
    });

    it("needs the writing right beside escalate or bind", () => {
      assert.deepEqual(
        kinds(...own(rule("escalate", "roles", rbacGroup), rule("bind", "clusterroles", rbacGroup))),
        [],
      );
    });

    it("follows chains of several steps", () => {
      const chain = [
        ...own(rule("create", "serviceaccounts/token")),
        ...bound(
          "platform",
          [rule("create", "pods/exec")],
          { kind: "ServiceAccount", name: "default", namespace: "tenant-a" },
          "in",
        ),
        ...boundEverywhere([rule("*", "*", "*")], { kind: "ServiceAccount", name: "root", namespace: "platform" }),
      ];
      const [finding] = findings(...chain);
      assert.equal(finding?.what, "holds every right in the cluster");
      assert.match(
        finding?.explanation ?? "",
        /ServiceAccount tenant-a\/default → .*pods\/exec.* → acts as ServiceAccount platform\/root → ClusterRoleBinding cr/,
      );
    });

    it("does not take a Secret that is known to be no token for one", () => {
      const secret = object("Secret", "tenant-b", "keys", { type: "Opaque" });
      const objects = [...bound("tenant-b", [rule("get", "secrets", "", ["keys"])]), secret];
      assert.ok(findings(...objects).every(({ what }) => !what.startsWith("acts as")));
      assert.ok(findings(...objects.slice(0, 2)).some(({ what }) => what.startsWith("acts as")));
      const writing = bound("tenant-b", [rule("create", "secrets")], people, "w");
      assert.ok(findings(...objects, ...writing).some(({ what }) => what.startsWith("acts as")));
    });
  });

  it("counts groups of several tenants for each, and the platform's for none", () => {
    const shared = (name: string) => [
      ...bound("tenant-a", [rule("get", "pods")], { kind: "Group", name }, "s"),
      ...bound("tenant-b", [rule("get", "pods")], { kind: "Group", name }, "s"),
    ];
    assert.deepEqual(
      rbacFindings(cluster(...shared("both"))).map(({ tenant, kind }) => `${tenant} ${kind}`),
      ["a other-tenant", "b other-tenant"],
    );
    assert.deepEqual(rbacFindings(cluster(...shared("operators"))), []);
  });

  it("reports once what anybody can do", () => {
    const everybody = { kind: "Group", name: "system:authenticated" };
    const all = rbacFindings(cluster(...boundEverywhere([rule("list", "pods")], everybody)));
    assert.deepEqual(
      all.map(({ tenant, kind }) => [tenant, kind]),
      [[undefined, "other-tenant"]],
    );
    assert.match(all[0]?.explanation ?? "", /^Anybody: list on pods in every namespace/);
    const anonymous = rbacFindings(
      cluster(...bound("tenant-b", [rule("get", "pods")], { kind: "User", name: "system:anonymous" }, "x")),
    );
    assert.deepEqual(
      anonymous.map(({ tenant }) => tenant),
      [undefined],
    );
  });

  describe("paths of the API server beside its resources", () => {
    const paths = (...nonResourceURLs: string[]) => [{ verbs: ["get"], nonResourceURLs }];
    for (const url of ["*", "/*", "/metrics", "/logs/*", "/debug/pprof/heap", "/api*"])
      it(`may not be reached by a tenant: ${url}`, () => {
        const [found, ...others] = findings(...boundEverywhere(paths("/healthz", url)));
        assert.equal(found?.what, `get on ${url} of the API server`);
        assert.equal(found?.kind, "platform");
        assert.deepEqual(others, []);
      });

    it("may be reached where Kubernetes opens them to everybody", () => {
      assert.deepEqual(
        kinds(...boundEverywhere(paths("/healthz", "/version", "/api/*", "/apis/apps/v1", "/openapi/*"))),
        [],
      );
    });

    it("are not opened by a binding in one namespace", () => {
      const role = object("ClusterRole", undefined, "cr", { rules: paths("*") });
      const roleRef = { kind: "ClusterRole", name: "cr" };
      assert.deepEqual(kinds(role, object("RoleBinding", "tenant-a", "x", { subjects: [people], roleRef })), []);
      const everywhere = object("ClusterRoleBinding", undefined, "x", { subjects: [people], roleRef });
      assert.deepEqual(kinds(role, everywhere), ["platform"]);
    });

    it("count as all of them where they are unknown", () => {
      const unknown = { verbs: ["get"], nonResourceURLs: UNKNOWN as unknown as string[] };
      assert.deepEqual(kinds(...boundEverywhere([unknown])), ["platform"]);
    });

    it("are the platform's own groups' to use, and nobody's by default", () => {
      assert.deepEqual(rbacFindings(cluster(...boundEverywhere(paths("*"), { kind: "Group", name: "operators" }))), []);
      const everybody = { kind: "Group", name: "system:authenticated" };
      const all = rbacFindings(cluster(...boundEverywhere(paths("/metrics"), everybody)));
      assert.deepEqual(
        all.map(({ tenant, kind }) => [tenant, kind]),
        [[undefined, "platform"]],
      );
    });
  });

  it("names a namespace without a Pod Security level as the reason", () => {
    const loose = namespace("tenant-a-loose", "privileged");
    const found = tenantFindings(cluster(loose, ...bound("tenant-a-loose", [rule("create", "pods")])), "a-loose");
    assert.ok(found.some(({ explanation }) => /no Pod Security level restrains pods/.test(explanation)));
  });
});
