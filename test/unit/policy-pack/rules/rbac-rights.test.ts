import assert from "node:assert/strict";
import { builtInRoles } from "../../../../policy-pack/analysis/rbac/built-in-roles";
import { CLUSTER } from "../../../../policy-pack/analysis/rbac/grants";
import type { Right, RightKind } from "../../../../policy-pack/analysis/rbac/right";
import { forbiddenRights, givenVerbs, rightsOf } from "../../../../policy-pack/analysis/rbac/rights";
import { describeRule, type Break } from "../breaks";
import { compliantObjects, find, type Loose, settings, violationsOf } from "../fixture";

const RBAC = "rbac.authorization.k8s.io";
const role = (objects: Loose[]) => find(objects, "Role", "viewer", "tenant-hr");
const ROLE = "Role tenant-hr/viewer";
const allow = (group: string, resource: string, ...verbs: string[]) => ({
  apiGroups: [group],
  resources: [resource],
  verbs,
});
const grant = (title: string, rule: object): Break => ({
  title,
  apply: (objects) => role(objects).rules.push(rule),
  object: ROLE,
  field: /^rules\[1\]/,
});
/** The same in a ClusterRole that a ClusterRoleBinding gives to the HR tenant's people. */
const everywhere = (title: string, rule: object): Break => ({
  title: `${title}, in the whole cluster`,
  apply: (objects) => bindEverywhere(objects, [rule], { kind: "Group", name: "hr-viewers" }),
  object: "ClusterRole wide",
  field: "rules[0]",
});
const harmless = (title: string, ...rules: object[]) => ({
  title,
  apply: (objects: Loose[]) => role(objects).rules.push(...rules),
});

function bindEverywhere(objects: Loose[], rules: unknown, subject: object): void {
  objects.push(
    { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name: "wide" }, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: "wide" },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "wide" },
      subjects: [subject],
    },
  );
}

/** A resource that a row of the table stands for. */
const exampleOf = ({ resource }: Right): string => (resource === "*" ? "anything" : resource.replace("/*", "/scopes"));

/** Every verb of every row of a kind: those that have an effect in a namespace in a Role, the others in a ClusterRole. */
function breaksOf(kind: RightKind): Break[] {
  return rightsOf(kind).flatMap((right) =>
    right.verbs.map((verb) => {
      const rule = allow(right.group, exampleOf(right), verb);
      const held = { rule: { ...rule, resourceNames: [], nonResourceURLs: [] }, namespace: "tenant-hr", source: "" };
      const inNamespace = givenVerbs(held, right).includes(verb);
      const title = `${verb} on ${exampleOf(right)} of group "${right.group}"`;
      return inNamespace ? grant(title, rule) : everywhere(title, rule);
    }),
  );
}

/** Rights that have no effect in a namespace. */
const withoutEffect = [
  harmless("creating namespaces, which no namespace can give", allow("", "namespaces", "create", "deletecollection")),
  harmless("another namespace by name", { ...allow("", "namespaces", "patch"), resourceNames: ["tenant-finance"] }),
  harmless("another namespace's status by name", {
    ...allow("", "namespaces/status", "patch"),
    resourceNames: ["tenant-finance"],
  }),
  ...(
    [
      ["", "nodes/proxy"],
      ["", "nodes/status"],
      ["", "persistentvolumes"],
      ["", "users"],
      ["", "groups"],
      ["certificates.k8s.io", "certificatesigningrequests/approval"],
      ["certificates.k8s.io", "signers"],
      ["admissionregistration.k8s.io", "validatingadmissionpolicies"],
      ["karpenter.sh", "nodepools"],
      ["resource.k8s.io", "deviceclasses"],
      [RBAC, "clusterrolebindings"],
    ] as const
  ).map(([group, resource]) =>
    harmless(
      `${resource}, which live outside namespaces`,
      allow(group, resource, "get", "create", "update", "patch", "delete", "impersonate", "approve", "escalate"),
    ),
  ),
  harmless("a subresource by a star within a word", allow("", "pods/*", "get", "create")),
  harmless("creation, and deletion of all, limited to names", {
    ...allow("networking.k8s.io", "networkpolicies", "create", "deletecollection"),
    resourceNames: ["mine"],
  }),
  harmless("paths of the API server", { nonResourceURLs: ["/metrics"], verbs: ["get"] }),
];

