import { loadSettings } from "../../../../policy-pack/configuration/load";
import { describeRule } from "../breaks";
import { find, type Loose, ruleIds, settings } from "../fixture";

const GROUP = "admissionregistration.k8s.io/v1";
const policy = (o: Loose[]) => find(o, "ValidatingAdmissionPolicy", "tenant-pods").spec;
const binding = (o: Loose[]) => find(o, "ValidatingAdmissionPolicyBinding", "tenant-pods").spec;
const BINDING = "ValidatingAdmissionPolicyBinding tenant-pods";
const webhook = (kind: string, over: object) => (o: Loose[]) =>
  o.push({ apiVersion: GROUP, kind, metadata: { name: "hook" }, webhooks: [{ name: "a.example.com", ...over }] });
const service = { service: { namespace: "tenant-hr", name: "hook" } };

describeRule(
  "admission/fail-closed",
  [
    {
      title: "a policy that ignores failures",
      apply: (o) => (policy(o).failurePolicy = "Ignore"),
      object: "ValidatingAdmissionPolicy tenant-pods",
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
      binding(o).matchResources.namespaceSelector.matchExpressions.push({ key: "skip", operator: "DoesNotExist" }),
    object: BINDING,
  },
  {
    title: "a label that spares an object",
    apply: (o) => (binding(o).matchResources.objectSelector = { matchLabels: { guarded: "yes" } }),
    object: BINDING,
  },
  {
    title: "resources taken out",
    apply: (o) => (binding(o).matchResources.excludeResourceRules = [{ resources: ["pods"] }]),
    object: BINDING,
  },
]);

describeRule("admission/guard-present", [
  {
    title: "no policy",
    apply: (o) => o.splice(o.indexOf(find(o, "ValidatingAdmissionPolicy", "tenant-pods")), 1),
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
]);

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
