import type { ModelFigures } from "../figures";

/** Figures of a public model. */
export interface KnownModel extends ModelFigures {
  /** Names in Ollama's library, without the default tag's alias; the quantisation is that of the file that they deliver. */
  names: string[];
  /** Repository whose `config.json` has the figures. */
  source: string;
}

/** parametersBillions, layers, heads, kvHeads, headSize, embeddingLength, vocabulary, contextLength */
export type Figures = [number, number, number, number, number, number, number, number];

/** Figures that few models have. */
type Extras = Partial<Pick<ModelFigures, "projectorBillions" | "embeddingBits" | "imageBytes" | "embedding">>;

/** A row of the tables: names with a blank between them. */
export function model(
  names: string,
  quantization: string,
  figures: Figures,
  source: string,
  { projectorBillions = 0, embedding = false, embeddingBits, imageBytes }: Extras = {},
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
    ...(embeddingBits === undefined ? {} : { embeddingBits }),
    ...(imageBytes === undefined ? {} : { imageBytes }),
    embedding,
    source,
  };
}

/** Marks a model that embeds. */
export const EMBEDDING = { embedding: true };

/** Marks files whose embeddings have 8 bits and a scale: llama.cpp's choice where its blocks of 256 do not divide the rows. */
export const EMBEDDINGS_Q8_0 = { embeddingBits: 8.5 };
