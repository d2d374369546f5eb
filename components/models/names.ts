/**
 * Model names, resolved as the Ollama server resolves them.
 *
 * The rules are those of Ollama's `internal/modelref` and `types/model` packages: blanks are trimmed, a source suffix
 * (`:local`, `:cloud`, `-cloud`) is taken off, the rest is `[[host/]namespace/]model[:tag]` with the defaults
 * `registry.ollama.ai`, `library` and `latest`, and letters compare without case. One form that Ollama accepts is
 * refused: a name with a scheme (`https://...`), because Ollama drops the scheme and the name says something else
 * than it does. The cases are in `names.vectors.json`, which the gateway's implementation follows too.
 */

import { UnreadableError } from "./problem";

/** Registry of a name that names none. */
export const DEFAULT_HOST = "registry.ollama.ai";
/** Namespace of a name that names none. */
export const DEFAULT_NAMESPACE = "library";
/** Tag of a name that names none. */
export const DEFAULT_TAG = "latest";

/** Why a text is not the name of a model that the platform can serve. */
export const ModelNameReason = {
  /** Nothing but blanks. */
  empty: "empty",
  /** Two source suffixes, for example `x:local:cloud`. */
  conflictingSource: "conflicting-source",
  /** The model runs in Ollama's cloud, so prompts would leave the cluster. */
  cloud: "cloud",
  /** A scheme, which Ollama would drop unseen. */
  scheme: "scheme",
  /** A digest, which Ollama does not resolve. */
  digest: "digest",
  /** A part is missing, or there are more than three before the tag. */
  parts: "parts",
  /** A part is longer than Ollama allows. */
  length: "length",
  /** A character that Ollama does not allow in that part. */
  characters: "characters",
} as const;
export type ModelNameReason = (typeof ModelNameReason)[keyof typeof ModelNameReason];

/** A resolved model name. Every part is in lower case but `reference`. */
export interface ModelName {
  /** Registry, with the port if one was given. */
  host: string;
  /** Namespace in the registry. */
  namespace: string;
  /** Model. */
  model: string;
  /** Tag. */
  tag: string;
  /** `host/namespace/model:tag` in lower case: the key for every comparison, and the name that servers are asked for. */
  canonical: string;
  /** The same with the letters as they were written, for registries that tell cases apart. */
  reference: string;
}

const ALLOWED = "a model name such as `llama3.1:8b` or `registry.example.com/team/model:v1`";

/** What is wrong with a text for each reason, and what to write instead. */
const PROBLEMS: Record<ModelNameReason, (raw: string) => { problem: string; fix: string }> = {
  empty: () => ({ problem: "is empty", fix: "name a model" }),
  "conflicting-source": () => ({ problem: "has two source suffixes", fix: "leave out `:local` and `:cloud`" }),
  cloud: () => ({
    problem: "runs in Ollama's cloud, where prompts leave the cluster",
    fix: "name a model that runs here",
  }),
  scheme: () => ({
    problem: "has a scheme, which Ollama ignores",
    fix: "write the name without `://` and what is before",
  }),
  digest: () => ({
    problem: "has a digest, which Ollama does not resolve",
    fix: "write the tag, and pin the digest under `digest` of the model's entry in the catalogue",
  }),
  parts: () => ({
    problem: "has a part too many, or one that is missing",
    fix: "write `[[host/]namespace/]model[:tag]`",
  }),
  length: () => ({
    problem: "has a part that is too long",
    fix: "shorten it: a host has at most 350 characters, each other part at most 80",
  }),
  characters: (raw) => ({ problem: wrongCharacter(raw), fix: fixOfCharacters(raw) }),
};

/** Names the first character that is wrong wherever it stands, or else the one that is wrong at its place. */
function wrongCharacter(raw: string): string {
  const [foreign] = /[^A-Za-z0-9_.:/-]/u.exec(raw) ?? [];
  if (foreign !== undefined) return `has ${showCharacter(foreign)}, which no part of a model's name may have`;
  const path = raw.slice(raw.lastIndexOf("/") + 1);
  if ((path.match(/:/g) ?? []).length > 1) return "has more than one tag";
  return "has a part with a character at a place where it may not stand";
}

function showCharacter(character: string): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  if (character === " ") return "a blank";
  return /[\p{L}\p{P}\p{S}]/u.test(character) ? `the character \`${character}\`` : `the character ${code}`;
}

function fixOfCharacters(raw: string): string {
  if (raw.includes("*")) return "list each model by its own name: there are no patterns";
  const [model, tag, ...more] = raw.slice(raw.lastIndexOf("/") + 1).split(":");
  if (more.length > 0 && /^[\w.-]+$/.test(`${model}${tag}`)) return `write one tag, for example \`${model}:${tag}\``;
  return "write letters, digits and `_`, inside a part also `-` and `.` (no `.` in a namespace), and one `:` before the tag";
}

/** A text that does not name a model which the platform can serve. */
export class ModelNameError extends UnreadableError {
  /**
   * @param raw The text as it was given.
   * @param reason Why it was refused.
   */
  constructor(
    readonly raw: string,
    readonly reason: ModelNameReason,
  ) {
    super(raw, { allowed: ALLOWED, ...PROBLEMS[reason](raw) });
  }
}

