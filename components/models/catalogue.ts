/**
 * The model catalogue: every entry completed with the figures that sizing needs, from the entry itself or from the
 * table of known models. A model that is in neither is refused, because its memory cannot be computed.
 */
import type { ModelSpec } from "../spec/index";
import { KNOWN_MODELS, type KnownModel } from "./known-models";
import { ModelNameError, parseModelName, type ModelName } from "./names";
import { BITS_PER_WEIGHT, DEFAULT_QUANTIZATION, normalizeQuantization } from "./quantization";

/** A catalogue entry with every figure filled in. */
export interface CatalogueModel {
  /** The resolved name. */
  name: ModelName;
  /** Parameters in billions. */
  parametersBillions: number;
  /** Quantisation, as `quantization.ts` spells it. */
  quantization: string;
  /** Layers (transformer blocks). */
  layers: number;
  /** Attention heads. */
  heads: number;
  /** Key/value heads. */
  kvHeads: number;
  /** Size of one attention head. */
  headSize: number;
  /** Length of one token's embedding. */
  embeddingLength: number;
  /** Size of the vocabulary in tokens. */
  vocabulary: number;
  /** Longest context the model was trained for, in tokens. */
  contextLength: number;
  /** Parameters in billions that stay in 16 bits (image encoder). */
  projectorBillions: number;
  /** Whether the model computes embeddings only. */
  embedding: boolean;
  /** Digest of the manifest, when the entry pins it. */
  digest?: string;
  /** Registry reference to pull from. */
  source: string;
  /** Where the figures come from, for people. */
  figuresFrom: string;
}

/** Everything that is wrong with one catalogue entry. */
export class CatalogueError extends Error {
  /** @param faults One sentence per fault, each with the entry, the value and what to do. */
  constructor(readonly faults: string[]) {
    super(faults.join("\n"));
    this.name = "CatalogueError";
  }
}

/** A tag that names a size and a quantisation, for example `8b-instruct-q4_k_m`. */
const QUANTIZED_TAG =
  /^(?<size>(?:\d+x)?\d+(?:\.\d+)?[bm])(?:-(?:instruct|chat|it|text|base))?-(?<quantization>[a-z0-9_]+)$/;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Largest vocabulary of the known models: the safe assumption for one that is not known. */
const LARGEST_VOCABULARY = Math.max(...KNOWN_MODELS.map(({ vocabulary }) => vocabulary));

const KNOWN_BY_NAME = new Map(
  KNOWN_MODELS.flatMap((known) => known.names.map((name) => [parseModelName(name).canonical, known] as const)),
);

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
 * @throws CatalogueError with every fault: a bad name, missing figures, impossible values.
 */
export function resolveModel(spec: ModelSpec): CatalogueModel {
  const name = readName(spec.name);
  const known = findKnown(name);
  const faults: string[] = [];
  const fault = (problem: string): void => void faults.push(`${JSON.stringify(spec.name)}: ${problem}`);

  const missing = FIGURES.filter(({ key }) => spec[key] === undefined && known === undefined);
  if (missing.length > 0) {
    const keys = missing.map(({ key, example }) => `${key} (for example ${example})`).join(", ");
    fault(`is not in the table of known models, so its memory cannot be computed: add ${keys}`);
  }
  for (const { key, whole } of FIGURES) {
    const value = spec[key];
    if (value !== undefined && !(Number.isFinite(value) && value > 0 && (!whole || Number.isInteger(value)))) {
      fault(`${key} ${value} is not possible: write a ${whole ? "whole number" : "number"} above 0`);
    }
  }
  const quantization = readQuantization(spec, known, fault);
  if (spec.digest !== undefined && !DIGEST.test(spec.digest)) {
    fault(`digest ${JSON.stringify(spec.digest)} is not one: write sha256: and 64 hexadecimal digits in lower case`);
  }
  if (spec.source !== undefined && !/^\S+$/.test(spec.source)) {
    fault(`source ${JSON.stringify(spec.source)} is not a registry reference: write [host/]namespace/model:tag`);
  }
  if (faults.length > 0) {
    throw new CatalogueError(faults);
  }
  const figures = Object.fromEntries(FIGURES.map(({ key }) => [key, spec[key] ?? known?.[key]])) as Record<
    Figure,
    number
  >;
  const { heads, embeddingLength, vocabulary, projectorBillions, embedding } = known ?? estimateShape(figures);
  return {
    name,
    ...figures,
    quantization,
    heads,
    embeddingLength,
    vocabulary,
    projectorBillions,
    embedding,
    digest: spec.digest,
    source: spec.source ?? name.reference,
    figuresFrom: known ? `config.json of ${known.source}` : "the catalogue entry",
  };
}

/**
 * Completes a catalogue.
 *
 * @param specs The entries.
 * @returns The completed entries by canonical name, in their order, and every fault of all entries; an entry with a
 * fault is left out.
 */
export function resolveCatalogue(specs: ModelSpec[]): { models: Map<string, CatalogueModel>; faults: string[] } {
  const models = new Map<string, CatalogueModel>();
  const faults: string[] = [];
  const firstSpelling = new Map<string, string>();
  for (const spec of specs) {
    try {
      const { canonical } = readName(spec.name);
      const first = firstSpelling.get(canonical);
      if (first !== undefined) {
        faults.push(
          `${JSON.stringify(spec.name)}: is the same model as ${JSON.stringify(first)} (${canonical}): keep one`,
        );
        continue;
      }
      firstSpelling.set(canonical, spec.name);
      models.set(canonical, resolveModel(spec));
    } catch (error) {
      if (!(error instanceof CatalogueError)) throw error;
      faults.push(...error.faults);
    }
  }
  return { models, faults };
}

function readName(raw: string): ModelName {
  try {
    return parseModelName(raw);
  } catch (error) {
    if (!(error instanceof ModelNameError)) throw error;
    throw new CatalogueError([error.message]);
  }
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

function readQuantization(spec: ModelSpec, known: KnownModel | undefined, fault: (problem: string) => void): string {
  if (spec.quantization === undefined) {
    return known?.quantization ?? DEFAULT_QUANTIZATION;
  }
  const quantization = normalizeQuantization(spec.quantization);
  if (quantization === undefined) {
    const allowed = [...BITS_PER_WEIGHT.keys()].join(", ");
    fault(`quantization ${JSON.stringify(spec.quantization)} is not known: write one of ${allowed}`);
  }
  return quantization ?? DEFAULT_QUANTIZATION;
}

/**
 * Shape of a model that is not known, for the compute graph only. A transformer has about 12 x layers x embedding^2
 * parameters outside its embeddings, so the estimate errs to the large side, most of all for mixtures of experts.
 */
function estimateShape(
  figures: Record<Figure, number>,
): Pick<CatalogueModel, "heads" | "embeddingLength" | "vocabulary" | "projectorBillions" | "embedding"> {
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
