import assert from "node:assert/strict";
import { rules } from "../../../policy-pack/rules";
import { evaluate } from "../../../policy-pack/rules/evaluate";
import { buildClusterModel } from "../../../policy-pack/model/cluster-model";
import { fromLive } from "../../../policy-pack/model/from-live";
import { loadExample } from "../../mutation/judge";
import { find, type Loose } from "./fixture";

const NAMESPACE = "tenant-hr-apps";
const example = loadExample("prod");

/** IDs of the rules that refuse the example stack, whose tenant HR has a workspace, after a change. */
function brokenBy(edit: (objects: Loose[]) => unknown, configuration = example.configuration): string[] {
  const objects = JSON.parse(JSON.stringify(example.objects)) as Loose[];
  edit(objects);
  const model = buildClusterModel(fromLive(objects), configuration);
  return [...new Set(evaluate(rules, model, configuration).map(({ rule }) => rule))].sort();
}

const inWorkspace = (objects: Loose[], kind: string, name: string): Loose => find(objects, kind, name, NAMESPACE);
const grant = (group: string, resource: string, verb: string) => (objects: Loose[]) =>
  inWorkspace(objects, "Role", "developer").rules.push({ apiGroups: [group], resources: [resource], verbs: [verb] });
const drop = (kind: string, name: string, namespace: string | undefined) => (objects: Loose[]) =>
  objects.splice(objects.indexOf(find(objects, kind, name, namespace)), 1);
const policy = (name: string, edit: (spec: Loose) => unknown) => (objects: Loose[]) =>
  edit(inWorkspace(objects, "NetworkPolicy", name).spec);

/** A program of the developers, as they write it. */
function program(edit: (pod: Loose) => unknown = () => undefined) {
  return (objects: Loose[]): void => {
    const amounts = { cpu: "100m", memory: "128Mi", "ephemeral-storage": "128Mi" };
    const pod: Loose = {
      serviceAccountName: "helpdesk",
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "web",
          image: "registry.example.com/hr/helpdesk:1.2",
          env: [{ name: "OLLAMA_HOST", value: "http://ollama.tenant-hr.svc:11434" }],
          resources: { requests: amounts, limits: amounts },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
      volumes: [token("ollama.tenant-hr.svc")],
    };
    edit(pod);
    const labels = { app: "helpdesk" };
    objects.push({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "helpdesk", namespace: NAMESPACE },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    });
  };
}

function token(audience: string | undefined): object {
  return { name: "token", projected: { sources: [{ serviceAccountToken: { path: "token", audience } }] } };
}

