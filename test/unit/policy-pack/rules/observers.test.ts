import assert from "node:assert/strict";
import { describeRule, type Break } from "../breaks";
import { compliantObjects, type Loose, violationsOf } from "../fixture";

const RBAC = "rbac.authorization.k8s.io";
const NAMESPACE = "ollama-platform-monitor";
const LOOK = ["list", "watch"];
const allow = (group: string, resource: string, ...verbs: string[]) => ({
  apiGroups: [group],
  resources: [resource],
  verbs,
});
const account = { kind: "ServiceAccount", name: "monitor", namespace: NAMESPACE };

/** The monitor with its fences; `rules` and `subjects` are what its ClusterRoleBinding gives to whom. */
function monitor(
  objects: Loose[],
  rules: object[] = [allow("", "pods", ...LOOK)],
  subjects: object[] = [account],
): void {
  const policy = (name: string, spec: object) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: NAMESPACE },
    spec,
  });
  objects.push(
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: NAMESPACE,
        labels: Object.fromEntries(
          ["enforce", "audit", "warn"].flatMap((mode) => [
            [`pod-security.kubernetes.io/${mode}`, "restricted"],
            [`pod-security.kubernetes.io/${mode}-version`, "v1.34"],
          ]),
        ),
      },
    },
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "quota", namespace: NAMESPACE },
      spec: { hard: { pods: "2" } },
    },
    { apiVersion: "v1", kind: "LimitRange", metadata: { name: "limits", namespace: NAMESPACE }, spec: { limits: [] } },
    policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    policy("allow-api-server", {
      podSelector: { matchLabels: { app: "monitor" } },
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr: "192.168.0.10/32" } }] }],
    }),
    { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name: "look" }, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: "look" },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "look" },
      subjects,
    },
  );
}

const own = (objects: Loose[], kind: string, name: string): Loose =>
  objects.find(
    (object) => object.kind === kind && object.metadata.namespace === NAMESPACE && object.metadata.name === name,
  );

const without = (title: string, kind: string, name: string): Break => ({
  title,
  apply: (objects) => {
    monitor(objects);
    objects.splice(objects.indexOf(own(objects, kind, name)), 1);
  },
  object: `Namespace ${NAMESPACE}`,
});

const policyWith = (title: string, spec: object, field: string): Break => ({
  title,
  apply: (objects) => {
    monitor(objects);
    Object.assign(own(objects, "NetworkPolicy", "allow-api-server").spec, spec);
  },
  object: `NetworkPolicy ${NAMESPACE}/allow-api-server`,
  field,
});

describeRule(
  "namespaces/observers-fenced",
  [
    without("a monitor without default-deny", "NetworkPolicy", "default-deny"),
    without("a monitor without a quota", "ResourceQuota", "quota"),
    without("a monitor without a LimitRange", "LimitRange", "limits"),
    {
      title: "a monitor's namespace that admits privileged pods",
      apply: (objects) => {
        monitor(objects);
        objects.find(({ metadata }: Loose) => metadata.name === NAMESPACE).metadata.labels[
          "pod-security.kubernetes.io/enforce"
        ] = "privileged";
      },
      object: `Namespace ${NAMESPACE}`,
      field: 'metadata.labels["pod-security.kubernetes.io/enforce"]',
    },
    policyWith(
      "a policy that lets the monitor reach every address",
      { egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] },
      "spec.egress[0].to",
    ),
    policyWith("a policy that names no peer", { egress: [{}] }, "spec.egress[0].to"),
    policyWith(
      "a policy that lets every namespace in",
      { policyTypes: ["Ingress"], ingress: [{ from: [{ namespaceSelector: {} }] }] },
      "spec.ingress[0].from",
    ),
  ],
  [
    { title: "the monitor as the platform plans it", apply: (objects) => monitor(objects) },
    { title: "no monitor at all", apply: () => undefined },
  ],
);