describeRule("rbac/no-secret-access", [
  ...breaksOf("secrets"),
  grant("one secret by name", { ...allow("", "secrets", "get"), resourceNames: ["keys"] }),
  grant("every resource", allow("", "*", "get")),
  grant("an unknown resource", { apiGroups: [""], resources: "?", verbs: ["get"] }),
  {
    title: "a role that nobody holds yet",
    apply: (objects) =>
      objects.push({
        apiVersion: `${RBAC}/v1`,
        kind: "Role",
        metadata: { name: "unbound", namespace: "tenant-hr" },
        rules: [allow("", "secrets", "list")],
      }),
    object: "Role tenant-hr/unbound",
  },
]);

const accepting = (...knownCustomResources: string[]) => ({
  ...settings,
  configuration: { ...settings.configuration, knownCustomResources },
});
describeRule(
  "rbac/no-custom-resource-writing",
  [
    ...(
      [
        ["cert-manager.io", "certificates"],
        ["external-secrets.io", "externalsecrets"],
        ["snapshot.storage.k8s.io", "volumesnapshotcontents"],
        ["k8s.cni.cncf.io", "network-attachment-definitions"],
        ["networking.istio.io", "virtualservices"],
        ["keda.sh", "scaledobjects"],
        ["argoproj.io", "workflows"],
        ["kubevirt.io", "virtualmachines"],
        ["example.com", "*"],
        ["example.com", "widgets/status"],
      ] as const
    ).flatMap(([group, resource]) =>
      ["create", "patch", "*"].map((verb) =>
        grant(`${verb} on ${resource} of ${group}`, allow(group, resource, "get", verb)),
      ),
    ),
    everywhere("custom resources", allow("keda.sh", "scaledobjects", "create")),
    {
      ...grant("a resource beside an accepted one", allow("example.com", "gadgets", "create")),
      settings: accepting("Widget.example.com"),
    },
  ],
  [
    harmless("reading them", allow("cert-manager.io", "certificates", "get", "list", "watch")),
    harmless(
      "events and leases",
      allow("events.k8s.io", "events", "create"),
      allow("coordination.k8s.io", "leases", "update"),
    ),
    harmless("metrics", allow("metrics.k8s.io", "pods", "get", "list")),
    ...["widgets", "widgets/status"].map((resource) => ({
      ...harmless(`${resource} of an accepted kind`, allow("example.com", resource, "create")),
      settings: accepting("Widget.example.com"),
    })),
  ],
);

describeRule(
  "rbac/no-escalation",
  [
    ...breaksOf("identity"),
    grant("binding cluster roles in the namespace", allow(RBAC, "clusterroles", "bind")),
    grant("one account by name", { ...allow("", "serviceaccounts/token", "create"), resourceNames: ["ollama"] }),
    grant("tokens by wildcard", allow("", "*/token", "create")),
  ],
  withoutEffect,
);

describeRule(
  "rbac/no-fence-editing",
  [
    ...breaksOf("fence"),
    grant("its own namespace by name", { ...allow("", "namespaces", "patch"), resourceNames: ["tenant-hr"] }),
    grant("the status of everything", allow("", "*/status", "patch")),
    grant("the status of every Ingress", allow("networking.k8s.io", "*/status", "update")),
    grant("one policy by name", {
      ...allow("networking.k8s.io", "networkpolicies", "delete"),
      resourceNames: ["default-deny"],
    }),
    grant("a plug-in's policies", allow("cilium.io", "ciliumnetworkpolicies", "create")),
    grant("every group", allow("*", "networkpolicies", "patch")),
  ],
  withoutEffect,
);

