import assert from "node:assert/strict";
import { loadSettings } from "../../../../policy-pack/settings/load";
import { describeRule, type Break } from "../breaks";
import { compliantObjects, find, type Loose, ruleIds, settings, violationsOf } from "../fixture";

const RBAC = "rbac.authorization.k8s.io";
const role = (objects: Loose[]) => find(objects, "Role", "viewer", "tenant-hr");
const binding = (objects: Loose[]) => find(objects, "RoleBinding", "viewer", "tenant-hr");
const ROLE = "Role tenant-hr/viewer";
const BINDING = "RoleBinding tenant-hr/viewer";

/** Adds a rule to the HR tenant's role. */
const grant = (title: string, rule: object): Break => ({
  title,
  apply: (objects) => role(objects).rules.push(rule),
  object: ROLE,
  field: /^rules\[1\]/,
});

const allow = (apiGroups: string, resources: string, ...verbs: string[]) => ({
  apiGroups: [apiGroups],
  resources: [resources],
  verbs,
});

/** A cluster role and its binding, in a namespace or in all. */
function cluster(objects: Loose[], rules: unknown, subjects: Loose[], namespace?: string, extra: object = {}): void {
  const kind = namespace === undefined ? "ClusterRoleBinding" : "RoleBinding";
  objects.push(
    { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name: "wide" }, rules, ...extra },
    {
      apiVersion: `${RBAC}/v1`,
      kind,
      metadata: { name: "wide", namespace },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "wide" },
      subjects,
    },
  );
}

const account = (namespace: string | undefined) => ({ kind: "ServiceAccount", name: "ollama", namespace });
const group = (name: string) => ({ kind: "Group", apiGroup: RBAC, name });

const subject = (title: string, value: object): Break => ({
  title,
  apply: (objects) => binding(objects).subjects.push(value),
  object: BINDING,
  field: /^subjects\[1\]/,
});

describeRule(
  "rbac/no-cross-tenant-subject",
  [
    subject("another tenant's account", account("tenant-finance")),
    subject("all accounts of another tenant", group("system:serviceaccounts:tenant-finance")),
    subject("another tenant's account as a user", {
      kind: "User",
      name: "system:serviceaccount:tenant-finance:ollama",
    }),
    subject("an account of an unlisted namespace", account("somewhere")),
    subject("an account of the default namespace", account("default")),
    subject("a kind that the API server does not know", { kind: "Robot", name: "x" }),
    {
      title: "an account without namespace in a ClusterRoleBinding",
      apply: (objects) => cluster(objects, [], [account(undefined)]),
      object: "ClusterRoleBinding wide",
      field: "subjects[0].namespace",
    },
  ],
  [
    { title: "an account of the platform", apply: (o) => binding(o).subjects.push(account("kube-system")) },
    {
      title: "an account without namespace, which is the binding's own",
      apply: (o) => binding(o).subjects.push(account(undefined)),
    },
  ],
);

describeRule("rbac/no-workload-rights", [
  subject("the tenant's own account", account("tenant-hr")),
  subject("an account without namespace, which is the binding's own", account(undefined)),
  subject("an account of an empty namespace, likewise", account("")),
  subject("all of its accounts", group("system:serviceaccounts:tenant-hr")),
  {
    title: "a tenant's account in a platform namespace",
    apply: (objects) => cluster(objects, [], [account("tenant-hr")], "kube-system"),
    object: "RoleBinding kube-system/wide",
  },
  {
    title: "a tenant's account everywhere",
    apply: (objects) => cluster(objects, [], [account("tenant-hr")]),
    object: "ClusterRoleBinding wide",
  },
]);

const wildcards: Break[] = [
  grant("a wildcard verb", allow("", "pods", "*")),
  grant("a wildcard resource", allow("apps", "*", "get")),
  grant("a wildcard group", allow("*", "pods", "get")),
  grant("a wildcard subresource", allow("", "*/log", "get")),
  {
    title: "one in a cluster role that is bound in a tenant's namespace",
    apply: (objects) => cluster(objects, [allow("", "pods", "*")], [group("hr-viewers")], "tenant-hr"),
    object: "ClusterRole wide",
  },
  {
    title: "unknown rules",
    apply: (objects) => (role(objects).rules = "?"),
    object: ROLE,
  },
  {
    title: "every path of the API server, in a cluster role that is bound everywhere",
    apply: (objects) => cluster(objects, [{ nonResourceURLs: ["/debug/*"], verbs: ["get"] }], [group("hr-viewers")]),
    object: "ClusterRole wide",
    field: "rules[0].nonResourceURLs",
  },
];
describeRule("rbac/no-wildcards", wildcards, [
  ...["pods/*", "*/*", "pod*"].map((resource) => ({
    title: `${resource}, which the authorizer takes for a name that nothing has`,
    apply: (objects: Loose[]) => role(objects).rules.push(allow("", resource, "get")),
  })),
  {
    title: "paths of the API server in a cluster role that is bound in a namespace, where they open nothing",
    apply: (objects) =>
      cluster(objects, [{ nonResourceURLs: ["*"], verbs: ["get"] }], [group("hr-viewers")], "tenant-hr"),
  },
]);

