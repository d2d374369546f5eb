import assert from "node:assert/strict";
import fc from "fast-check";
import { resolveModel, type CatalogueModel } from "../../../components/models/catalogue";
import { KNOWN_MODELS } from "../../../components/models/known-models";
import { GPU_OVERHEAD_BYTES } from "../../../components/models/memory";
import { GIB } from "../../../components/models/quantity";
import {
  fitsGpus,
  gpusNeeded,
  largestContextLength,
  largestParallelRequests,
  memoryPerGpu,
  modelMemory,
  replicasForUsers,
  serverResources,
} from "../../../components/models/sizing";

const ONE_REQUEST = { contextLength: 4096, parallelRequests: 1 };

function known(name: string): CatalogueModel {
  return resolveModel({ name });
}

function assertNear(actual: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= tolerance * expected, `${what}: ${actual} is not near ${expected}`);
}

describe("memory of a model", () => {
  // Weights, cache and total in GiB as measured and computed for Ollama; the totals' graph and overhead are estimates.
  const published: [string, number, number, number][] = [
    ["llama3.2:3b", 1.8, 0.4375, 3.3],
    ["llama2:7b-q4_k_m", 3.8, 2, 6.9],
    ["llama3.1:8b", 4.5, 0.5, 6.1],
    ["llama2:13b-q4_k_m", 7.3, 3.125, 11.5],
    ["qwen3:32b", 18.5, 1, 20.6],
    ["llama3.1:70b", 40, 1.25, 42],
  ];
  for (const [name, weights, kvCache, total] of published) {
    it(`of ${name} is near the published figures`, () => {
      const memory = modelMemory(known(name), ONE_REQUEST);
      // The weights carry a margin of 5% on purpose.
      assertNear(memory.weights / GIB, weights * 1.05, 0.02, "weights");
      assert.equal(memory.kvCache / GIB, kvCache);
      assertNear(memory.total / GIB, total, 0.06, "total");
      assert.equal(memory.total, memory.weights + memory.kvCache + memory.graph + memory.overhead);
    });
  }

  // Sizes in GB of the files that Ollama's library lists.
  const files: [string, number][] = [
    ["llama3.2:1b", 1.3],
    ["llama3.1:8b", 4.9],
    ["llama3.1:70b", 43],
    ["qwen2.5:0.5b", 0.398],
    ["qwen2.5:7b", 4.7],
    ["qwen3:32b", 20],
    ["gemma3:1b", 0.815],
    ["gemma3:4b", 3.3],
    ["gemma3:12b", 8.1],
    ["gemma3:27b", 17],
    ["phi4", 9.1],
    ["mistral:7b", 4.4],
    ["deepseek-r1:1.5b", 1.1],
    ["smollm2:135m", 0.271],
    ["smollm2:360m", 0.726],
    ["nomic-embed-text", 0.274],
    ["mxbai-embed-large", 0.67],
    ["bge-m3", 1.2],
    ["mixtral:8x7b", 26],
    ["codellama:7b", 3.8],
    ["codellama:13b", 7.4],
    ["codellama:34b", 19],
    ["deepseek-coder:1.3b", 0.776],
    ["deepseek-coder:6.7b", 3.8],
    ["deepseek-coder:33b", 19],
    ["starcoder2:3b", 1.7],
    ["starcoder2:7b", 4],
    ["starcoder2:15b", 9.1],
    ["codegemma:2b", 1.55],
    ["codegemma:7b", 5],
    ["qwen3-coder:30b", 19],
    ["devstral:24b", 14],
    ["deepcoder:14b", 9],
    ["gpt-oss:20b", 13.8],
    ["gpt-oss:120b", 65.4],
    ["gemma:2b", 1.7],
    ["gemma:7b", 5],
    ["qwen2:0.5b", 0.352],
    ["phi4-mini-reasoning", 3.2],
    ["qwen2:1.5b", 0.935],
    ["qwen2:7b", 4.4],
    ["qwen2:72b", 41],
    ["olmo2:7b", 4.5],
    ["olmo2:13b", 8.4],
    ["granite3.3:2b", 1.5],
    ["granite3.3:8b", 4.9],
    ["command-r:35b", 19],
    ["dolphin3:8b", 4.9],
    ["dolphin-mistral:7b", 4.1],
    ["hermes3:8b", 4.7],
    ["zephyr:7b", 4.1],
    ["vicuna:7b", 3.8],
    ["yi:6b", 3.5],
    ["yi:9b", 5],
    ["yi:34b", 19],
    ["codestral:22b", 13],
    ["llama2-uncensored:7b", 3.8],
    ["dolphin-llama3:8b", 4.7],
    ["dolphin-mixtral:8x7b", 26],
    ["tulu3:8b", 4.9],
    ["nemotron:70b", 43],
    ["openthinker:7b", 4.7],
    ["openthinker:32b", 20],
    ["magistral:24b", 14],
    ["llava:7b", 4.7],
    ["llava:13b", 8],
    ["mistral-small3.1:24b", 15],
    ["mistral-small3.2:24b", 15],
    ["qwen2.5vl:3b", 3.2],
    ["qwen2.5vl:7b", 6],
    ["embeddinggemma:300m", 0.622],
    ["qwen3-embedding:0.6b", 0.639],
    ["qwen3-embedding:4b", 2.5],
    ["qwen3-embedding:8b", 4.7],
    ["snowflake-arctic-embed:335m", 0.669],
    ["qwen:0.5b", 0.395],
    ["qwen:1.8b", 1.1],
    ["qwen:4b", 2.3],
    ["qwen:7b", 4.5],
    ["qwen:14b", 8.2],
    ["qwen:32b", 18],
    ["qwen:72b", 41],
    ["qwen:110b", 63],
    ["orca-mini:3b", 2],
    ["orca-mini:7b", 3.8],
    ["orca-mini:13b", 7.4],
    ["orca-mini:70b", 39],
    ["phi:2.7b", 1.6],
    ["smollm:135m", 0.092],
    ["smollm:360m", 0.229],
    ["smollm:1.7b", 0.991],
    ["deepseek-coder-v2:16b", 8.9],
    ["deepseek-coder-v2:236b", 133],
    ["deepseek-v3:671b", 404],
    ["deepseek-r1:671b", 404],
    ["llama3.2-vision:11b", 7.8],
    ["llama3.2-vision:90b", 55],
    ["minicpm-v:8b", 5.5],
    ["falcon3:1b", 1.8],
    ["gemma3n:e2b", 5.6],
    ["gemma3n:e4b", 7.5],
    ["deepseek-llm:7b", 4],
    ["deepseek-llm:67b", 38],
    ["falcon3:3b", 2],
    ["falcon3:7b", 4.6],
    ["falcon3:10b", 6.3],
    ["granite3.1-moe:1b", 1.4],
    ["granite3.1-moe:3b", 2],
    ["cogito:3b", 2.2],
    ["cogito:8b", 4.9],
    ["cogito:14b", 9],
    ["cogito:32b", 20],
    ["cogito:70b", 43],
    ["llava-llama3:8b", 5.5],
    ["qwen3-vl:2b", 1.9],
    ["qwen3-vl:4b", 3.3],
    ["qwen3-vl:8b", 6.1],
    ["qwen3-vl:30b", 20],
    ["qwen3-vl:32b", 21],
  ];
  for (const [name, gigabytes] of files) {
    it(`of ${name} is not below the size of its file, and not far above`, () => {
      const weights = modelMemory(known(name), ONE_REQUEST).weights / 1e9;
      assert.ok(weights >= 0.98 * gigabytes && weights <= 1.12 * gigabytes, `${weights} for ${gigabytes}`);
    });
  }

  it("counts embeddings of more bits than the quantisation has, in every file of the model", () => {
    const weights = (name: string) => modelMemory(known(name), ONE_REQUEST).weights;
    const without = (name: string) => modelMemory({ ...known(name), embeddingBits: undefined }, ONE_REQUEST).weights;
    assert.ok(weights("gemma:2b") > without("gemma:2b"));
    // 1.3 GB as Ollama's library lists it.
    assert.ok(weights("gemma:2b-instruct-q2_k") >= 1.3e9);
    // Where the quantisation has as many bits, the embeddings are counted with those, without the margin for the rest.
    assert.ok(weights("gemma:2b-instruct-q8_0") >= 2.51e9 * (8.5 / 8));
    assert.ok(weights("gemma:2b-instruct-fp16") >= 2.51e9 * 2);
  });

  it("counts what an image takes beside the file", () => {
    const graph = (model: CatalogueModel) => modelMemory(model, ONE_REQUEST).graph;
    for (const [name, gibibytes] of [
      ["llama3.2-vision:11b", 2.8 + 400.25 / 1024],
      ["llama3.2-vision:90b-instruct-q8_0", 2.8 + 1000.625 / 1024],
    ] as const)
      assertNear(
        (graph(known(name)) - graph({ ...known(name), imageBytes: undefined })) / GIB,
        gibibytes,
        0.001,
        "an image",
      );
  });

  it("doubles its cache with the context and with the parallel requests, and halves it with one byte per number", () => {
    const model = known("llama3.1:8b");
    const cache = (options: Parameters<typeof modelMemory>[1]) => modelMemory(model, options).kvCache;
    const one = cache(ONE_REQUEST);
    assert.equal(cache({ contextLength: 8192, parallelRequests: 1 }), 2 * one);
    assert.equal(cache({ contextLength: 4096, parallelRequests: 2 }), 2 * one);
    assert.equal(cache({ ...ONE_REQUEST, kvCacheBytes: 1 }), one / 2);
  });

  it("counts no context beyond what the model was trained for", () => {
    const model = known("llama3:8b");
    assert.deepEqual(
      modelMemory(model, { contextLength: 100_000, parallelRequests: 1 }),
      modelMemory(model, { contextLength: 8192, parallelRequests: 1 }),
    );
  });

  it("of a model that is not known is not below that of a known one with the same figures", () => {
    for (const entry of KNOWN_MODELS) {
      const { names, parametersBillions, quantization, layers, kvHeads, headSize, contextLength } = entry;
      if (parametersBillions < 6 || entry.projectorBillions > 0) continue;
      const figures = { parametersBillions, quantization, layers, kvHeads, headSize, contextLength };
      const unknown = resolveModel({ name: "example.com/a/b", ...figures });
      const total = modelMemory(known(names[0] ?? ""), ONE_REQUEST).total;
      assert.ok(modelMemory(unknown, ONE_REQUEST).total >= total * 0.99, names[0]);
    }
  });
});

