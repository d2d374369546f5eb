/** Figures of a public model. */
export interface KnownModel {
  /** Names in Ollama's library, without the default tag's alias. */
  names: string[];
  /** Quantisation of the file that the names deliver. */
  quantization: string;
  /** Parameters in billions, all experts included. */
  parametersBillions: number;
  layers: number;
  /** Attention heads. */
  heads: number;
  kvHeads: number;
  headSize: number;
  embeddingLength: number;
  /** Size of the vocabulary in tokens. */
  vocabulary: number;
  /** Longest context the model was trained for, in tokens. */
  contextLength: number;
  /** Parameters in billions of what stays in 16 bits: the image encoder, and all of gpt-oss that is no expert. */
  projectorBillions: number;
  /** Whether the model computes embeddings only. */
  embedding: boolean;
  /** Repository whose `config.json` has the figures. */
  source: string;
}

/** parametersBillions, layers, heads, kvHeads, headSize, embeddingLength, vocabulary, contextLength */
export type Figures = [number, number, number, number, number, number, number, number];

/** A row of the tables: names with a blank between them. */
export function model(
  names: string,
  quantization: string,
  figures: Figures,
  source: string,
  { projectorBillions = 0, embedding = false } = {},
): KnownModel {
  const [parametersBillions, layers, heads, kvHeads, headSize, embeddingLength, vocabulary, contextLength] = figures;
  return {
    names: names.split(" "),
    quantization,
    parametersBillions,
    layers,
    heads,
    kvHeads,
    headSize,
    embeddingLength,
    vocabulary,
    contextLength,
    projectorBillions,
    embedding,
    source,
  };
}

/** Marks a model that embeds. */
export const EMBEDDING = { embedding: true };
