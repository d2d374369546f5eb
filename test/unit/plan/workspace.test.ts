import assert from "node:assert/strict";
import { planPlatform } from "../../../components/plan/platform";
import { tenantObjects } from "../../../components/plan/tenant/tenant";
import type { NetworkPolicy, ResourceQuota, Role, RoleBinding } from "../../../components/plan/kubernetes";
import type { TenantSpec } from "../../../components/spec/index";
import { platform } from "./fixture";

const NAMESPACE = "tenant-hr-apps";

/** Objects of the tenant HR with a workspace, and those of the workspace alone. */
function hr(change: Partial<TenantSpec> = {}) {
  const spec = platform();
  const workspace = {
    developers: ["hr-developers"],
    images: ["registry.example.com/hr"],
    quota: { cpu: "1", pods: 4 },
  };
  const tenants = spec.tenants.map((one) => (one.name === "hr" ? { ...one, workspace, ...change } : one));
  const plan = planPlatform({ ...spec, cluster: { ...spec.cluster, guard: { deployers: ["deployer"] } }, tenants });
  const tenant = plan.tenants.find((one) => one.tenant.name === "hr");
  const objects = tenant === undefined ? [] : tenantObjects(tenant);
  const inWorkspace = objects.filter(({ metadata }) => metadata.namespace === NAMESPACE);
  return { tenant, objects, inWorkspace };
}
const named = <T>(objects: { kind: string; metadata: { name: string } }[], kind: string, name: string): T =>
  objects.find((object) => object.kind === kind && object.metadata.name === name) as unknown as T;

describe("a tenant's workspace", () => {
  it("is not there unless it is declared", () => {
    const { inWorkspace, tenant } = hr({ workspace: undefined });
    assert.deepEqual(inWorkspace, []);
    assert.equal(tenant?.workspace, undefined);
  });

  it("is a namespace of the same tenant with the same Pod Security", () => {
    const { objects, tenant } = hr();
    const own = named<{ metadata: { labels: object } }>(objects, "Namespace", NAMESPACE);
    assert.deepEqual(own.metadata.labels, tenant?.namespace.metadata.labels);
  });

  it("lets its pods reach names, the tenant's gateway and the tenant's destinations, and nobody lets in", () => {
    const { inWorkspace } = hr({ network: { egressTo: [{ cidr: "203.0.113.16/28", ports: [{ port: 443 }] }] } });
    const policies = inWorkspace.filter(({ kind }) => kind === "NetworkPolicy") as NetworkPolicy[];
    assert.deepEqual(policies.map(({ metadata }) => metadata.name).sort(), [
      "allow-dns",
      "allow-egress",
      "allow-to-server",
      "default-deny",
    ]);
    assert.ok(policies.every(({ spec }) => spec.ingress === undefined));
    const server = named<NetworkPolicy>(policies, "NetworkPolicy", "allow-to-server").spec.egress?.[0];
    assert.deepEqual(server?.ports, [{ port: 8080, protocol: "TCP" }]);
    assert.deepEqual(server?.to, [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "tenant-hr" } },
        podSelector: { matchLabels: { "app.kubernetes.io/name": "ollama", "ollama-platform.io/tenant": "hr" } },
      },
    ]);
  });

  it("is let in at the tenant's gateway, and nowhere else", () => {
    const { objects } = hr();
    const policy = named<NetworkPolicy>(
      objects.filter(({ metadata }) => metadata.namespace === "tenant-hr"),
      "NetworkPolicy",
      "allow-workspace",
    );
    assert.deepEqual(policy.spec.ingress?.[0]?.ports, [{ port: 8080, protocol: "TCP" }]);
    const text = JSON.stringify(objects.filter(({ kind }) => kind === "NetworkPolicy"));
    assert.equal(text.split(`"${NAMESPACE}"`).length, 2 + objects.filter(isWorkspacePolicy).length);
  });

  it("has its part of the quota, no GPU, and no pod with a priority class", () => {
    const { inWorkspace } = hr();
    const { hard = {} } = named<ResourceQuota>(inWorkspace, "ResourceQuota", "quota").spec;
    assert.equal(hard["requests.cpu"], "1");
    assert.equal(hard["pods"], "4");
    assert.equal(hard["requests.nvidia.com/gpu"], "0");
    const { scopeSelector } = named<ResourceQuota>(inWorkspace, "ResourceQuota", "quota-priority").spec;
    assert.deepEqual(scopeSelector?.matchExpressions, [{ scopeName: "PriorityClass", operator: "Exists" }]);
    assert.ok(named(inWorkspace, "LimitRange", "limits"));
  });

  it("takes its part off the quota that the tenant declares, and leaves a computed one as it is", () => {
    const quotaOf = (change: Partial<TenantSpec>) => hr(change).tenant?.tenant.quota;
    const quota = { cpu: "20", memory: "80Gi", pods: 12 };
    const { cpuMillis = 0, pods = 0 } = quotaOf({ quota, workspace: undefined }) ?? {};
    assert.equal(quotaOf({ quota })?.cpuMillis, cpuMillis - 1000);
    assert.equal(quotaOf({ quota })?.pods, pods - 4);
    assert.deepEqual(quotaOf({}), quotaOf({ workspace: undefined }));
  });

  it("gives developers their programs, and neither roles nor quotas, accounts, tokens or routes", () => {
    const { inWorkspace } = hr();
    const { rules } = named<Role>(inWorkspace, "Role", "developer");
    const writes = rules.filter(({ verbs }) => verbs.some((verb) => !["get", "list", "watch"].includes(verb)));
    assert.deepEqual(writes.flatMap(({ resources = [] }) => resources).sort(), [
      "configmaps",
      "cronjobs",
      "deployments",
      "deployments/scale",
      "horizontalpodautoscalers",
      "jobs",
      "networkpolicies",
      "persistentvolumeclaims",
      "pods",
      "pods/exec",
      "pods/portforward",
      "secrets",
      "services",
    ]);
    const { subjects } = named<RoleBinding>(inWorkspace, "RoleBinding", "developer");
    assert.deepEqual(
      subjects.map(({ name }) => name),
      ["hr-developers"],
    );
  });

  it("gives developers nothing beside the server", () => {
    const { objects } = hr();
    const elsewhere = objects.filter(({ metadata }) => metadata.namespace !== NAMESPACE);
    assert.ok(!JSON.stringify(elsewhere).includes("hr-developers"));
  });

  it("is closed with its tenant: no pods, no way out and no rights", () => {
    const { inWorkspace } = hr({ suspended: true });
    assert.equal(named<ResourceQuota>(inWorkspace, "ResourceQuota", "quota").spec.hard?.["pods"], "0");
    assert.equal(named(inWorkspace, "RoleBinding", "developer"), undefined);
    const policies = inWorkspace.filter(({ kind }) => kind === "NetworkPolicy");
    assert.deepEqual(
      policies.map(({ metadata }) => metadata.name),
      ["default-deny"],
    );
  });
});

/** Whether an object names the workspace as its own namespace. */
function isWorkspacePolicy({ kind, metadata }: { kind: string; metadata: { namespace?: string } }): boolean {
  return kind === "NetworkPolicy" && metadata.namespace === NAMESPACE;
}
