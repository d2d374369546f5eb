import { loadSettings } from "../../../../policy-pack/settings/load";
import { describeRule } from "../breaks";
import { find, GUARD_POLICY, type Loose, ruleIds, settings } from "../fixture";

const GROUP = "admissionregistration.k8s.io/v1";
const policy = (o: Loose[]) => find(o, "ValidatingAdmissionPolicy", GUARD_POLICY).spec;
const binding = (o: Loose[]) => find(o, "ValidatingAdmissionPolicyBinding", GUARD_POLICY).spec;
const BINDING = `ValidatingAdmissionPolicyBinding ${GUARD_POLICY}`;
const POLICY = `ValidatingAdmissionPolicy ${GUARD_POLICY}`;
const webhook = (kind: string, over: object) => (o: Loose[]) =>
  o.push({ apiVersion: GROUP, kind, metadata: { name: "hook" }, webhooks: [{ name: "a.example.com", ...over }] });
const service = { service: { namespace: "tenant-hr", name: "hook" } };

describeRule(
  "admission/fail-closed",
  [
    {
      title: "a policy that ignores failures",
      apply: (o) => (policy(o).failurePolicy = "Ignore"),
      object: POLICY,
    },
    {
      title: "a webhook that ignores failures",
      apply: webhook("ValidatingWebhookConfiguration", { failurePolicy: "Ignore" }),
      object: "ValidatingWebhookConfiguration hook",
    },
  ],
  [{ title: "the default", apply: (o) => delete policy(o).failurePolicy }],
);

describeRule("admission/no-tenant-webhook", [
  {
    title: "a validating webhook",
    apply: webhook("ValidatingWebhookConfiguration", { clientConfig: service }),
    object: "ValidatingWebhookConfiguration hook",
  },
  {
    title: "a mutating webhook",
    apply: webhook("MutatingWebhookConfiguration", { clientConfig: service }),
    object: "MutatingWebhookConfiguration hook",
  },
  {
    title: "an aggregated API",
    apply: (o) =>
      o.push({
        apiVersion: "apiregistration.k8s.io/v1",
        kind: "APIService",
        metadata: { name: "v1.x" },
        spec: service,
      }),
    object: "APIService v1.x",
  },
  {
    title: "a conversion",
    apply: (o) =>
      o.push({
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "x" },
        spec: { conversion: { webhook: { clientConfig: service } } },
      }),
    object: "CustomResourceDefinition x",
  },
]);

describeRule("admission/no-exceptions", [
  { title: "a warning only", apply: (o) => (binding(o).validationActions = ["Warn"]), object: BINDING },
  {
    title: "a label that spares a namespace",
    apply: (o) =>
      (binding(o).matchResources = {
        namespaceSelector: { matchExpressions: [{ key: "skip", operator: "DoesNotExist" }] },
      }),
    object: BINDING,
  },
  {
    title: "a label that spares an object",
    apply: (o) => (binding(o).matchResources = { objectSelector: { matchLabels: { guarded: "yes" } } }),
    object: BINDING,
  },
  {
    title: "resources taken out",
    apply: (o) => (binding(o).matchResources = { excludeResourceRules: [{ resources: ["pods"] }] }),
    object: BINDING,
  },
]);

const byName = (operator: string, name: string) => ({
  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator, values: [name] }],
});

describeRule(
  "admission/guard-present",
  [
    {
      title: "no policy",
      apply: (o) => o.splice(o.indexOf(find(o, "ValidatingAdmissionPolicy", GUARD_POLICY)), 1),
      object: "Namespace tenant-finance",
    },
    {
      title: "a binding to another policy",
      apply: (o) => (binding(o).policyName = "other"),
      object: "Namespace tenant-finance",
    },
    {
      title: "a binding that does not deny",
      apply: (o) => (binding(o).validationActions = ["Audit"]),
      object: "Namespace tenant-finance",
    },
    {
      title: "a binding that leaves a tenant out",
      apply: (o) => (binding(o).matchResources = { namespaceSelector: byName("NotIn", "tenant-hr") }),
      object: "Namespace tenant-hr",
    },
    {
      title: "a binding for one tenant alone",
      apply: (o) => (binding(o).matchResources = { namespaceSelector: byName("In", "tenant-finance") }),
      object: "Namespace tenant-hr",
    },
    {
      title: "a binding that is asked about nodes alone",
      apply: (o) => {
        const nodes = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nodes"] };
        binding(o).matchResources = { resourceRules: [nodes] };
      },
      object: "Namespace tenant-finance",
    },
  ],
  [
    {
      title: "a binding for the namespaces of all tenants",
      apply: (o) => {
        const namespaceSelector = { matchExpressions: [{ key: "ollama-platform.io/tenant", operator: "Exists" }] };
        binding(o).matchResources = { namespaceSelector };
      },
    },
    {
      title: "two bindings that hold for all tenants together",
      apply: (o) => {
        binding(o).matchResources = { namespaceSelector: byName("In", "tenant-finance") };
        const other = structuredClone(find(o, "ValidatingAdmissionPolicyBinding", GUARD_POLICY));
        other.metadata.name = "other";
        other.spec.matchResources = { namespaceSelector: byName("NotIn", "tenant-finance") };
        o.push(other);
      },
    },
  ],
);

describeRule("admission/no-outside-mutation", [
  {
    title: "an address outside",
    apply: webhook("MutatingWebhookConfiguration", { clientConfig: { url: "https://example.com" } }),
    object: "MutatingWebhookConfiguration hook",
  },
]);