const model = fc.constantFrom(...KNOWN_MODELS.map(({ names }) => known(names[0] ?? "")));
const contextLength = fc.integer({ min: 1, max: 131072 });
const parallelRequests = fc.integer({ min: 1, max: 64 });
const more = fc.integer({ min: 0, max: 50_000 });

describe("memory of any model", () => {
  it("never shrinks with a longer context, more requests, or more parameters", () => {
    fc.assert(
      fc.property(model, contextLength, parallelRequests, more, (subject, context, parallel, extra) => {
        const total = modelMemory(subject, { contextLength: context, parallelRequests: parallel }).total;
        const { parametersBillions } = subject;
        const larger = { ...subject, parametersBillions: parametersBillions + extra / 1000 };
        const options = { contextLength: context, parallelRequests: parallel };
        assert.ok(modelMemory(subject, { ...options, contextLength: context + extra }).total >= total);
        assert.ok(modelMemory(subject, { ...options, parallelRequests: parallel + (extra % 64) }).total >= total);
        assert.ok(modelMemory(larger, options).total >= total);
      }),
    );
  });

  it("on each of several GPUs never grows with their number, and is not below an even share", () => {
    fc.assert(
      fc.property(model, contextLength, fc.integer({ min: 1, max: 16 }), (subject, context, gpus) => {
        const options = { contextLength: context, parallelRequests: 1 };
        const each = memoryPerGpu(subject, options, gpus);
        assert.ok(memoryPerGpu(subject, options, gpus + 1) <= each);
        assert.ok(each * gpus >= modelMemory(subject, options).total);
      }),
    );
    assert.equal(
      memoryPerGpu(known("llama3.1:8b"), ONE_REQUEST, 1),
      modelMemory(known("llama3.1:8b"), ONE_REQUEST).total,
    );
  });
});

