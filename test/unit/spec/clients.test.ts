import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, type Files } from "../config/fixture";

const clients =
  (...list: object[]) =>
  (files: Files) =>
    (files.tenants["finance"].spec.access.clients = list);
const place = (way: string) => financePlace(`access.clients[0].${way}`);

describe("clients", () => {
  it("are accepted with every key", () => {
    const client = {
      name: "ledger",
      models: ["Llama3.1:8B"],
      requestsPerMinute: 60,
      maxConcurrentRequests: 4,
      maxTokens: 1024,
      tokensPerDay: 1_000_000,
      tokensPerMonth: 20_000_000,
      modelSecondsPerDay: 3600,
      modelSecondsPerMonth: 3600,
      expires: "2028-02-29",
      keyGeneration: 2,
      acceptPreviousKey: false,
    };
    assert.deepEqual(faultsAfter(clients(client, { name: "analysts" })), []);
  });

  it("are refused with two of one name", () => {
    assertFault(
      clients({ name: "ledger" }, { name: "ledger" }),
      financePlace("access.clients[1].name"),
      /earlier client/,
    );
  });

  for (const [what, model] of Object.entries({
    "another tenant's": "qwen2.5:0.5b",
    "no catalogue's": "phi4",
    "no one's": "a//b",
  })) {
    it(`are refused with a model that is ${what}`, () =>
      assertFault(clients({ name: "ledger", models: [model] }), place("models[0]"), /not a model that the tenant/));
  }

  it("are refused with more for a day than for a month, each and all together", () => {
    const budget = { tokensPerDay: 11, tokensPerMonth: 10, modelSecondsPerDay: 5, modelSecondsPerMonth: 5 };
    assertFault(clients({ name: "ledger", ...budget }), place("tokensPerDay"), /more than `tokensPerMonth`/);
    assertFault(
      (files) => (files.tenants["finance"].spec.access.budget = { modelSecondsPerDay: 2, modelSecondsPerMonth: 1 }),
      financePlace("access.budget.modelSecondsPerDay"),
      /more than `modelSecondsPerMonth`/,
    );
  });

  for (const expires of ["2027-02-29", "2027-13-01", "2027-04-31"]) {
    it(`are refused with ${expires}, which no calendar has`, () =>
      assertFault(clients({ name: "ledger", expires }), place("expires"), /not a day of the calendar/));
  }

  for (const [key, value] of Object.entries({
    expires: "tomorrow",
    keyGeneration: 0,
    requestsPerMinute: 0,
    maxTokens: "many",
    tokensPerMonth: 0,
    modelSecondsPerDay: 1.5,
    modelSecondsPerMonth: 1_000_000_001,
    acceptPreviousKey: "no",
  })) {
    it(`are refused with ${key}: ${value}, and told the value`, () => {
      const faults = faultsAfter(clients({ name: "ledger", [key]: value }));
      assert.equal(faults.length, 1);
      assert.equal(faults[0]?.value, JSON.stringify(value));
    });
  }
});
