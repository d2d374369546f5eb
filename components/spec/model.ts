/** A model of the catalogue. */
export interface ModelSpec {
  /** Name as Ollama resolves it, for example `llama3.1:8b`; two names that resolve to one model are refused. */
  name: string;
  /** Number of parameters in billions, for example `8.03`. Default: from the built-in table when the model is known. */
  parametersBillions?: number;
  /** Quantisation, for example `Q4_K_M`. Default: from the built-in table, else `Q4_K_M`. */
  quantization?: string;
  /** Number of layers (transformer blocks). Default: from the built-in table. */
  layers?: number;
  /** Number of key/value heads. Default: from the built-in table. */
  kvHeads?: number;
  /** Size of one attention head. Default: from the built-in table. */
  headSize?: number;
  /** Longest context the model was trained for, in tokens. Default: from the built-in table. */
  contextLength?: number;
  /** Digest of the model's manifest, `sha256:` and 64 hexadecimal digits. Default: not pinned. */
  digest?: string;
  /** Registry reference to pull from when it differs from the name. Default: the name itself. */
  source?: string;
}
