import assert from "node:assert/strict";
import { type ExportedStack, pendingDeletions, settledState } from "../../../tools/local/pending";

const object = (name: string, more: object = {}) => ({
  urn: `urn:${name}`,
  type: "kubernetes:core/v1:Secret",
  ...more,
});

/** A namespace that was being deleted, a policy that goes with it, an object elsewhere that names both, and a key. */
const state = (): ExportedStack => ({
  deployment: {
    resources: [
      object("namespace"),
      object("policy", { deletedWith: "urn:namespace", dependencies: ["urn:namespace"] }),
      object("elsewhere", {
        dependencies: ["urn:namespace", "urn:key"],
        propertyDependencies: { data: ["urn:policy", "urn:key"] },
      }),
      { urn: "urn:key", type: "random:index/randomPassword:RandomPassword" },
    ],
    pending_operations: [
      { type: "deleting", resource: object("namespace") },
      { type: "creating", resource: object("new") },
      { type: "deleting", resource: { urn: "urn:key", type: "random:index/randomPassword:RandomPassword" } },
    ],
  },
});

describe("operations that were under way when an engine died", () => {
  it("are asked of the cluster when they are deletions of its objects", () => {
    assert.deepEqual(
      pendingDeletions(state()).map(({ urn }) => urn),
      ["urn:namespace"],
    );
  });

  it("leave no trace, and take along what went with an object that is gone", () => {
    const { deployment } = settledState(state(), ["urn:namespace"]);
    assert.deepEqual(deployment, {
      resources: [
        object("elsewhere", { dependencies: ["urn:key"], propertyDependencies: { data: ["urn:key"] } }),
        { urn: "urn:key", type: "random:index/randomPassword:RandomPassword" },
      ],
    });
  });

  it("leave everything else as it is, clients' keys above all", () => {
    const before = state();
    assert.deepEqual(settledState(before, []).deployment.resources, before.deployment.resources);
  });
});
