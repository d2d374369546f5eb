import { strict as assert } from "node:assert";
import { differencesOf } from "../../../../verifier/monitor/drift";
type Fields = Record<string, unknown>;

const policy = (spec: object): Fields => ({ kind: "NetworkPolicy", metadata: { name: "default-deny" }, spec });
const paths = (declared: Fields, live: Fields) => differencesOf(declared, live).map(({ path }) => path);
const deny = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };

describe("an object that differs from its declaration", () => {
  it("is none when the API server has only filled in defaults and written amounts its own way", () => {
    const declared = {
      kind: "ResourceQuota",
      metadata: { name: "quota", labels: { a: "b" }, annotations: { "pulumi.com/patchForce": "true" } },
      spec: { hard: { "limits.cpu": "4000m", "limits.memory": "1024Mi", pods: "5" } },
    };
    const live = {
      kind: "ResourceQuota",
      metadata: { name: "quota", labels: { a: "b", more: "notes" }, uid: "1", resourceVersion: "7" },
      spec: { hard: { "limits.cpu": "4", "limits.memory": "1Gi", pods: "5" } },
      status: { used: {} },
    };
    assert.deepEqual(differencesOf(declared, live), []);
  });

  it("is none when nothing is written as an empty list or mapping, or a default as nothing", () => {
    const declared = { kind: "Service", metadata: { name: "x" }, spec: { externalIPs: [], headless: false } };
    assert.deepEqual(differencesOf(declared, { kind: "Service", metadata: { name: "x" }, spec: {} }), []);
  });

  it("is told with the field, the declared value and the live one", () => {
    const quota = (pods: string) => ({ kind: "ResourceQuota", metadata: {}, spec: { hard: { pods } } });
    assert.deepEqual(differencesOf(quota("5"), quota("6")), [
      { path: "spec.hard.pods", steps: ["spec", "hard", "pods"], declared: "5", live: "6" },
    ]);
  });

  it("is found in a list of which one element changed, went or came", () => {
    const role = (...verbs: string[]) => ({ kind: "Role", metadata: {}, rules: [{ verbs }] });
    assert.deepEqual(paths(role("get", "list"), role("get", "delete")), ["rules[0].verbs[1]"]);
    assert.deepEqual(paths(role("get", "list"), role("get")), ["rules[0].verbs"]);
    assert.deepEqual(paths(role("get"), role("get", "delete")), ["rules[0].verbs"]);
  });

  it("is found where something stands beside what is declared, and widens it", () => {
    assert.deepEqual(paths(policy(deny), policy({ ...deny, ingress: [{}] })), ["spec.ingress"]);
    assert.deepEqual(paths(policy(deny), policy({ ...deny, podSelector: { matchLabels: { app: "x" } } })), [
      "spec.podSelector.matchLabels",
    ]);
    assert.deepEqual(paths(policy(deny), policy(deny)), []);
  });

  it("is found when a label of the declaration is gone, not when someone added one", () => {
    const namespace = (labels: object) => ({ kind: "Namespace", metadata: { name: "tenant-hr", labels } });
    const declared = namespace({ "pod-security.kubernetes.io/enforce": "restricted" });
    assert.deepEqual(paths(declared, namespace({})), ["metadata.labels.pod-security.kubernetes.io/enforce"]);
    assert.deepEqual(
      paths(declared, namespace({ "pod-security.kubernetes.io/enforce": "restricted", "example.com/cost": "1" })),
      [],
    );
  });

  it("is none because of replicas, which autoscalers set", () => {
    const deployment = (replicas: number) => ({ kind: "Deployment", metadata: {}, spec: { replicas } });
    assert.deepEqual(paths(deployment(0), deployment(3)), []);
  });
});
