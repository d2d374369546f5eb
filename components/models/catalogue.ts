import type { Integer, ModelReference } from "../spec/forms";

/**
 * The model catalogue: every entry completed with the figures that sizing needs, from the entry itself or from the
 * table of known models. A model that is in neither is refused, because its memory cannot be computed.
 */
import type { ModelFigures } from "./figures";
import { KNOWN_MODELS, type KnownModel } from "./known-models";
import { parseModelName, type ModelName } from "./names";
import type { Problem } from "./problem";
import { BITS_PER_WEIGHT, DEFAULT_QUANTIZATION, normalizeQuantization } from "./quantization";

/** A model of the catalogue. */
export interface ModelSpec {
  /**
   * Name as Ollama resolves it, for example `llama3.1:8b`; two names that resolve to one model are refused.
   * @examples ["llama3.1:8b"]
   */
  name: ModelReference;
  /**
   * Number of parameters in billions, for example `8.03`. Default: from the built-in table when the model is known.
   * @exclusiveMinimum 0 @maximum 100000 @examples [8.03]
   */
  parametersBillions?: number;
  /**
   * Quantisation, for example `Q4_K_M`. Default: from the built-in table, else `Q4_K_M`.
   * @minLength 1 @maxLength 32 @pattern ^[A-Za-z0-9_]+$
   * @patternErrorMessage the name of a quantisation, for example `Q4_K_M`, `Q8_0` or `F16`
   * @examples ["Q4_K_M"]
   */
  quantization?: string;
  /**
   * Number of layers (transformer blocks). Default: from the built-in table.
   * @minimum 1 @maximum 10000 @examples [32]
   */
  layers?: Integer;
  /**
   * Number of key/value heads. Default: from the built-in table.
   * @minimum 1 @maximum 10000 @examples [8]
   */
  kvHeads?: Integer;
  /**
   * Size of one attention head. Default: from the built-in table.
   * @minimum 1 @maximum 65536 @examples [128]
   */
  headSize?: Integer;
  /**
   * Longest context the model was trained for, in tokens. Default: from the built-in table.
   * @minimum 1 @maximum 100000000 @examples [131072]
   */
  contextLength?: Integer;
  /**
   * Digest of the model's manifest, `sha256:` and 64 hexadecimal digits. Default: not pinned.
   * @pattern ^sha256:[0-9a-f]{64}$
   * @patternErrorMessage `sha256:` and 64 hexadecimal digits
   * @examples ["sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"]
   */
  digest?: string;
  /**
   * Registry reference to pull from when it differs from the name. Default: the name itself.
   * @minLength 1 @maxLength 600
   * @pattern ^[A-Za-z0-9_][A-Za-z0-9_.:/@-]*$
   * @patternErrorMessage a registry reference without scheme, for example `registry.example.com/models/llama3.1:8b`
   * @examples ["registry.example.com/models/llama3.1:8b"]
   */
  source?: string;
}

/** A catalogue entry with every figure filled in. */
export interface CatalogueModel extends ModelFigures {
  /** The resolved name. */
  name: ModelName;
  /** Digest of the manifest, when the entry pins it. */
  digest?: string;
  /** Registry reference to pull from. */
  source: string;
  /** Where the figures come from, for people. */
  figuresFrom: string;
}

/** What is wrong with one catalogue entry. */
export interface ModelFault extends Problem {
  /** Key of the entry; absent for the entry as a whole. */
  key?: keyof ModelSpec;
  value?: unknown;
}

/** Everything that is wrong with one catalogue entry. */
export class CatalogueError extends Error {
  /**
   * @param model Name of the entry.
   * @param faults At least one.
   */
  constructor(
    model: string,
    readonly faults: ModelFault[],
  ) {
    super(faults.map((fault) => formatModelFault(model, fault)).join("\n"));
    this.name = "CatalogueError";
  }
}

/** One line for a fault of an entry. */
export function formatModelFault(model: string, { key, problem, fix }: ModelFault): string {
  return [JSON.stringify(model), key, problem].filter((part) => part !== undefined).join(" ") + `: ${fix}`;
}

/** A tag that names a size and a quantisation, for example `8b-instruct-q4_k_m`. */
const QUANTIZED_TAG =
  /^(?<size>(?:\d+x)?\d+(?:\.\d+)?[bm])(?:-(?:instruct|chat|it|text|base))?-(?<quantization>[a-z0-9_]+)$/;

/** A registry reference as the loader reads it: `[host[:port]/]path[:tag][@sha256:...]`. */
const SOURCE =
  /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*(?::[0-9]+)?\/)?[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]*)?(?:@sha256:[0-9a-f]{64})?$/;

/** Largest vocabulary of the known models: the safe assumption for one that is not known. */
const LARGEST_VOCABULARY = Math.max(...KNOWN_MODELS.map(({ vocabulary }) => vocabulary));

const KNOWN_BY_NAME = new Map(
  KNOWN_MODELS.flatMap((known) => known.names.map((name) => [parseModelName(name).canonical, known] as const)),
);

/** Figures that no entry gives. */
type Shape = Omit<ModelFigures, Figure | "quantization">;
type Figure = "parametersBillions" | "layers" | "kvHeads" | "headSize" | "contextLength";
const FIGURES: { key: Figure; whole: boolean; example: string }[] = [
  { key: "parametersBillions", whole: false, example: "8.03" },
  { key: "layers", whole: true, example: "32" },
  { key: "kvHeads", whole: true, example: "8" },
  { key: "headSize", whole: true, example: "128" },
  { key: "contextLength", whole: true, example: "131072" },
];

