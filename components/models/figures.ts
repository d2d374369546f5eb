/** What sizing needs to know of a model. */
export interface ModelFigures {
  /** Parameters in billions, all experts included. */
  parametersBillions: number;
  /** Quantisation of the file, as `quantization.ts` spells it. */
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
  /** Parameters in billions of what stays in 16 bits: the image encoder, embeddings of Gemma 3n, and all of gpt-oss that is no expert. */
  projectorBillions: number;
  /** Bits of each number in the tokens' embeddings, where the file keeps them at more than its quantisation has. */
  embeddingBits?: number;
  /** Bytes that an image takes while it is answered for, beside the file: the encoder's buffers and a cache of its own. Default: none. */
  imageBytes?: number;
  /** Whether the model computes embeddings only. */
  embedding: boolean;
}
