import { strict as assert } from "node:assert";
import { hasFields } from "../../../tools/local-cluster/api";

describe("what was applied to the local cluster", () => {
  const rule = { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get"] };
  const metadata = { name: "reader", labels: { app: "reader" } };
  const given = { kind: "ClusterRole", metadata, rules: [rule], aggregationRule: undefined };

  it("is left alone where every field is there, whatever the API server has added", () => {
    assert.ok(hasFields(JSON.parse(JSON.stringify(given)), given));
    const labels = { app: "reader", other: "x" };
    assert.ok(hasFields({ ...given, metadata: { ...metadata, uid: "1", managedFields: [{}], labels } }, given));
  });

  const faults: Record<string, object> = {
    "a value is another": { metadata: { ...metadata, labels: { app: "writer" } } },
    "a field is gone": { metadata: { name: "reader" } },
    "an item of a list is gone": { rules: [{ ...rule, resources: ["pods"] }] },
    "a list has an item more": { rules: [rule, { apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] },
    "a list has another order": { rules: [{ ...rule, resources: ["nodes", "pods"] }] },
    "a field of an item is another": { rules: [{ ...rule, verbs: ["*"] }] },
    "a mapping stands where a list should": { rules: { 0: rule, length: 1 } },
    "nothing stands where a list should": { rules: null },
  };
  for (const [fault, change] of Object.entries(faults)) {
    it(`is applied again when ${fault}`, () => assert.ok(!hasFields({ ...given, ...change }, given)));
  }
});
