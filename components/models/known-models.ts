/**
 * Figures of common public models, so that a catalogue entry can be just a name.
 *
 * The shape (layers, heads, sizes, vocabulary, context) is that of the `config.json` in the named repository; the
 * number of parameters is that of its weight files; names and default quantisations are those of Ollama's library.
 * A default tag may move on upstream: an entry of the catalogue overrides any figure.
 */

import { FAMILIES } from "./known/families";
import { FURTHER } from "./known/further";
import type { KnownModel } from "./known/model";
import { OTHERS } from "./known/others";

export type { KnownModel } from "./known/model";

/** Every known model. */
export const KNOWN_MODELS: readonly KnownModel[] = [...FAMILIES, ...OTHERS, ...FURTHER];
