import assert from "node:assert/strict";
import { OllamaPlatform } from "../../../components/index";
import { manyTenants } from "../../../bench/policy-pack/many-tenants";
import { record } from "./recording";

/** What an environment puts into a state: numbers of resources, bytes of inputs, and bytes of the names that resources wait for. */
interface Weight {
  resources: number;
  inputs: number;
  dependencies: number;
}

async function weightOf(tenants: number): Promise<Weight> {
  const registered = await record(() => void new OllamaPlatform("ollama", manyTenants(tenants)));
  const bytes = (of: (each: (typeof registered)[number]) => unknown): number =>
    registered.reduce((sum, each) => sum + JSON.stringify(of(each)).length, 0);
  return {
    resources: registered.length,
    inputs: bytes(({ inputs }) => inputs),
    dependencies: bytes(({ dependencies }) => dependencies),
  };
}

/**
 * The engine writes the whole state for each step, so what a tenant adds to it decides how long an update of many takes. The state has each
 * input three times: as such, and twice in what the provider remembers. These are counts, the same on every machine; a change of them is a
 * decision, and the ranges leave room for small ones.
 */
describe("what a tenant on CPUs adds to a state", () => {
  let [few, many]: [Weight, Weight] = [
    { resources: 0, inputs: 0, dependencies: 0 },
    { resources: 0, inputs: 0, dependencies: 0 },
  ];
  const perTenant = (what: keyof Weight): number => (many[what] - few[what]) / 4;
  before(async function () {
    this.timeout(60_000);
    few = await weightOf(2);
    many = await weightOf(6);
  });

  it("is so many resources", () => {
    assert.ok(perTenant("resources") >= 20 && perTenant("resources") <= 30, `${perTenant("resources")} resources`);
  });

  it("is so many bytes of inputs, most of them the gateway's program", () => {
    assert.ok(perTenant("inputs") >= 30_000 && perTenant("inputs") <= 61_500, `${perTenant("inputs")} bytes`);
  });

  it("is so many bytes of names that its resources wait for", () => {
    assert.ok(perTenant("dependencies") <= 9_000, `${perTenant("dependencies")} bytes`);
  });
});