describe("GPUs of a replica", () => {
  const fits = (name: string, memoryGiB: number, context: number, loadedModels = 2, gpus = 1) =>
    // Two loaded models are one model twice at least: the second is tiny here, so that the share alone decides.
    fitsGpus(
      {
        models:
          loadedModels > 1
            ? [known(name), { ...known(name), parametersBillions: 1e-9, layers: 1, kvHeads: 1 }]
            : [known(name)],
        gpu: { memoryGiB },
        contextLength: context,
        parallelRequests: 1,
        loadedModels,
      },
      gpus,
    );

  it("hold what published experience says they hold", () => {
    assert.ok(fits("llama3.1:8b", 16, 32768, 1));
    assert.ok(fits("llama2:13b-q4_k_m", 16, 4096, 1));
    assert.ok(fits("qwen2.5:32b", 24, 4096, 1));
    assert.ok(!fits("qwen2.5:32b", 24, 4096, 2), "only alone");
    assert.ok(fits("llama3.1:8b", 10, 8192, 1));
    assert.ok(fits("qwen2.5:32b", 40, 32768, 1));
    assert.ok(fits("llama3.1:70b", 80, 4096, 1));
    assert.ok(fits("llama3.1:70b", 40, 4096, 1, 2));
    assert.ok(!fits("llama3.1:70b", 40, 4096, 1));
  });

  it("are the fewest that hold every model", () => {
    const gpu = { memoryGiB: 24 };
    const models = [known("llama3.1:8b"), known("llama3.1:70b")];
    const gpus = gpusNeeded({ models, gpu, ...ONE_REQUEST });
    assert.equal(gpus, 2);
    assert.ok(!fitsGpus({ models, gpu, ...ONE_REQUEST }, 1));
  });

  it("are no more than a node has, and a MIG slice is used alone", () => {
    const models = [known("llama3.1:70b")];
    assert.equal(gpusNeeded({ models, gpu: { memoryGiB: 24, countPerNode: 1 }, ...ONE_REQUEST }), undefined);
    const slice = { memoryGiB: 40, countPerNode: 7, resource: "nvidia.com/mig-3g.40gb" };
    assert.equal(gpusNeeded({ models, gpu: slice, ...ONE_REQUEST }), undefined);
    assert.equal(gpusNeeded({ models, gpu: { ...slice, resource: "nvidia.com/gpu" }, ...ONE_REQUEST }), 2);
  });

  it("hold the largest context and the most requests that are named, and not one more", () => {
    const memoryGiB = fc.integer({ min: 4, max: 96 });
    fc.assert(
      fc.property(model, memoryGiB, contextLength, fc.integer({ min: 1, max: 4 }), (subject, memory, context, gpus) => {
        const demand = { models: [subject], gpu: { memoryGiB: memory }, contextLength: context, parallelRequests: 1 };
        const longest = largestContextLength(demand, gpus);
        assert.equal(fitsGpus({ ...demand, contextLength: Math.max(1, longest) }, gpus), longest > 0);
        if (longest < subject.contextLength) assert.ok(!fitsGpus({ ...demand, contextLength: longest + 1 }, gpus));
        const most = largestParallelRequests(demand, gpus);
        assert.equal(fitsGpus({ ...demand, parallelRequests: Math.max(1, most) }, gpus), most > 0);
        if (most < 256) assert.ok(!fitsGpus({ ...demand, parallelRequests: most + 1 }, gpus));
      }),
    );
  });
});