const known = { ...settings, ...loadSettings({ admission: { knownMutations: ["hook"] } }, ruleIds) };
const mutation = (o: Loose[]) =>
  o.push({ apiVersion: GROUP, kind: "MutatingAdmissionPolicy", metadata: { name: "hook" }, spec: { mutations: [] } });
const served = webhook("MutatingWebhookConfiguration", {
  clientConfig: { service: { namespace: "kube-system", name: "hook" } },
});
describeRule(
  "admission/known-mutations",
  [
    { title: "a policy that nobody listed", apply: mutation, object: "MutatingAdmissionPolicy hook" },
    { title: "a webhook that nobody listed", apply: served, object: "MutatingWebhookConfiguration hook" },
  ],
  [
    { title: "a listed policy", apply: mutation, settings: known },
    { title: "a listed webhook", apply: served, settings: known },
  ],
);

const rules = (o: Loose[]) => policy(o).matchConstraints.resourceRules;
const reviewedOther = {
  ...settings,
  ...loadSettings(
    {
      admission: {
        requiredPolicies: ["other"],
        reviewedPolicies: { other: "5c6c9d7d480724aaf16bbe077c26d009fc084a8f2afb64b36dc81ad1b6b833cf" },
      },
    },
    ruleIds,
  ),
};
const others = (expression: string) => (o: Loose[]) =>
  o.push({
    apiVersion: GROUP,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "other" },
    spec: { failurePolicy: "Fail", validations: [{ expression }] },
  });
describeRule(
  "admission/guard-content",
  [
    {
      title: "a policy that asks about nodes only",
      apply: (o) =>
        (policy(o).matchConstraints.resourceRules = [
          { apiGroups: [""], apiVersions: ["*"], resources: ["nodes"], operations: ["*"] },
        ]),
      object: POLICY,
      field: "spec.matchConstraints.resourceRules",
    },
    {
      title: "a policy without a subresource",
      apply: (o) =>
        rules(o).forEach(
          (r: Loose) => (r.resources = r.resources.filter((name: string) => !name.includes("/ephemeral"))),
        ),
      object: POLICY,
      field: "spec.matchConstraints.resourceRules",
    },
    {
      title: "a policy without a kind that makes pods",
      apply: (o) =>
        rules(o).forEach(
          (r: Loose) => (r.resources = r.resources.filter((name: string) => name !== "replicationcontrollers")),
        ),
      object: POLICY,
      field: "spec.matchConstraints.resourceRules",
    },
    {
      title: "a policy that is not asked about changes",
      apply: (o) => rules(o).forEach((r: Loose) => (r.operations = ["CREATE"])),
      object: POLICY,
      field: "spec.matchConstraints.resourceRules",
    },
    {
      title: "a policy on one version of a kind",
      apply: (o) => (rules(o)[0].apiVersions = ["v1"]),
      object: POLICY,
      field: "spec.matchConstraints.resourceRules",
    },
    {
      title: "a policy on objects of one name",
      apply: (o) => (rules(o)[0].resourceNames = ["one"]),
      object: POLICY,
      field: "spec.matchConstraints.resourceRules",
    },
    {
      title: "a validation that always holds",
      apply: (o) => (policy(o).validations = [{ expression: "true" }]),
      object: POLICY,
      field: "spec.validations",
    },
    {
      title: "a validation with a way around it",
      apply: (o) => (policy(o).validations[0].expression += " || true"),
      object: POLICY,
      field: "spec.validations",
    },
    {
      title: "a validation less",
      apply: (o) => policy(o).validations.pop(),
      object: POLICY,
      field: "spec.validations",
    },
    {
      title: "a condition more",
      apply: (o) => policy(o).matchConditions.push({ name: "x", expression: "false" }),
      object: POLICY,
      field: "spec.validations",
    },
    {
      title: "a variable with logic in place of names",
      apply: (o) =>
        (policy(o).variables.find((v: Loose) => v.name === "images").expression =
          "variables.containers.map(c, c.image)"),
      object: POLICY,
      field: "spec.validations",
    },
    {
      title: "an exemption of everybody",
      apply: (o) =>
        (policy(o).matchConditions[1].expression =
          '!(request.userInfo.username in ["oidc:platform-staging", "mallory"])'),
      object: POLICY,
      field: "spec.matchConditions",
    },
    {
      title: "an exemption by group",
      apply: (o) => (policy(o).matchConditions[1].expression = '!("admins" in request.userInfo.groups)'),
      object: POLICY,
    },
    {
      title: "a selector of namespaces",
      apply: (o) => (policy(o).matchConstraints.namespaceSelector = { matchLabels: { guarded: "yes" } }),
      object: POLICY,
      field: "spec.matchConstraints.namespaceSelector",
    },
    {
      title: "parameters",
      apply: (o) => (policy(o).paramKind = { apiVersion: "v1", kind: "ConfigMap" }),
      object: POLICY,
      field: "spec.paramKind",
    },
    {
      title: "a policy that nobody has reviewed",
      apply: others("object.spec.replicas < 3"),
      object: "ValidatingAdmissionPolicy other",
      settings: reviewedOther,
    },
  ],
  [
    {
      title: "other names of the environment",
      apply: (o) =>
        (policy(o).variables.find((v: Loose) => v.name === "images").expression = '["docker.io/ollama/ollama:0.17.5"]'),
    },
    { title: "a policy that was reviewed", apply: others("object.spec.replicas < 2"), settings: reviewedOther },
  ],
);