describeRule(
  "rbac/no-workload-writing",
  [
    ...breaksOf("workload"),
    grant("every workload", allow("apps", "*", "delete")),
    grant("deleting one Deployment by name", { ...allow("apps", "deployments", "delete"), resourceNames: ["ollama"] }),
  ],
  [
    harmless(
      "restarting and scaling",
      allow("", "pods", "delete"),
      allow("", "pods/eviction", "create"),
      allow("apps", "deployments/scale", "get", "update", "patch"),
    ),
    ...withoutEffect,
  ],
);

describe("rbac/no-workload-writing on removal only", () => {
  it("says what the removal does, not what writing would", () => {
    const objects = compliantObjects();
    role(objects).rules.push(allow("apps", "deployments", "delete"));
    const [found] = violationsOf(objects, "rbac/no-workload-writing");
    assert.match(found?.message ?? "", /delete on deployments: what the program runs would be gone/);
  });
});

describeRule(
  "rbac/no-pod-interior",
  [...breaksOf("interior"), grant("every way by wildcard", allow("", "*/exec", "create"))],
  [
    harmless("methods that the API server refuses", allow("", "pods/exec", "update", "patch", "delete")),
    harmless("looking at ephemeral containers", allow("", "pods/ephemeralcontainers", "get")),
    ...withoutEffect,
  ],
);

describe("the table of rights", () => {
  const key = ({ group, resource, verb }: { group: string; resource: string; verb: string }) =>
    `${verb} ${resource}.${group}`;
  const all = forbiddenRights.flatMap(({ group, resource, verbs }) => verbs.map((verb) => ({ group, resource, verb })));

  it("names each right once", () => {
    const keys = all.map(key);
    assert.deepEqual(
      keys.filter((k, index) => keys.indexOf(k) !== index),
      [],
    );
  });

  it("has an effect in the whole cluster for each row", () => {
    for (const right of forbiddenRights) {
      const rule = { ...allow(right.group, exampleOf(right), ...right.verbs), resourceNames: [], nonResourceURLs: [] };
      assert.deepEqual(
        givenVerbs({ namespace: CLUSTER, rule, source: "" }, right),
        right.verbs,
        key({ ...right, verb: "" }),
      );
    }
  });
});

describe("rbac/no-built-in-roles", () => {
  const messageOf = (name: string) => {
    const objects = compliantObjects();
    find(objects, "RoleBinding", "viewer", "tenant-hr").roleRef = { apiGroup: RBAC, kind: "ClusterRole", name };
    return violationsOf(objects, "rbac/no-built-in-roles")[0]?.message ?? "";
  };
  const words: [pattern: RegExp, group: string, resource: string, verb: string][] = [
    [/\bexec\b/, "", "pods/exec", "create"],
    [/\battach\b/, "", "pods/attach", "create"],
    [/port-forward/, "", "pods/portforward", "create"],
    [/\bproxy\b/, "", "services/proxy", "get"],
    [/round the gateway/, "", "pods/proxy", "get"],
    [/impersonates/, "", "serviceaccounts", "impersonate"],
    [/mints tokens/, "", "serviceaccounts/token", "create"],
    [/reads and writes Secrets/, "", "secrets", "create"],
    [/runs pods of its choice/, "apps", "deployments", "patch"],
    [/network policies/, "networking.k8s.io", "networkpolicies", "patch"],
    [/roles, bindings/, RBAC, "rolebindings", "create"],
  ];
  for (const name of ["admin", "edit"])
    it(`says of ${name} what it lets its holders do, and nothing that it does not`, () => {
      const rules = builtInRoles.get(name) ?? [];
      for (const [pattern, group, resource, verb] of words) {
        const right: Right = { kind: "fence", group, resource, verbs: [verb], name: "" };
        const given = rules.some((rule) => givenVerbs({ namespace: "tenant-hr", rule, source: "" }, right).length > 0);
        assert.equal(pattern.test(messageOf(name)), given, `${pattern}: ${messageOf(name)}`);
      }
    });
});