describe("an account that may look at every tenant", () => {
  const rulesBroken = (...args: Parameters<typeof monitor> extends [unknown, ...infer Rest] ? Rest : never) => {
    const objects = compliantObjects();
    monitor(objects, ...args);
    return new Set(violationsOf(objects).map(({ rule }) => rule));
  };

  /** The rules that break when the account is bound by these rules, in one namespace or in all. */
  const brokenWith = (rules: object[], place: string | undefined) => {
    const objects = compliantObjects();
    monitor(objects);
    const prefix = place === undefined ? "Cluster" : "";
    const metadata = { name: "report", ...(place !== undefined && { namespace: place }) };
    objects.push(
      { apiVersion: `${RBAC}/v1`, kind: `${prefix}Role`, metadata, rules },
      {
        apiVersion: `${RBAC}/v1`,
        kind: `${prefix}RoleBinding`,
        metadata,
        roleRef: { apiGroup: RBAC, kind: `${prefix}Role`, name: "report" },
        subjects: [account],
      },
    );
    return new Set(violationsOf(objects).map(({ rule }) => rule));
  };
  const WRITE = ["create", "delete", "list", "patch"];
  const REPORTS = [allow("wgpolicyk8s.io", "policyreports", ...WRITE), allow("openreports.io", "reports", ...WRITE)];

  it("is accepted while it writes policy reports in its own namespace", () => {
    assert.deepEqual([...brokenWith(REPORTS, NAMESPACE)], []);
  });

  for (const [what, rules, place] of [
    ["writes policy reports in a tenant's namespace", REPORTS, "tenant-hr"],
    ["writes policy reports in every namespace", REPORTS, undefined],
    ["writes whatever else its group of reports has", [allow("wgpolicyk8s.io", "*", ...WRITE)], NAMESPACE],
    ["writes reports of a group that is none of reports", [allow("example.com", "reports", ...WRITE)], NAMESPACE],
    ["writes reports of every group", [allow("*", "policyreports", ...WRITE)], NAMESPACE],
    ["may do everything with reports", [allow("openreports.io", "reports", "*")], NAMESPACE],
    ["writes ConfigMaps of its own namespace", [allow("", "configmaps", ...WRITE)], NAMESPACE],
    ["makes pods in its own namespace", [...REPORTS, allow("", "pods", "create")], NAMESPACE],
  ] as const)
    it(`is nobody's when it ${what}`, () => {
      assert.ok(brokenWith([...rules], place).has("rbac/no-cluster-binding"));
    });

  it("is accepted while it lists and watches, custom resources of named groups included", () => {
    assert.deepEqual([...rulesBroken([allow("", "pods", ...LOOK), allow("karpenter.sh", "*", ...LOOK)])], []);
  });

  for (const [what, rules] of [
    ["reads Secrets", [allow("", "secrets", "list")]],
    ["reads everything of the core group", [allow("", "*", ...LOOK)]],
    ["reads every group", [allow("*", "*", ...LOOK)]],
    ["may get objects by name", [allow("", "pods", "get")]],
    ["runs commands in pods", [allow("", "pods/exec", "create")]],
    ["reads logs", [allow("", "pods/log", "list")]],
    ["writes", [allow("networking.k8s.io", "networkpolicies", "patch")]],
    [
      "reaches the API server's own paths beside",
      [allow("", "pods", ...LOOK), { nonResourceURLs: ["*"], verbs: ["get"] }],
    ],
  ] as const)
    it(`is nobody's when it ${what}, and all that it can do is reported`, () => {
      const broken = rulesBroken([allow("", "pods", ...LOOK), ...rules]);
      assert.ok(broken.has("rbac/no-cluster-binding"), [...broken].join());
      assert.ok(broken.has("rbac/closure"), [...broken].join());
    });

  for (const subject of [
    { kind: "ServiceAccount", name: "default", namespace: NAMESPACE },
    { kind: "Group", apiGroup: RBAC, name: `system:serviceaccounts:${NAMESPACE}` },
    { kind: "ServiceAccount", name: "monitor", namespace: "elsewhere" },
  ])
    it(`is nobody else: not ${subject.kind} ${subject.name} ${subject.namespace ?? ""}`, () => {
      assert.ok(rulesBroken(undefined, [account, subject]).has("rbac/no-cluster-binding"));
    });
});
