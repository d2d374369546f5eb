import assert from "node:assert/strict";
import { loadSettings } from "../../../../policy-pack/settings/load";
import { forbiddenRights } from "../../../../policy-pack/analysis/rbac/rights";
import { buildClusterModel } from "../../../../policy-pack/model/cluster-model";
import { fromLive } from "../../../../policy-pack/model/from-live";
import { fromPulumi } from "../../../../policy-pack/model/from-pulumi";
import { rules } from "../../../../policy-pack/rules";
import { evaluate } from "../../../../policy-pack/rules/evaluate";
import { describeRule, type Break } from "../breaks";
import { compliantObjects, find, type Loose, modelOf, ruleIds, settings } from "../fixture";

const RBAC = "rbac.authorization.k8s.io";
const account = (namespace: string, name = "reader") => ({ kind: "ServiceAccount", name, namespace });
const group = (name: string) => ({ kind: "Group", apiGroup: RBAC, name });
const user = (name: string) => ({ kind: "User", apiGroup: RBAC, name });
const allow = (apiGroup: string, resource: string, ...verbs: string[]) => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs,
});

/** Subjects that no tenant and no configuration knows. */
const outsiders = [
  account("team-tools"),
  account("default", "default"),
  account("ingress-nginx", "nginx"),
  group("someone"),
  group("system:serviceaccounts:team-tools"),
  user("joe"),
  user("system:serviceaccount:team-tools:reader"),
  group("system:made-up"),
];
const nameOf = ({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`;

/** Binds rules of a ClusterRole, or a ClusterRole by name, everywhere or in a namespace. */
function bind(objects: Loose[], rules: object[] | string, subject: object, namespace?: string): void {
  const name = typeof rules === "string" ? rules : "tools";
  if (typeof rules !== "string")
    objects.push({ apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name }, rules });
  objects.push({
    apiVersion: `${RBAC}/v1`,
    kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
    metadata: { name: "tools", namespace },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
    subjects: [subject],
  });
}

const rightsRules = rules.filter(({ id }) => id.startsWith("rbac/"));
const rulesBroken = (change: (objects: Loose[]) => void): string[] => {
  const objects = compliantObjects();
  change(objects);
  const found = evaluate(rightsRules, modelOf(objects), settings.configuration);
  return [...new Set(found.map(({ rule }) => rule))];
};

const roles: [title: string, rules: object[] | string][] = [
  ["cluster-admin", "cluster-admin"],
  ["edit", "edit"],
  ["view", "view"],
  ["Secrets", [allow("", "secrets", "get")]],
  ["the kubelets", [allow("", "nodes/proxy", "get")]],
  ["pods", [allow("", "pods", "list")]],
  ["namespaces", [allow("", "namespaces", "list")]],
  ["admission policies", [allow("admissionregistration.k8s.io", "validatingadmissionpolicies", "delete")]],
  ["an API server's metrics", [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }]],
];

describeRule(
  "rbac/no-cluster-binding",
  [
    {
      title: "a tenant's group in every namespace",
      apply: (objects) => bind(objects, [], group("hr-viewers")),
      object: "ClusterRoleBinding tools",
    },
    ...outsiders.flatMap((subject) =>
      roles.map(([title, rules]): Break => ({
        title: `${nameOf(subject)} with rights on ${title}`,
        apply: (objects) => bind(objects, rules, subject),
        object: "ClusterRoleBinding tools",
        field: "subjects[0]",
      })),
    ),
    {
      title: "someone with a role that nobody declares",
      apply: (objects) => bind(objects, "ghost", group("someone")),
      object: "ClusterRoleBinding tools",
    },
  ],
  [
    { title: "a group of nobody with no rights", apply: (objects) => bind(objects, [], group("platform-team")) },
    ...[
      account("kube-system"),
      user("system:serviceaccount:kube-system:reader"),
      group("system:serviceaccounts:kube-system"),
      user("system:kube-scheduler"),
      group("system:nodes"),
    ].map((subject) => ({
      title: `${nameOf(subject)}, which is the platform's or Kubernetes' own`,
      apply: (objects: Loose[]) => bind(objects, [allow("", "secrets", "get")], subject),
    })),
    ...(
      [
        ["reading nodes", [allow("", "nodes", "get", "list")]],
        ["checking credentials", "system:auth-delegator"],
        ["asking about themselves", [allow("authorization.k8s.io", "selfsubjectaccessreviews", "create")]],
        ["the public paths", [{ nonResourceURLs: ["/healthz", "/version"], verbs: ["get"] }]],
        ["a resource that nothing has", [allow("", "pods/*", "get")]],
      ] as [string, object[] | string][]
    ).map(([title, rules]) => ({
      title: `someone with rights that concern no tenant: ${title}`,
      apply: (objects: Loose[]) => bind(objects, rules, group("someone")),
    })),
    ...[group("someone"), user("someone")].map((subject) => ({
      title: `${nameOf(subject)} that the configuration lists`,
      apply: (objects: Loose[]) => bind(objects, [allow("", "secrets", "get")], subject),
      settings: { ...settings, ...loadSettings({ rbac: { sharedGroups: ["someone"] } }, ruleIds) },
    })),
    {
      title: "all accounts of a namespace by a group that the configuration lists",
      apply: (objects) => bind(objects, [allow("", "secrets", "get")], group("system:serviceaccounts:team-tools")),
      settings: {
        ...settings,
        ...loadSettings({ rbac: { sharedGroups: ["system:serviceaccounts:team-tools"] } }, ruleIds),
      },
    },
    {
      title: "an account of a namespace that the configuration lists",
      apply: (objects) => bind(objects, [allow("", "secrets", "get")], account("team-tools")),
      settings: {
        ...settings,
        ...loadSettings({ platformNamespaces: ["kube-system", "team-tools"] }, ruleIds),
      },
    },
  ],
);

describe("a ClusterRoleBinding of someone whom nothing lists", () => {
  for (const { group: apiGroup, resource, verbs } of forbiddenRights)
    it(`is refused by the rules for each right of its role: ${resource} of group "${apiGroup}"`, () => {
      const rule = allow(apiGroup, resource.replace("/*", "/scopes").replace(/^\*$/, "anything"), ...verbs);
      const broken = rulesBroken((objects) => bind(objects, [rule], account("team-tools")));
      assert.ok(broken.includes("rbac/no-cluster-binding"), broken.join());
      assert.ok(broken.includes("rbac/closure"), broken.join());
      assert.ok(
        broken.some((id) => /no-(secret-access|escalation|fence-editing|pod-interior|workload-writing)/.test(id)),
        broken.join(),
      );
    });

  it("is refused before it is created where the role is known by its name", () => {
    for (const name of ["cluster-admin", "admin", "edit", "system:kube-scheduler"])
      assert.ok(rulesBroken((objects) => bind(objects, name, user("joe"))).includes("rbac/no-built-in-roles"), name);
    assert.ok(
      !rulesBroken((objects) => bind(objects, "system:auth-delegator", user("joe"))).includes("rbac/no-built-in-roles"),
    );
  });
});

describe("rights in a platform namespace", () => {
  const inKubeSystem = (rule: object, subject: object) => rulesBroken((o) => bind(o, [rule], subject, "kube-system"));

  it("that open connections to its pods are no tenant's, though they only read", () => {
    for (const resource of ["services/proxy", "pods/proxy", "pods/portforward", "pods/exec", "pods/attach"])
      assert.ok(inKubeSystem(allow("", resource, "get"), group("hr-viewers")).includes("rbac/closure"), resource);
    assert.deepEqual(inKubeSystem(allow("", "pods/log", "get"), group("hr-viewers")), []);
  });

  it("that take it over are nobody's whom nothing lists", () => {
    for (const subject of outsiders) {
      assert.ok(inKubeSystem(allow("", "secrets", "get"), subject).includes("rbac/closure"), nameOf(subject));
      assert.ok(inKubeSystem(allow("apps", "deployments", "patch"), subject).includes("rbac/closure"), nameOf(subject));
      assert.deepEqual(inKubeSystem(allow("", "configmaps", "get"), subject), [], nameOf(subject));
    }
  });

  it("are the platform's own", () => {
    assert.deepEqual(inKubeSystem(allow("", "secrets", "get"), account("kube-system")), []);
  });
});

describe("rights in a namespace that belongs to nobody", () => {
  it("are its own affair", () => {
    assert.deepEqual(
      rulesBroken((objects) => bind(objects, [allow("", "secrets", "get")], account("team-tools"), "team-tools")),
      [],
    );
  });
});

describe("rights that have no effect in a namespace", () => {
  it("are nobody's concern where a RoleBinding gives them in another tenant's namespace", () => {
    const bound = (rules: object[]) => rulesBroken((o) => bind(o, rules, group("hr-viewers"), "tenant-finance"));
    for (const rule of [
      allow("", "nodes/proxy", "get"),
      allow("", "pods/*", "get"),
      allow("", "namespaces", "create", "deletecollection"),
      allow("certificates.k8s.io", "signers", "approve"),
    ])
      assert.deepEqual(bound([rule]), bound([]), JSON.stringify(rule));
  });
});

describe("rbac/closure on someone whom nothing lists", () => {
  it("names the binding with which the chain begins", () => {
    const objects = compliantObjects();
    bind(objects, [], user("joe"), "team-tools");
    bind(objects, "cluster-admin", user("joe"));
    const chosen = rightsRules.filter(({ id }) => id === "rbac/closure");
    const [found] = evaluate(chosen, modelOf(objects), settings.configuration);
    assert.equal(found?.object, "ClusterRoleBinding tools");
    assert.equal(found?.field, "subjects");
    assert.match(
      found?.message ?? "",
      /What User joe can do: holds every right in the cluster\. By which chain: User joe →/,
    );
  });
});

describe("rbac/closure on what it cannot see", () => {
  it("names the object that hides rights, and what to do about it", () => {
    const binding = find(compliantObjects(), "RoleBinding", "viewer", "tenant-hr");
    const hidden = {
      type: `kubernetes:${RBAC}/v1:RoleBindingPatch`,
      props: { ...binding, metadata: { ...binding.metadata, name: "patched" } },
      urn: "urn:pulumi:dev::x::y::patched",
      name: "patched",
    };
    const { configuration } = settings;
    const sources = [...fromLive(compliantObjects()), ...fromPulumi([hidden])];
    const chosen = rules.filter(({ id }) => id === "rbac/closure");
    const found = evaluate(chosen, buildClusterModel(sources, configuration), configuration);
    assert.deepEqual(
      found.map(({ object, field, fix }) => [object, field, fix]),
      [
        [
          "RoleBinding tenant-hr/patched",
          "kind",
          "Replace it by the objects that it makes, or write the object whole.",
        ],
      ],
    );
  });
});