/** The canonical form of a name; undefined for a text that is not one. */
export function canonicalName(text: string): string | undefined {
  try {
    return parseModelName(text).canonical;
  } catch (error) {
    if (!(error instanceof ModelNameError)) throw error;
    return undefined;
  }
}

/** The characters that Go's `unicode.IsSpace` calls white space; JavaScript's own set differs in U+0085 and U+FEFF. */
const BLANK = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const LEADING_BLANKS = new RegExp(`^${BLANK}+`);
const BLANK_CHARACTER = new RegExp(`^${BLANK}$`);

const CLOUD_TAG_SUFFIX = "-cloud";

const HOST = { pattern: /^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/, maxLength: 350 };
const NAMESPACE = { pattern: /^[A-Za-z0-9_][A-Za-z0-9_-]*$/, maxLength: 80 };
const MODEL_OR_TAG = { pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, maxLength: 80 };

/**
 * Resolves a model name as the Ollama server does.
 *
 * @param raw The name as a person or a client wrote it.
 * @returns The resolved name.
 * @throws ModelNameError with the reason when Ollama would refuse the name or would not answer it from this cluster.
 */
export function parseModelName(raw: string): ModelName {
  const fail = (reason: ModelNameReason): never => {
    throw new ModelNameError(raw, reason);
  };
  const trimmed = trimBlanks(raw);
  if (trimmed === "") {
    fail(ModelNameReason.empty);
  }
  const { base, source } = splitSource(trimmed);
  if (source && splitSource(base).source) {
    fail(ModelNameReason.conflictingSource);
  }
  if (source === "cloud") {
    fail(ModelNameReason.cloud);
  }
  if (base.includes("://")) {
    fail(ModelNameReason.scheme);
  }
  if (base.includes("@")) {
    fail(ModelNameReason.digest);
  }
  const parts = splitParts(base);
  for (const [text, { pattern, maxLength }] of [
    [parts.host, HOST],
    [parts.namespace, NAMESPACE],
    [parts.model, MODEL_OR_TAG],
    [parts.tag, MODEL_OR_TAG],
  ] as const) {
    if (text === "") {
      fail(ModelNameReason.parts);
    }
    if (!pattern.test(text)) {
      fail(text.includes("/") ? ModelNameReason.parts : ModelNameReason.characters);
    }
    if (text.length > maxLength) {
      fail(ModelNameReason.length);
    }
  }
  const reference = `${parts.host}/${parts.namespace}/${parts.model}:${parts.tag}`;
  return {
    host: parts.host.toLowerCase(),
    namespace: parts.namespace.toLowerCase(),
    model: parts.model.toLowerCase(),
    tag: parts.tag.toLowerCase(),
    canonical: reference.toLowerCase(),
    reference,
  };
}

/**
 * The shortest form that names the same model, as Ollama lists it: the default registry and namespace are left out,
 * the tag is always there.
 *
 * @param name A resolved name.
 * @returns For example `llama3.1:8b` or `registry.example.com/team/model:v1`.
 */
export function displayName(name: ModelName): string {
  const model = `${name.model}:${name.tag}`;
  if (name.host !== DEFAULT_HOST) {
    return `${name.host}/${name.namespace}/${model}`;
  }
  return name.namespace === DEFAULT_NAMESPACE ? model : `${name.namespace}/${model}`;
}

function trimBlanks(text: string): string {
  const start = LEADING_BLANKS.exec(text)?.[0].length ?? 0;
  let end = text.length;
  // A loop, because a pattern anchored at the end takes quadratic time on a long run of blanks.
  while (end > start && BLANK_CHARACTER.test(text.charAt(end - 1))) {
    end -= 1;
  }
  return text.slice(start, end);
}

/** Takes one source suffix off: what follows the last colon, whatever its case and the blanks around it. */
function splitSource(text: string): { base: string; source?: "local" | "cloud" } {
  const colon = text.lastIndexOf(":");
  if (colon < 0) {
    return { base: text };
  }
  const suffix = trimBlanks(text.slice(colon + 1));
  const folded = suffix.toLowerCase();
  if (folded === "local" || folded === "cloud") {
    return { base: text.slice(0, colon), source: folded };
  }
  if (!suffix.includes("/") && folded.endsWith(CLOUD_TAG_SUFFIX)) {
    return { base: text.slice(0, colon + 1) + suffix.slice(0, -CLOUD_TAG_SUFFIX.length), source: "cloud" };
  }
  return { base: text };
}

/** Splits from the right, as Ollama does; a part that a separator promises but does not give is the empty text. */
function splitParts(text: string): { host: string; namespace: string; model: string; tag: string } {
  const colon = text.lastIndexOf(":");
  const tagged = colon > text.lastIndexOf("/");
  const tag = tagged ? text.slice(colon + 1) : DEFAULT_TAG;
  const path = tagged ? text.slice(0, colon) : text;
  const modelSlash = path.lastIndexOf("/");
  const model = path.slice(modelSlash + 1);
  if (modelSlash < 0) {
    return { host: DEFAULT_HOST, namespace: DEFAULT_NAMESPACE, model, tag };
  }
  const owner = path.slice(0, modelSlash);
  const namespaceSlash = owner.lastIndexOf("/");
  const namespace = owner.slice(namespaceSlash + 1);
  const host = namespaceSlash < 0 ? DEFAULT_HOST : owner.slice(0, namespaceSlash);
  return { host, namespace, model, tag };
}
