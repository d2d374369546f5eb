import assert from "node:assert/strict";
import type { Step } from "../../../tools/local/display/events";
import { takenFromTenants } from "../../../tools/local/plan-guard";

const inputs = (name: string, namespace?: string) => ({ inputs: { metadata: { name, namespace } } });
const step = (op: string, type: string, name: string, state = inputs(name)): Step => ({
  op,
  type,
  urn: `urn:pulumi:dev::ollama-platform::${type}::${name}`,
  old: op === "create" ? null : state,
  new: op === "delete" ? null : state,
});
const namespace = (op: string) => step(op, "kubernetes:core/v1:Namespace", "tenant-hr");
const claim = (op: string) =>
  step(op, "kubernetes:core/v1:PersistentVolumeClaim", "models", inputs("models", "tenant-hr"));
const key = (op: string) => step(op, "random:index/randomPassword:RandomPassword", "client-portal-key-1", inputs(""));

describe("a plan that takes from a tenant what it cannot get back", () => {
  for (const [what, step] of Object.entries({ namespace, claim, "client key": key })) {
    it(`is told when it replaces a ${what}, once`, () => {
      const steps = [namespace("same"), ...["create-replacement", "replace", "delete-replaced"].map(step)];
      const lines = takenFromTenants(steps);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? "", new RegExp(`^${what} .* would be replaced$`));
    });
  }

  it("is told when it deletes a claim of a tenant that stays", () => {
    assert.deepEqual(takenFromTenants([namespace("same"), claim("delete")]), ["claim models would be deleted"]);
  });

  it("is one that the tenant's file says: the file is gone, or it names the client no more", () => {
    assert.deepEqual(takenFromTenants([namespace("delete"), claim("delete"), key("delete")]), []);
    assert.deepEqual(takenFromTenants([namespace("same"), key("delete")]), []);
  });

  it("is not one that makes, updates and keeps", () => {
    for (const op of ["create", "update", "same", "read", "refresh"])
      assert.deepEqual(takenFromTenants([namespace(op), claim(op), key(op)]), []);
    assert.deepEqual(takenFromTenants([namespace("same"), step("replace", "kubernetes:batch/v1:Job", "loader")]), []);
  });
});