describe("a workspace, as the pack judges it", function () {
  // Each change is judged by every rule.
  this.timeout(60_000);

  it("holds with what its developers run, and with all that their role gives them", () => {
    assert.deepEqual(
      brokenBy(() => undefined),
      [],
    );
    assert.deepEqual(brokenBy(program()), []);
  });

  for (const [title, rule, edit] of [
    ["roles", "rbac/no-fence-editing", grant("rbac.authorization.k8s.io", "roles", "create")],
    ["its quota", "rbac/no-fence-editing", grant("", "resourcequotas", "patch")],
    ["its accounts", "rbac/no-fence-editing", grant("", "serviceaccounts", "create")],
    ["Ingresses", "rbac/no-fence-editing", grant("networking.k8s.io", "ingresses", "create")],
    ["addresses of Services", "rbac/no-fence-editing", grant("discovery.k8s.io", "endpointslices", "patch")],
    ["labels through a status", "rbac/no-fence-editing", grant("", "pods/status", "patch")],
    ["tokens", "rbac/no-escalation", grant("", "serviceaccounts/token", "create")],
    ["the proxy of pods", "rbac/no-pod-interior", grant("", "pods/proxy", "get")],
    ["what runs on every node", "rbac/no-workload-writing", grant("apps", "daemonsets", "create")],
    ["everything", "rbac/no-wildcards", grant("*", "*", "*")],
  ] as const)
    it(`gives its developers no right on ${title}`, () => assert.ok(brokenBy(edit).includes(rule)));

  it("is one by its name and its label together, and any other namespace gives nobody such rights", () => {
    const broken = brokenBy((objects) => {
      find(objects, "Namespace", NAMESPACE).metadata.labels["ollama-platform.io/tenant"] = "hr-apps";
    });
    for (const rule of ["rbac/no-secret-access", "rbac/no-workload-writing", "rbac/no-pod-interior"])
      assert.ok(broken.includes(rule), rule);
    const renamed = brokenBy((objects) => {
      find(objects, "Namespace", NAMESPACE).metadata.labels["ollama-platform.io/tenant"] = "finance";
    });
    assert.ok(renamed.includes("namespaces/owner"));
  });

  it("gives no such rights beside the server", () => {
    const broken = brokenBy((objects) => {
      const role = structuredClone(inWorkspace(objects, "Role", "developer"));
      objects.push({ ...role, metadata: { ...role.metadata, namespace: "tenant-hr" } });
    });
    assert.ok(broken.includes("rbac/no-secret-access"));
  });

  it("is the tenant's alone: nobody of another tenant has rights there", () => {
    const subjects = (name: string) => (objects: Loose[]) =>
      (inWorkspace(objects, "RoleBinding", "developer").subjects[0].name = name);
    assert.ok(brokenBy(subjects("finance-analysts")).includes("rbac/closure"));
    assert.deepEqual(brokenBy(subjects("hr-operators")), []);
  });

  it("needs the whole guard, whatever the configuration asks for", () => {
    const { admission } = example.configuration;
    const asking = { ...example.configuration, admission: { ...admission, requireGuard: false } };
    assert.deepEqual(
      brokenBy(() => undefined, asking),
      [],
    );
    const open = drop("ValidatingAdmissionPolicyBinding", "ollama-platform-network-policies", undefined);
    assert.deepEqual(brokenBy(open, asking), ["admission/guard-present"]);
    const weaker = (objects: Loose[]) =>
      find(objects, "ValidatingAdmissionPolicy", "ollama-platform-placement").spec.validations.pop();
    assert.deepEqual(brokenBy(weaker, asking), ["admission/guard-content"]);
  });

  for (const [others, isShared] of [
    ["registry.example.com/hr/", true],
    ["registry.example.com/", true],
    ["registry.example.com/hr/helpdesk:", true],
    ["registry.example.com/hr:", true],
    ["registry.example.com/finance/", false],
    ["registry.example.com:5000/", false],
  ] as const)
    it(`${isShared ? "shares no" : "has its own"} images beside a workspace that may run those of ${others}`, () => {
      const widen = (objects: Loose[]): void => {
        const { variables } = find(objects, "ValidatingAdmissionPolicy", "ollama-platform-placement").spec;
        const { expression } = variables.find(({ name }: Loose) => name === "repositories");
        assert.ok(expression.startsWith('{"tenant-hr-apps": ['));
        variables.find(({ name }: Loose) => name === "repositories").expression = expression.replace(
          "{",
          `{"tenant-finance-apps": ["quay.example.com/", "${others}"], `,
        );
      };
      assert.deepEqual(brokenBy(widen), isShared ? ["admission/guard-content"] : []);
    });

  for (const [title, rule, edit] of [
    ["its default-deny", "network/default-deny", drop("NetworkPolicy", "default-deny", NAMESPACE)],
    ["its quota", "capacity/quota", drop("ResourceQuota", "quota", NAMESPACE)],
    ["its quota on priorities", "capacity/priority-scope", drop("ResourceQuota", "quota-priority", NAMESPACE)],
    ["its limits", "capacity/limit-range", drop("LimitRange", "limits", NAMESPACE)],
    [
      "its Pod Security",
      "namespaces/pod-security-labels",
      (objects: Loose[]) =>
        delete find(objects, "Namespace", NAMESPACE).metadata.labels["pod-security.kubernetes.io/enforce"],
    ],
  ] as const)
    it(`is not without ${title}`, () => assert.ok(brokenBy(edit).includes(rule)));

  it("has its tenant's isolation level", () => {
    const level = (objects: Loose[]) =>
      (find(objects, "Namespace", NAMESPACE).metadata.labels["ollama-platform.io/isolation-level"] = "sandboxed");
    assert.ok(brokenBy(level).includes("namespaces/isolation-level"));
  });

  it("reaches no other tenant, and no port of its own server but the gateway's", () => {
    const to = (namespace: string) =>
      policy(
        "allow-to-server",
        (spec) => (spec.egress[0].to[0].namespaceSelector.matchLabels["kubernetes.io/metadata.name"] = namespace),
      );
    assert.ok(brokenBy(to("tenant-finance")).includes("network/no-cross-tenant-peer"));
    assert.ok(brokenBy(to("default")).length > 0);
  });

  it("has no model server in it", () => {
    const server = (objects: Loose[]): void => {
      const copied = structuredClone(find(objects, "Deployment", "ollama", "tenant-hr"));
      copied.metadata.namespace = NAMESPACE;
      objects.push(copied);
    };
    assert.ok(brokenBy(server).includes("namespaces/workspace"));
  });

  for (const [title, rule, edit] of [
    ["a token for the API server", "pods/service-account-token", (pod: Loose) => (pod.volumes = [token(undefined)])],
    [
      "a token for another tenant's gateway",
      "pods/service-account-token",
      (pod: Loose) => (pod.volumes = [token("ollama.tenant-finance.svc")]),
    ],
    [
      "a token that is mounted by itself",
      "pods/service-account-token",
      (pod: Loose) => (pod.automountServiceAccountToken = true),
    ],
    [
      "the account that mounts a token",
      "pods/service-account-token",
      (pod: Loose) => (pod.serviceAccountName = "default"),
    ],
    ["every toleration", "placement/tolerations", (pod: Loose) => (pod.tolerations = [{ operator: "Exists" }])],
    ["the host's network", "pods/host-namespaces", (pod: Loose) => (pod.hostNetwork = true)],
    [
      "every GPU of the node",
      "placement/gpu-visibility",
      (pod: Loose) => (pod.containers[0].env = [{ name: "NVIDIA_VISIBLE_DEVICES", value: "all" }]),
    ],
    ["an image from elsewhere", "images/registries", (pod: Loose) => (pod.containers[0].image = "quay.io/a/b:1")],
  ] as const)
    it(`runs no program with ${title}`, () => assert.ok(brokenBy(program(edit)).includes(rule)));
});
