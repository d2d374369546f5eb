import { strict as assert } from "node:assert";
import { loadStackFile } from "../../../components/config/load";
import { repositoryRoot } from "../../../tools/local/paths";
import { plannedObjects } from "../../../verifier/planned";
import { sharing } from "../../../verifier/share";
import * as path from "node:path";

describe("copies of objects that share their texts", () => {
  it("equal what they copy, without the fields that are not set", () => {
    const value = { a: "x".repeat(500), b: [1, null, { c: undefined, d: false }], e: undefined, f: "" };
    const copy: object = sharing()(value);
    assert.deepEqual(copy, JSON.parse(JSON.stringify(value)));
    assert.deepEqual(Object.keys(copy), ["a", "b", "f"]);
  });
});

describe("the objects that a declaration comes to, for the verifier", () => {
  it("include the Secrets whose values the engine makes, by their keys", () => {
    const planned = plannedObjects(loadStackFile(path.join(repositoryRoot, "Pulumi.dev.yaml")));
    const secrets = planned.filter(({ kind }) => kind === "Secret");
    const keysOf = (name: string) =>
      secrets
        .filter(({ metadata }) => metadata.namespace === "tenant-hr" && metadata.name === name)
        .map(({ data }) => Object.keys(data as object).sort());
    assert.deepEqual(keysOf("gateway-policy"), [["routes.json"]]);
    assert.deepEqual(keysOf("client-portal"), [["OLLAMA_API_KEY", "OLLAMA_HOST"]]);
    assert.ok(planned.length > secrets.length);
  });
});