describe("resources of a server", () => {
  it("are those of the largest model by number, not by spelling", () => {
    const [small, large] = [known("llama3.1:8b"), known("llama3.1:70b")];
    const both = serverResources({ models: [large, small], ...ONE_REQUEST });
    assert.deepEqual(both, serverResources({ models: [small, large], ...ONE_REQUEST }));
    assert.equal(both.cpuMillis, serverResources({ models: [large], ...ONE_REQUEST }).cpuMillis);
    assert.ok(both.memoryBytes > serverResources({ models: [small], ...ONE_REQUEST }).memoryBytes);
  });

  it("leave room for the files of models that are loaded in turn, which stay in the page cache and count as used", () => {
    const models = [known("llama3.1:8b"), known("mistral-nemo:12b")];
    const [files, loaded] = [
      models.reduce((sum, model) => sum + modelMemory(model, ONE_REQUEST).weights, 0),
      Math.max(...models.map((model) => modelMemory(model, ONE_REQUEST).total)) - GPU_OVERHEAD_BYTES,
    ];
    const inTurn = serverResources({ models, ...ONE_REQUEST }).memoryBytes;
    assert.ok(inTurn > 12 * GIB);
    assert.ok(inTurn >= files + loaded);
    // Both loaded at once need no room for turns.
    const together = serverResources({ models, ...ONE_REQUEST, loadedModels: 2 }).memoryBytes;
    assert.ok(together > loaded && together < inTurn + loaded);
  });

  it("hold the whole model in memory when the CPU serves", () => {
    const subject = known("llama3.1:8b");
    const { cpuMillis, memoryBytes, gpus } = serverResources({ models: [subject], ...ONE_REQUEST });
    const { total, overhead } = modelMemory(subject, ONE_REQUEST);
    assert.ok(memoryBytes >= total - overhead);
    assert.deepEqual([cpuMillis, gpus], [9000, 0]);
  });

  it("have the fewest GPUs, and a core for each further one", () => {
    const demand = { models: [known("llama3.1:70b")], gpu: { memoryGiB: 24 }, ...ONE_REQUEST };
    const { cpuMillis, gpus } = serverResources(demand);
    assert.deepEqual([cpuMillis, gpus], [3000, 2]);
  });

  it("name the most GPUs there are when none hold the model, so that the refusal can tell", () => {
    const demand = { models: [known("llama3.1:70b")], gpu: { memoryGiB: 10, countPerNode: 1 }, ...ONE_REQUEST };
    assert.equal(serverResources(demand).gpus, 1);
    assert.equal(gpusNeeded(demand), undefined);
  });

  it("need a model", () => {
    assert.throws(() => serverResources({ models: [], ...ONE_REQUEST }), RangeError);
  });

  it("are whole amounts that never shrink with context or requests", () => {
    fc.assert(
      fc.property(
        model,
        contextLength,
        parallelRequests,
        more,
        fc.boolean(),
        (subject, context, parallel, extra, onGpu) => {
          const gpu = onGpu ? { memoryGiB: 80 } : undefined;
          const at = (longer: number, further: number) =>
            serverResources({
              models: [subject],
              gpu,
              contextLength: context + longer,
              parallelRequests: parallel + further,
            });
          const base = at(0, 0);
          for (const amount of Object.values(base)) assert.ok(Number.isSafeInteger(amount) && amount >= 0);
          for (const larger of [at(extra, 0), at(0, extra % 64)]) {
            assert.ok(larger.memoryBytes >= base.memoryBytes && larger.gpus >= base.gpus);
            assert.ok(larger.cpuMillis >= base.cpuMillis);
          }
        },
      ),
    );
  });
});

describe("replicas for people at work", () => {
  it("answer those who wait at the same moment", () => {
    assert.equal(replicasForUsers(40, 4), 3);
    assert.equal(replicasForUsers(40, 4, 1), 10);
    assert.equal(replicasForUsers(0, 4), 1);
  });

  it("refuse what is not a number of people", () => {
    for (const [users, parallel, share] of [
      [-1, 1, 1],
      [NaN, 1, 1],
      [1, 0, 1],
      [1, 1, 0],
      [1, 1, 1.1],
    ] as const) {
      assert.throws(() => replicasForUsers(users, parallel, share), RangeError);
    }
  });
});
