import assert from "node:assert/strict";
import { CatalogueError, formatModelFault, resolveCatalogue, resolveModel } from "../../../components/models/catalogue";
import { KNOWN_MODELS } from "../../../components/models/known-models";
import { parseModelName } from "../../../components/models/names";
import { BITS_PER_WEIGHT } from "../../../components/models/quantization";
import type { ModelSpec } from "../../../components/spec/index";

const PRIVATE: ModelSpec = {
  name: "registry.example.com/team/ledger:v1",
  parametersBillions: 13,
  layers: 40,
  kvHeads: 8,
  headSize: 128,
  contextLength: 16384,
};

function faultsOf(spec: ModelSpec): string[] {
  try {
    resolveModel(spec);
    return [];
  } catch (error) {
    assert.ok(error instanceof CatalogueError);
    return error.faults.map((fault) => formatModelFault(spec.name, fault));
  }
}

describe("the table of known models", () => {
  it("names every model once", () => {
    const names = KNOWN_MODELS.flatMap((known) => known.names.map((name) => parseModelName(name).canonical));
    assert.equal(new Set(names).size, names.length);
  });

  it("has possible figures only, from 0.02 to over 70 billion parameters", () => {
    for (const known of KNOWN_MODELS) {
      const { heads, kvHeads, layers, headSize, embeddingLength, vocabulary, contextLength } = known;
      for (const figure of [heads, kvHeads, layers, headSize, embeddingLength, vocabulary, contextLength]) {
        assert.ok(Number.isInteger(figure) && figure > 0, known.names[0]);
      }
      assert.equal(heads % kvHeads, 0, known.names[0]);
      assert.ok(BITS_PER_WEIGHT.has(known.quantization), known.names[0]);
      assert.match(known.source, /^[\w.-]+\/[\w.-]+$/);
    }
    const sizes = KNOWN_MODELS.map(({ parametersBillions }) => parametersBillions);
    assert.ok(Math.min(...sizes) <= 0.1 && Math.max(...sizes) >= 70);
  });

  it("has parameters that its shape can hold: embeddings and attention are a part of them", () => {
    for (const known of KNOWN_MODELS) {
      const { layers, heads, kvHeads, headSize, embeddingLength, vocabulary } = known;
      const attention = layers * 2 * embeddingLength * headSize * (heads + kvHeads);
      const parameters = known.parametersBillions * 1e9 * 1.01;
      assert.ok(attention + vocabulary * embeddingLength <= parameters, known.names[0]);
      // Feed-forward layers of dense models are at most eleven times the attention of the same layer.
      const isMixture = /mixtral|moe|30b|235b|gpt-oss|deepseek-(coder-v2|v3|r1:671b)/.test(known.names.join());
      const apart = Math.max(0.42, known.projectorBillions) * 1e9;
      if (!isMixture)
        assert.ok(parameters <= 12 * attention + 2 * vocabulary * embeddingLength + apart, known.names[0]);
    }
  });
});

describe("a catalogue entry", () => {
  for (const quantization of ["nvfp4", "mxfp4", "mxfp8", "int4", "int8", "tq1_0", "iq4_xs", "bf16"]) {
    it(`may have every quantisation that Ollama names: ${quantization}`, () => {
      const model = resolveModel({ name: "llama3.1:8b", quantization });
      assert.equal(model.quantization, quantization.toUpperCase());
      assert.equal(resolveModel({ name: `llama3.1:8b-${quantization}` }).quantization, model.quantization);
    });
  }

  it("takes its figures from the table when only the name is given", () => {
    const model = resolveModel({ name: "Llama3.1:8B" });
    assert.equal(model.name.canonical, "registry.ollama.ai/library/llama3.1:8b");
    assert.deepEqual([model.layers, model.kvHeads, model.headSize, model.quantization], [32, 8, 128, "Q4_K_M"]);
    assert.equal(model.source, "registry.ollama.ai/library/Llama3.1:8B");
    assert.match(model.figuresFrom, /config\.json of meta-llama/);
  });

  it("reads the quantisation of a known model from its tag", () => {
    assert.equal(resolveModel({ name: "llama3.1:8b-instruct-q8_0" }).quantization, "Q8_0");
    assert.equal(resolveModel({ name: "qwen2.5:7b-instruct-fp16" }).quantization, "F16");
    assert.equal(resolveModel({ name: "llama3.1:70b-q4_K_M" }).layers, 80);
  });

  it("does not guess a model from a similar name", () => {
    for (const name of [
      "llama3.1:9b",
      "me/llama3.1:8b",
      "hf.co/library/llama3.1:8b",
      "llama3.1:8b-custom",
      "llama3.1:8b-q9_9",
    ]) {
      assert.match(faultsOf({ name }).join(), /not in the table/, name);
    }
  });

  it("wins over the table, figure by figure", () => {
    const model = resolveModel({
      name: "llama3.1:8b",
      quantization: "q8_0",
      contextLength: 8192,
      source: "mirror/llama:8b",
    });
    assert.deepEqual([model.quantization, model.contextLength, model.layers], ["Q8_0", 8192, 32]);
    assert.equal(model.source, "mirror/llama:8b");
  });

  it("of an unknown model needs the figures, and the refusal names each one that is missing", () => {
    const [fault, ...others] = faultsOf({ ...PRIVATE, layers: undefined, headSize: undefined });
    assert.deepEqual(others, []);
    assert.match(fault ?? "", /add `layers` \(for example 32\), `headSize` \(for example 128\)$/);
    assert.match(faultsOf({ name: "x/y" })[0] ?? "", /parametersBillions.*layers.*kvHeads.*headSize.*contextLength/);
  });

  it("of an unknown model is complete with them", () => {
    const model = resolveModel(PRIVATE);
    assert.equal(model.quantization, "Q4_K_M");
    assert.ok(model.heads >= model.kvHeads && model.embeddingLength > 0);
    assert.equal(model.embedding, false);
  });

  it("is refused with every fault at once", () => {
    const faults = faultsOf({
      ...PRIVATE,
      layers: 1.5,
      kvHeads: 0,
      parametersBillions: Infinity,
      contextLength: NaN,
      quantization: "Q4",
      source: "two words",
    });
    const subjects = faults.map((fault) => /" (\w+)/.exec(fault)?.[1]);
    const expected = ["parametersBillions", "layers", "kvHeads", "contextLength", "quantization", "source"];
    assert.deepEqual(subjects.slice().sort(), expected.slice().sort());
  });
});

describe("a catalogue", () => {
  it("is keyed by canonical names in their order", () => {
    const models = resolveCatalogue([{ name: "smollm2:135m" }, PRIVATE, { name: "llama3.1" }]);
    assert.deepEqual(
      [...models.keys()],
      [
        "registry.example.com/team/ledger:v1",
        "registry.ollama.ai/library/llama3.1:latest",
        "registry.ollama.ai/library/smollm2:135m",
      ],
    );
  });
});
