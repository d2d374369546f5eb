import assert from "node:assert/strict";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { randomProvider } from "../../../../tools/random-provider/provider";
import { type Properties, secret, unwrap } from "../../../../tools/random-provider/values";

describe("the random provider", () => {
  const urn = (type: string): string => `urn:pulumi:dev::project::parent:index:Type$random:index/${type}::name`;
  const password = urn("randomPassword:RandomPassword");
  const { check, diff, create, read } = randomProvider as Required<typeof randomProvider>;
  const inputsOf = async (of: string, inputs: Properties): Promise<Properties> => (await check(of, {}, inputs)).inputs;

  it("marks a password as secret and keeps its inputs", async () => {
    const inputs = await inputsOf(password, { length: 12, special: false });
    const { outs } = await create(password, inputs);
    assert.deepEqual(outs.result, secret(unwrap(outs.result)));
    assert.match(unwrap(outs.result) as string, /^[a-zA-Z0-9]{12}$/);
    assert.equal(outs.length, 12);
  });

  it("sees no change when nothing changed, secret or not", async () => {
    const inputs = await inputsOf(password, { length: 12, keepers: { a: secret("x") } });
    const { outs } = await create(password, inputs);
    assert.deepEqual(await diff("none", password, outs, { ...inputs, keepers: { a: "x" } }), {
      changes: false,
      replaces: [],
    });
  });

  const changes: Record<string, Properties> = {
    length: { length: 13 },
    special: { length: 12, special: false },
    keepers: { length: 12, keepers: { a: "y" } },
  };
  for (const [property, inputs] of Object.entries(changes)) {
    it(`replaces the value when ${property} changes`, async () => {
      const { outs } = await create(password, await inputsOf(password, { length: 12, keepers: { a: "x" } }));
      const answer = await diff("none", password, outs, await inputsOf(password, { keepers: { a: "x" }, ...inputs }));
      assert.equal(answer.changes, true);
      assert.ok(answer.replaces?.includes(property));
    });
  }

  it("replaces the value when an input is not known yet", async () => {
    const { outs } = await create(password, await inputsOf(password, { length: 12 }));
    const unknown = await inputsOf(password, { length: 12, keepers: { a: unknownValue } });
    assert.deepEqual((await diff("none", password, outs, unknown)).replaces, ["keepers"]);
  });

  it("reports faults of known inputs and waits for unknown ones", async () => {
    assert.equal((await check(password, {}, { length: 0 })).failures?.length, 1);
    assert.deepEqual((await check(password, {}, { length: unknownValue })).failures, []);
    assert.equal((await check(urn("randomBytes:RandomBytes"), {}, { length: "8" })).failures?.[0]?.property, "length");
  });

  it("writes the same bytes in every notation", async () => {
    const bytes = (await create(urn("randomBytes:RandomBytes"), { length: 32 })).outs;
    assert.equal(Buffer.from(unwrap(bytes.base64) as string, "base64").toString("hex"), unwrap(bytes.hex));
    const { id, outs } = await create(urn("randomId:RandomId"), { byteLength: 8, prefix: "p-" });
    assert.equal(outs.hex, `p-${Buffer.from(id, "base64url").toString("hex")}`);
    assert.equal(outs.dec, `p-${BigInt(`0x${outs.hex.slice(2)}`)}`);
  });

  it("refuses types that it does not know and imports, naming the official provider", async () => {
    await assert.rejects(create(urn("randomPet:RandomPet"), {}), /does not know random:index\/randomPet:RandomPet/);
    await assert.rejects(read("none", password, {}), /official/);
  });
});
