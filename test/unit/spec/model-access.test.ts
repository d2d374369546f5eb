import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, hrPlace, stackPlace } from "../config/fixture";

describe("models", () => {
  it("refuses a model that is not in the catalogue and proposes the closest", () => {
    assertFault(
      ({ tenants }) => (tenants["finance"].spec.models.allow[0] = "lama3.1:8b"),
      financePlace("models.allow[0]"),
      /not a model of the catalogue/,
      /`llama3.1:8b`/,
    );
  });

  it("refuses a denied model that is not in the catalogue, because a slip would leave it open", () => {
    assertFault(
      ({ tenants }) => (tenants["finance"].spec.models.deny = ["gemma2:9b"]),
      financePlace("models.deny[0]"),
      /not a model of the catalogue/,
    );
  });

  it("finds a model in any spelling that Ollama takes for it", () => {
    assert.deepEqual(
      faultsAfter(({ tenants }) => (tenants["hr"].spec.models.allow = ["Registry.Ollama.AI/library/QWEN2.5:0.5B"])),
      [],
    );
  });

  it("refuses two catalogue models that Ollama takes for one", () => {
    assertFault(
      ({ config }) => config.models.push({ name: "library/Mistral:7B" }),
      stackPlace("models[3].name"),
      /same model as mistral:7b/,
    );
  });

  it("refuses a model that is allowed twice in other spellings", () => {
    assertFault(
      ({ tenants }) => (tenants["hr"].spec.models.allow = ["qwen2.5:0.5b", "library/qwen2.5:0.5b"]),
      hrPlace("models.allow[1]"),
      /same model as qwen2.5:0.5b/,
    );
  });

  it("refuses a model of Ollama's cloud", () => {
    assertFault(
      ({ config }) => config.models.push({ name: "gpt-oss:120b-cloud" }),
      stackPlace("models[3].name"),
      /cloud/,
    );
  });

  it("refuses a name that Ollama does not resolve", () => {
    assertFault(({ tenants }) => (tenants["hr"].spec.models.allow = ["a/b/c/d"]), hrPlace("models.allow[0]"), /part/);
  });

  it("refuses a tenant whose allowed models are all denied", () => {
    assertFault(
      ({ tenants }) => (tenants["hr"].spec.models.deny = ["QWEN2.5:0.5b"]),
      hrPlace("models.deny"),
      /leaves no model/,
    );
  });

  it("refuses a tenant without models", () => {
    assertFault(({ tenants }) => (tenants["hr"].spec.models.allow = []), hrPlace("models.allow"), /is empty/);
  });

  it("refuses a model whose size is not known, and accepts it with its figures", () => {
    const model = { name: "acme/ledger:2b" };
    assertFault(({ config }) => config.models.push(model), stackPlace("models[3]"), /table of known models/, /layers/);
    const figures = { parametersBillions: 2, layers: 24, kvHeads: 8, headSize: 64, contextLength: 8192 };
    assert.deepEqual(
      faultsAfter(({ config }) => config.models.push({ ...model, ...figures })),
      [],
    );
    assertFault(
      ({ config }) => config.models.push({ ...model, ...figures, layers: "24" }),
      stackPlace("models[3].layers"),
      /is a text/,
    );
  });

  it("refuses a malformed digest", () => {
    assertFault(({ config }) => (config.models[0].digest = "sha256:12"), stackPlace("models[0].digest"), /form/);
  });
});