describeRule(
  "rbac/no-broad-groups",
  [
    ...["system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:masters"].map((name) =>
      subject(name, group(name)),
    ),
    subject("the anonymous user", { kind: "User", name: "system:anonymous" }),
    {
      title: "unknown subjects",
      apply: (objects) => (binding(objects).subjects = "?"),
      object: BINDING,
    },
    {
      title: "everybody, outside tenants' namespaces too",
      apply: (objects) => cluster(objects, [], [group("system:authenticated")]),
      object: "ClusterRoleBinding wide",
    },
  ],
  [
    {
      title: "discovery",
      apply: (objects) => {
        cluster(objects, [], [group("system:authenticated")]);
        find(objects, "ClusterRoleBinding", "wide").roleRef.name = "system:discovery";
      },
    },
  ],
);

describeRule("rbac/roles-declared", [
  {
    title: "a Role that does not exist",
    apply: (objects) => (binding(objects).roleRef.name = "ghost"),
    object: BINDING,
  },
  {
    title: "a ClusterRole that does not exist",
    apply: (objects) => (binding(objects).roleRef = { apiGroup: RBAC, kind: "ClusterRole", name: "ghost" }),
    object: BINDING,
  },
  {
    title: "the Role of another namespace",
    apply: (objects) => (role(objects).metadata.namespace = "default"),
    object: BINDING,
  },
  { title: "an unknown reference", apply: (objects) => (binding(objects).roleRef = "?"), object: BINDING },
]);

describeRule("rbac/no-aggregation", [
  {
    title: "an aggregated role in a tenant's namespace",
    apply: (objects) =>
      cluster(objects, [], [group("hr-viewers")], "tenant-hr", { aggregationRule: { clusterRoleSelectors: [{}] } }),
    object: "ClusterRole wide",
    field: "aggregationRule",
  },
  {
    title: "a role that widens view",
    apply: (objects) => {
      cluster(objects, [], [], "kube-system");
      find(objects, "ClusterRole", "wide").metadata.labels = { [`${RBAC}/aggregate-to-view`]: "true" };
    },
    object: "ClusterRole wide",
    field: /aggregate-to-view/,
  },
]);

describeRule("rbac/group-per-tenant", [subject("a group of another tenant", group("finance-viewers"))]);

describeRule(
  "rbac/closure",
  [
    {
      title: "a role that its holder can widen",
      apply: (objects) => role(objects).rules.push(allow(RBAC, "roles", "update", "escalate")),
      object: "Namespace tenant-hr",
    },
    {
      title: "a tenant's account that can become every account of the platform",
      apply: (objects) =>
        cluster(objects, [allow("", "serviceaccounts/token", "create")], [account("tenant-hr")], "kube-system"),
      object: /^Namespace /,
    },
    {
      title: "reading another tenant's Secrets",
      apply: (objects) => cluster(objects, [allow("", "secrets", "get")], [group("hr-viewers")], "tenant-finance"),
      object: "Namespace tenant-finance",
    },
  ],
  [{ title: "restarting pods", apply: (objects) => role(objects).rules.push(allow("", "pods", "delete")) }],
);

describe("rbac/closure on a wide role", () => {
  it("says once by which chain, and how much else it leads to", () => {
    const objects = compliantObjects();
    cluster(
      objects,
      [allow("", "pods", "get"), { ...allow("", "configmaps", "get"), resources: ["a", "b", "c"] }],
      [group("hr-viewers")],
    );
    const messages = violationsOf(objects, "rbac/closure").map(({ message }) => message);
    assert.equal(messages.length, 2, messages.join("\n"));
    assert.match(messages[1] ?? "", /What tenant hr can do: get on a in every namespace, and 2 more things\. By which/);
    assert.match(messages[1] ?? "", /Group hr-viewers → ClusterRoleBinding \S+ → ClusterRole wide rules\[1\]/);
  });
});

const annotated = (key: string, value: string) => (o: Loose[]) =>
  (find(o, "ServiceAccount", "ollama", "tenant-hr").metadata.annotations = { [key]: value });
const identity = "arn:aws:iam::111122223333:role/hr-data";
describeRule(
  "rbac/no-cloud-identity",
  [
    ["eks.amazonaws.com/role-arn", identity],
    ["iam.gke.io/gcp-service-account", "hr@project.iam.gserviceaccount.example"],
    ["azure.workload.identity/client-id", "00000000-0000-0000-0000-000000000000"],
  ].map(([key = "", value = ""]) => ({
    title: key,
    apply: annotated(key, value),
    object: "ServiceAccount tenant-hr/ollama",
    field: `metadata.annotations["${key}"]`,
  })),
  [
    {
      title: "a listed identity",
      apply: annotated("eks.amazonaws.com/role-arn", identity),
      settings: { ...settings, ...loadSettings({ rbac: { cloudIdentities: [identity] } }, ruleIds) },
    },
    { title: "another annotation", apply: annotated("team", "hr") },
  ],
);
