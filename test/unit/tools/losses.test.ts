import { strict as assert } from "node:assert";
import { lossesOf } from "../../../tools/losses/preview";

const urn = (type: string, name: string) => `urn:pulumi:prod::ollama-platform::${type}::${name}`;
const namespace = "kubernetes:core/v1:Namespace";
const claim = "kubernetes:core/v1:PersistentVolumeClaim";

/** A step as the engine's preview writes it. */
function step(op: string, type: string, name: string, metadata: object) {
  const state = { type, inputs: { metadata } };
  return { op, urn: urn(type, name), oldState: state, ...(op === "delete" ? {} : { newState: state }) };
}

const losses = (...steps: object[]) => lossesOf(JSON.stringify({ config: {}, steps, duration: 1 }));

describe("a plan of plain Pulumi", () => {
  const declared = step("same", namespace, "tenant-hr", { name: "tenant-hr" });

  it("takes nothing when it creates, changes, and deletes what belongs to a tenant whose file is gone", () => {
    assert.deepEqual(
      losses(
        declared,
        step("update", claim, "hr-models", { name: "models", namespace: "tenant-hr" }),
        step("delete", namespace, "tenant-old", { name: "tenant-old" }),
        step("delete", claim, "old-models", { name: "models", namespace: "tenant-old" }),
      ),
      [],
    );
  });

  it("is told by what it replaces, and by what it deletes of a tenant that stays", () => {
    assert.deepEqual(
      losses(
        step("replace", namespace, "tenant-hr", { name: "tenant-hr" }),
        step("delete", claim, "hr-models", { name: "models", namespace: "tenant-hr" }),
      ),
      ["namespace tenant-hr would be replaced", "claim hr-models would be deleted"],
    );
  });

  it("is read after lines of other programs", () => {
    const text = `Loading policy packs...\n${JSON.stringify({ steps: [declared] }, undefined, 4)}\n`;
    assert.deepEqual(lossesOf(text), []);
  });

  it("is not judged when its preview failed, or is none", () => {
    const failed = { steps: [declared], diagnostics: [{ severity: "error", message: "no such tenant\n" }] };
    assert.throws(() => lossesOf(JSON.stringify(failed)), /the preview failed.*: no such tenant$/);
    for (const text of ["", "{}", "[]", "{ half", '{"steps": {}}'])
      assert.throws(() => lossesOf(text), /not the output of `pulumi preview --json`/, text);
  });
});