/**
 * Completes one catalogue entry.
 *
 * @param spec The entry. What it says wins over the table of known models.
 * @returns The entry with every figure.
 * @throws ModelNameError for a bad name.
 * @throws CatalogueError with every other fault: missing figures, impossible values.
 */
export function resolveModel(spec: ModelSpec): CatalogueModel {
  const name = parseModelName(spec.name);
  const known = findKnown(name);
  const faults = [
    ...missingFigures(spec, known),
    ...impossibleFigures(spec),
    ...faultsOfQuantization(spec),
    ...faultsOfSource(spec),
  ];
  if (faults.length > 0) {
    throw new CatalogueError(spec.name, faults);
  }
  const figures = Object.fromEntries(FIGURES.map(({ key }) => [key, spec[key] ?? known?.[key]])) as Record<
    Figure,
    number
  >;
  const shape: Shape = known ?? estimateShape(figures);
  const { heads, embeddingLength, vocabulary, projectorBillions, embeddingBits, imageBytes, embedding } = shape;
  return {
    name,
    ...figures,
    quantization: normalizeQuantization(spec.quantization ?? "") ?? known?.quantization ?? DEFAULT_QUANTIZATION,
    heads,
    embeddingLength,
    vocabulary,
    projectorBillions,
    ...(embeddingBits === undefined ? {} : { embeddingBits }),
    ...(imageBytes === undefined ? {} : { imageBytes }),
    embedding,
    digest: spec.digest,
    source: spec.source ?? name.reference,
    figuresFrom: known ? `config.json of ${known.source}` : "the catalogue entry",
  };
}

function missingFigures(spec: ModelSpec, known: KnownModel | undefined): ModelFault[] {
  const missing = FIGURES.filter(({ key }) => spec[key] === undefined && known === undefined);
  if (missing.length === 0) return [];
  const keys = missing.map(({ key, example }) => `\`${key}\` (for example ${example})`).join(", ");
  return [
    {
      problem: "is not in the table of known models, so its memory cannot be computed",
      allowed: "a known model, or one with its figures",
      fix: `add ${keys}`,
    },
  ];
}

function impossibleFigures(spec: ModelSpec): ModelFault[] {
  return FIGURES.flatMap(({ key, whole }) => {
    const value = spec[key];
    if (value === undefined || (Number.isFinite(value) && value > 0 && (!whole || Number.isInteger(value)))) return [];
    return [{ key, value, problem: "is not possible", fix: `write a ${whole ? "whole number" : "number"} above 0` }];
  });
}

function faultsOfQuantization({ quantization }: ModelSpec): ModelFault[] {
  if (quantization === undefined || normalizeQuantization(quantization) !== undefined) return [];
  const allowed = [...BITS_PER_WEIGHT.keys()].map((name) => `\`${name}\``).join(", ");
  const fix = "write the quantisation that the model's files have";
  return [{ key: "quantization", value: quantization, problem: "is not a quantisation that is known", allowed, fix }];
}

function faultsOfSource({ source }: ModelSpec): ModelFault[] {
  if (source === undefined || SOURCE.test(source)) return [];
  const allowed = "a registry reference without scheme, for example `registry.example.com/models/llama3.1:8b`";
  const [, scheme, rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)(.*)$/.exec(source) ?? [];
  return [
    scheme === undefined
      ? {
          key: "source",
          value: source,
          problem: "is not a registry reference",
          allowed,
          fix: "write `[host/]namespace/model:tag`",
        }
      : {
          key: "source",
          value: source,
          problem: `begins with \`${scheme}\`, and a reference has no scheme`,
          allowed,
          fix: SOURCE.test(rest)
            ? `write \`${rest}\`; a registry is asked by plain HTTP with \`plainHttp\` of the model store`
            : "write the reference without it",
        },
  ];
}

/**
 * Completes a catalogue without faults.
 *
 * @param specs The entries; no two of them are one model.
 * @returns The completed entries by canonical name, in the order of the names.
 */
export function resolveCatalogue(specs: readonly ModelSpec[]): Map<string, CatalogueModel> {
  const models = specs.map(resolveModel).sort((a, b) => (a.name.canonical < b.name.canonical ? -1 : 1));
  return new Map(models.map((model) => [model.name.canonical, model]));
}

/** The known model of that very name, or of its size when the tag adds a quantisation. */
function findKnown(name: ModelName): KnownModel | undefined {
  const exact = KNOWN_BY_NAME.get(name.canonical);
  if (exact !== undefined) return exact;
  const { size, quantization } = QUANTIZED_TAG.exec(name.tag)?.groups ?? {};
  const normalized = normalizeQuantization(quantization ?? "");
  if (size === undefined || normalized === undefined) return undefined;
  const known = KNOWN_BY_NAME.get(`${name.host}/${name.namespace}/${name.model}:${size}`);
  return known && { ...known, quantization: normalized };
}

/**
 * Shape of a model that is not known, for the compute graph only. A transformer has about 12 x layers x embedding^2
 * parameters outside its embeddings, so the estimate errs to the large side, most of all for mixtures of experts.
 */
function estimateShape(figures: Record<Figure, number>): Shape {
  const embeddingLength = Math.ceil(Math.sqrt((figures.parametersBillions * 1e9) / (12 * figures.layers)));
  // A multiple of the block size of k-quants, because nearly every model has one.
  const rounded = Math.ceil(embeddingLength / 256) * 256;
  return {
    heads: Math.max(figures.kvHeads, Math.ceil(rounded / figures.headSize)),
    embeddingLength: rounded,
    vocabulary: LARGEST_VOCABULARY,
    projectorBillions: 0,
    embedding: false,
  };
}
