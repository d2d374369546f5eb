import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { platformOutputs, type PlatformOutputs } from "../../../components/outputs";
import { planPlatform } from "../../../components/plan/platform";
import { platform } from "../plan/fixture";

const EXPORTED = planPlatform(platform()).output;
const KEYS = { finance: { analysts: "key of the analysts" } };

/** The outputs of a stack as the engine hands them over. */
async function reading(
  exported: Record<string, unknown>,
  others: Record<string, Record<string, unknown>> = {},
): Promise<PlatformOutputs> {
  await pulumi.runtime.setMocks({
    call: ({ inputs }) => ({ ...inputs, outputs: others[String(inputs["name"])] }),
    newResource: ({ inputs }) => ({
      id: "stack",
      state: { name: inputs["name"], outputs: exported, secretOutputNames: ["clientKeys"] },
    }),
  });
  return platformOutputs(new pulumi.StackReference("organization/ollama-platform/prod"));
}

/** The value of an output. Rejects with what its computation throws. */
function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(): Promise<T> }).promise();
}

describe("platformOutputs", () => {
  const complete = { platform: EXPORTED, clientKeys: KEYS };

  it("reads the whole, one tenant and one node pool", async () => {
    const outputs = await reading(complete);
    assert.deepEqual(await valueOf(outputs.platform), EXPORTED);
    assert.deepEqual(await valueOf(outputs.tenant("finance")), EXPORTED.tenants["finance"]);
    assert.deepEqual(await valueOf(outputs.nodePool(pulumi.output("slices"))), EXPORTED.nodePools["slices"]);
  });

  it("hands on a client's key as a secret, and nothing else as one", async () => {
    const outputs = await reading(complete);
    const key = outputs.clientKey("finance", "analysts");
    assert.equal(await valueOf(key), "key of the analysts");
    assert.equal(await pulumi.isSecret(key), true);
    assert.equal(await pulumi.isSecret(outputs.tenant("finance")), false);
  });

  it("finds a key in the stack that holds the tenant, when the environment has several", async () => {
    const spread = { ...complete, clientKeys: {}, tenantStacks: { finance: "prod-tenants-2", hr: "prod-tenants-1" } };
    const outputs = await reading(spread, { "organization/ollama-platform/prod-tenants-2": { clientKeys: KEYS } });
    const key = outputs.clientKey("finance", "analysts");
    assert.equal(await valueOf(key), "key of the analysts");
    assert.equal(await pulumi.isSecret(key), true);
    await assert.rejects(valueOf(outputs.clientKey("finance", "nobody")), /has no client of tenant finance "nobody"/);
  });

  for (const [what, clientKeys] of Object.entries({ "is not there": undefined, "is a placeholder": "[secret]" })) {
    it(`says that keys cannot be decrypted when the secret output ${what} and the client is`, async () => {
      const outputs = await reading({ ...complete, clientKeys });
      await assert.rejects(valueOf(outputs.clientKey("finance", "analysts")), (error: Error) => {
        assert.match(
          error.message,
          /`clientKeys` of stack .*prod cannot be decrypted here: .*PULUMI_CONFIG_PASSPHRASE/,
        );
        return true;
      });
    });
  }

  const refused: [string, Record<string, unknown>, (outputs: PlatformOutputs) => pulumi.Output<unknown>, RegExp][] = [
    [
      "a stack that was never deployed",
      {},
      ({ platform: all }) => all,
      /prod has no output `platform`: deploy it first/,
    ],
    ["another program's output", { platform: { url: "x" } }, ({ platform: all }) => all, /has no schemaVersion/],
    [
      "a newer version",
      { platform: { ...EXPORTED, schemaVersion: 2 } },
      (outputs) => outputs.tenant("finance"),
      /schemaVersion 2, and this program reads 1: use a newer release/,
    ],
    [
      "an older version",
      { platform: { ...EXPORTED, schemaVersion: 0 } },
      (outputs) => outputs.tenant("finance"),
      /schemaVersion 0, and this program reads 1: deploy the stack/,
    ],
    ["an output without tenants", { platform: { schemaVersion: 1 } }, ({ platform: all }) => all, /lacks tenants/],
    [
      "a tenant that is not there",
      complete,
      (outputs) => outputs.tenant("finanec"),
      /has no tenant "finanec": it has `finance`, `hr`, `legal`; did you mean `finance`\?/,
    ],
    ["a tenant named like a method", complete, (outputs) => outputs.tenant("toString"), /has no tenant "toString"/],
    ["a node pool that is not there", complete, (outputs) => outputs.nodePool("x"), /has no node pool "x": it has /],
    [
      "a client that is not there",
      complete,
      (outputs) => outputs.clientKey("finance", "nobody"),
      /has no client of tenant finance "nobody": it has `analysts`/,
    ],
    [
      "a client of a tenant that has none",
      complete,
      (outputs) => outputs.clientKey("hr", "nobody"),
      /has no client of tenant hr "nobody": it has none/,
    ],
    ["a client of no tenant", complete, (outputs) => outputs.clientKey("x", "y"), /has no tenant "x"/],
  ];
  for (const [what, exported, read, message] of refused) {
    it(`refuses ${what}`, async () => {
      const outputs = await reading(exported);
      await assert.rejects(valueOf(read(outputs)), (error: Error) => {
        assert.ok(pulumi.RunError.isInstance(error), "the engine would print a stack trace");
        assert.doesNotMatch(error.stack ?? "", /\n +at /, "formatting its lines of code takes the SDK half a minute");
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /key of the/);
        return true;
      });
    });
  }
});
