import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { PlatformSpec } from "../../../components/spec/index";
import { gatewayFacts, readClientKeys } from "../../../verifier/client-keys";

const KEY = "k3yk3yk3yk3yk3yk3yk3y";

describe("keys of clients for the verifier", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "client-keys-"))));
  after(() => rmSync(folder, { recursive: true }));

  const read = (content: string) => {
    const file = path.join(folder, "keys.json");
    writeFileSync(file, content);
    return readClientKeys(file);
  };

  it("are read as the stack's output has them", () => {
    assert.deepEqual(read(JSON.stringify({ hr: { portal: KEY } })), { hr: { portal: KEY } });
  });

  for (const [what, content] of [
    ["no JSON", `{"hr": {"portal": "${KEY}`],
    ["a list", JSON.stringify([KEY])],
    ["keys without tenants", JSON.stringify({ portal: KEY })],
    ["an output without its secrets", JSON.stringify({ hr: { portal: "[secret]" } })],
  ] as const)
    it(`are refused as ${what}, without a value in the message`, () => {
      assert.throws(
        () => read(content),
        (error: Error) => /--client-keys/.test(error.message) && !error.message.includes(KEY),
      );
    });

  it("are those of the tenant's own client and of another tenant's", () => {
    const spec: PlatformSpec = {
      environment: "dev",
      models: [{ name: "smollm2:135m" }, { name: "llama3.1:8b" }],
      tenants: [
        {
          name: "hr",
          models: { allow: ["smollm2:135m"] },
          access: { clients: [{ name: "keyless" }, { name: "portal" }] },
        },
        { name: "finance", models: { allow: ["smollm2:135m", "llama3.1:8b"], deny: ["llama3.1:8b"] } },
      ],
    };
    const [hr, finance] = gatewayFacts(spec, { hr: { portal: KEY } });
    assert.deepEqual(
      [hr?.key, hr?.foreignKey, hr?.allowedModel, hr?.deniedModel],
      [KEY, undefined, "smollm2:135m", "llama3.1:8b"],
    );
    assert.deepEqual([finance?.key, finance?.foreignKey, finance?.deniedModel], [undefined, KEY, "llama3.1:8b"]);
  });

  it("name a model that nobody serves where the tenant may use the whole catalogue", () => {
    const spec: PlatformSpec = {
      environment: "dev",
      models: [{ name: "smollm2:135m" }],
      tenants: [{ name: "hr", models: { allow: ["smollm2:135m"] } }],
    };
    assert.match(gatewayFacts(spec)[0]?.deniedModel ?? "", /^verifier-unknown/);
  });
});
