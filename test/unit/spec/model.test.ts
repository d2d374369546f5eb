import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, stackPlace } from "../config/fixture";

const figures = { parametersBillions: 2, layers: 24, kvHeads: 8, headSize: 64, contextLength: 8192 };

describe("models of the catalogue", () => {
  for (const [name, problem, fix] of [
    ["*", /^has the character `\*`, which no part/, /^list each model by its own name: there are no patterns$/],
    ["x; exit 0", /^has the character `;`, which no part/, /^write letters, digits and `_`/],
    ["llama3.1:8b:latest", /^has more than one tag$/, /^write one tag, for example `llama3.1:8b`$/],
    ["llama3.1:8b instruct", /^has a blank, which no part/, /^write letters/],
    ["llamä3.1:8b", /^has the character `ä`, which no part/, /^write letters/],
    ["https://example.com/a/b", /^has a scheme, which Ollama ignores$/, /^write the name without `:\/\/`/],
    ["gpt-oss:120b-cloud", /^runs in Ollama's cloud/, /^name a model that runs here$/],
    ["a/b/c/d", /^has a part too many/, /^write `\[\[host\/\]namespace\/\]model\[:tag\]`$/],
  ] as const) {
    it(`are refused with the name ${JSON.stringify(name)}, in one whole sentence with one fix`, () => {
      assertFault(({ config }) => config.models.push({ ...figures, name }), stackPlace("models[3].name"), problem, fix);
    });
  }

  it("are refused with a source that has a scheme, and the registry's host is not asked for then", () => {
    assertFault(
      ({ config }) => {
        config.models[0].source = "http://registry.example.com/a/b:1";
        config.modelStore = {
          mode: "dedicated",
          registries: [{ host: "registry.ollama.ai", cidrs: ["203.0.113.0/28"] }],
        };
      },
      stackPlace("models[0].source"),
      /^begins with `http:\/\/`, and a reference has no scheme$/,
      /^write `registry\.example\.com\/a\/b:1`;/,
    );
    assertFault(
      ({ config }) => (config.models[0].source = "http://x"),
      stackPlace("models[0].source"),
      /no scheme$/,
      /^write `x`/,
    );
  });

  it("may come from a source of its own, with a port, a tag and a digest", () => {
    for (const source of ["mirror/llama:8b", "localhost:5000/llama", `example.com/a/b:1@sha256:${"0a".repeat(32)}`]) {
      const faults = faultsAfter(({ config }) => (config.models[0].source = source));
      assert.deepEqual(faults, [], source);
    }
  });

  it("are refused with a quantisation that is not known, at its own place", () => {
    assertFault(
      ({ config }) => (config.models[0].quantization = "Q4"),
      stackPlace("models[0].quantization"),
      /^is not a quantisation that is known$/,
    );
  });

  it("are refused without the figures of a model that is not known, and accepted with them", () => {
    const model = { name: "acme/ledger:2b" };
    assertFault(
      ({ config }) => config.models.push(model),
      stackPlace("models[3]"),
      /table of known models/,
      /`layers`/,
    );
    assert.deepEqual(
      faultsAfter(({ config }) => config.models.push({ ...model, ...figures })),
      [],
    );
  });

  it("are refused when two names are one model for Ollama", () => {
    assertFault(
      ({ config }) => config.models.push({ name: "library/Mistral:7B" }),
      stackPlace("models[3].name"),
      /^is for Ollama the same model as mistral:7b/,
    );
  });
});
