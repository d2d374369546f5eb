/**
 * The flags of the size command. Every fault of the command line is collected, so that one run tells them all.
 */
import { KV_CACHE_BYTES } from "../../components/models/memory";
import { parseArgs } from "node:util";
import type { ModelSpec } from "../../components/spec/index";
import type { GpuShape } from "../../components/models/sizing";
import { ArgumentsError } from "../arguments-error";

/** What is to be sized. */
export interface SizeArguments {
  models: ModelSpec[];
  /** People at work at the same time; absent when replicas are not asked for. */
  users?: number;
  activeShare: number;
  contextLength: number;
  parallelRequests: number;
  kvCacheBytes: number;
  /** Absent for serving on the CPU. */
  gpu?: GpuShape;
  json: boolean;
}

export const USAGE = `Usage: npm run size -- --model NAME [--model NAME ...] [flags]

  --model NAME            model to serve, as Ollama names it; repeat for several
  --users N               people at work at the same time: prints the replicas
  --active-share S        share of them who wait for an answer at once (default 0.25)
  --context N             context length in tokens (default 4096)
  --parallel N            requests that one replica answers at a time (default 1)
  --kv-cache TYPE         f16 (default), q8_0 or q4_0
  --gpu-memory GIB        memory of one GPU or MIG slice (default: the CPU serves)
  --gpus-per-node N       GPUs on one node (default 16)
  --gpu-resource NAME     extended resource, for example nvidia.com/mig-1g.10gb
  --json                  figures as JSON

For a model that the built-in table does not know, or to overrule it (one --model):
  --parameters BILLIONS --layers N --kv-heads N --head-size N --max-context N --quantization NAME`;

const TEXT = { type: "string" } as const;
const OPTIONS = {
  model: { type: "string", multiple: true },
  users: TEXT,
  "active-share": TEXT,
  context: TEXT,
  parallel: TEXT,
  "kv-cache": TEXT,
  "gpu-memory": TEXT,
  "gpus-per-node": TEXT,
  "gpu-resource": TEXT,
  json: { type: "boolean" },
  parameters: TEXT,
  layers: TEXT,
  "kv-heads": TEXT,
  "head-size": TEXT,
  "max-context": TEXT,
  quantization: TEXT,
} as const;

type OptionName = keyof typeof OPTIONS;

/**
 * Reads the command line.
 *
 * @param argv Arguments after the program's name.
 * @throws ArgumentsError with every fault.
 */
export function parseArguments(argv: string[]): SizeArguments {
  const faults: string[] = [];
  const values = readValues(argv, faults);
  const text = (name: OptionName): string | undefined => values.get(name)?.at(-1);
  const number = (name: OptionName, bounds: Bounds): number | undefined => readNumber(name, text(name), bounds, faults);

  const names = values.get("model") ?? [];
  if (names.length === 0) faults.push("--model is missing: name a model, for example --model llama3.1:8b");
  const figures = {
    parametersBillions: number("parameters", { above: 0 }),
    layers: number("layers", COUNT),
    kvHeads: number("kv-heads", COUNT),
    headSize: number("head-size", COUNT),
    contextLength: number("max-context", COUNT),
    quantization: text("quantization"),
  };
  if (names.length > 1 && Object.values(figures).some((value) => value !== undefined)) {
    faults.push("figures of a model are given for several models: size that model alone");
  }
  const kvCacheBytes = KV_CACHE_BYTES.get(text("kv-cache") ?? "f16");
  if (kvCacheBytes === undefined) {
    faults.push(`--kv-cache ${JSON.stringify(text("kv-cache"))}: write ${[...KV_CACHE_BYTES.keys()].join(", ")}`);
  }
  const memoryGiB = number("gpu-memory", { above: 0 });
  const countPerNode = number("gpus-per-node", { ...COUNT, most: 64 });
  const resource = text("gpu-resource");
  if (text("gpu-memory") === undefined && (countPerNode !== undefined || resource !== undefined)) {
    faults.push("--gpus-per-node and --gpu-resource need --gpu-memory: give the memory of one GPU in GiB");
  }
  const result: SizeArguments = {
    models: names.map((name) => ({ name, ...figures })),
    users: number("users", { least: 0, whole: true, most: 1e9 }),
    activeShare: number("active-share", { above: 0, most: 1 }) ?? 0.25,
    contextLength: number("context", { ...COUNT, most: 1e8 }) ?? 4096,
    parallelRequests: number("parallel", { ...COUNT, most: 256 }) ?? 1,
    kvCacheBytes: kvCacheBytes ?? 2,
    gpu: memoryGiB === undefined ? undefined : { memoryGiB, countPerNode, resource },
    json: values.has("json"),
  };
  if (faults.length > 0) throw new ArgumentsError(faults);
  return result;
}

/** All values of every flag, in order. */
function readValues(argv: string[], faults: string[]): Map<OptionName, string[]> {
  const values = new Map<OptionName, string[]>();
  const { tokens } = parseArgs({ args: argv, options: OPTIONS, strict: false, tokens: true, allowPositionals: true });
  for (const token of tokens) {
    if (token.kind === "positional") {
      faults.push(`${JSON.stringify(token.value)} belongs to no flag: remove it, or write the flag before it`);
    }
    if (token.kind !== "option") continue;
    if (!isOption(token.name)) {
      faults.push(`${token.rawName} is not a flag: the flags are ${flagList()}`);
    } else if (OPTIONS[token.name].type === "boolean") {
      if (token.value !== undefined) faults.push(`${token.rawName} takes no value: leave ${token.value} out`);
      values.set(token.name, [""]);
    } else if (token.value === undefined || token.value.startsWith("--")) {
      faults.push(`${token.rawName} needs a value`);
    } else {
      const previous = values.get(token.name) ?? [];
      if (previous.length > 0 && token.name !== "model") faults.push(`${token.rawName} is given twice: keep one`);
      values.set(token.name, [...previous, token.value]);
    }
  }
  return values;
}

function isOption(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

function flagList(): string {
  return Object.keys(OPTIONS)
    .map((name) => `--${name}`)
    .join(", ");
}

interface Bounds {
  above?: number;
  least?: number;
  most?: number;
  whole?: boolean;
}

const COUNT: Bounds = { least: 1, whole: true };

function readNumber(name: OptionName, text: string | undefined, bounds: Bounds, faults: string[]): number | undefined {
  if (text === undefined) return undefined;
  const { above, least, most = Number.MAX_SAFE_INTEGER, whole = false } = bounds;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  const isAllowed =
    value <= most &&
    (above === undefined || value > above) &&
    (least === undefined || value >= least) &&
    (!whole || Number.isInteger(value));
  if (isAllowed) return value;
  const low = above !== undefined ? `above ${above}` : `from ${least}`;
  const high = most === Number.MAX_SAFE_INTEGER ? "" : ` up to ${most}`;
  faults.push(`--${name} ${JSON.stringify(text)}: write a ${whole ? "whole number" : "number"} ${low}${high}`);
  return undefined;
}
