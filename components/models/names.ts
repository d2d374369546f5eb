/**
 * Model names, resolved as the Ollama server resolves them.
 *
 * The rules are those of Ollama's `internal/modelref` and `types/model` packages: blanks are trimmed, a source suffix
 * (`:local`, `:cloud`, `-cloud`) is taken off, the rest is `[[host/]namespace/]model[:tag]` with the defaults
 * `registry.ollama.ai`, `library` and `latest`, and letters compare without case. One form that Ollama accepts is
 * refused: a name with a scheme (`https://...`), because Ollama drops the scheme and the name says something else
 * than it does. The cases are in `names.vectors.json`, which the gateway's implementation follows too.
 */

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

const EXPLANATION: Record<ModelNameReason, string> = {
  empty: "is empty: name a model, for example llama3.1:8b",
  "conflicting-source": "has two source suffixes: leave out :local and :cloud",
  cloud: "runs in Ollama's cloud, where prompts leave the cluster: name a model that runs here",
  scheme: "has a scheme, which Ollama ignores: write the name without it",
  digest: "has a digest, which Ollama does not resolve: write the tag, and pin the digest in the catalogue",
  parts: "has a missing or surplus part: write [[host/]namespace/]model[:tag]",
  length: "has a part that is too long: at most 350 characters for the host and 80 for the others",
  characters:
    "has a character that is not allowed: letters, digits and _ may begin a part, - and . may follow (no . in a namespace), and : only before a port",
};

/** A text that does not name a model which the platform can serve. */
export class ModelNameError extends Error {
  /**
   * @param raw The text as it was given.
   * @param reason Why it was refused.
   */
  constructor(
    readonly raw: string,
    readonly reason: ModelNameReason,
  ) {
    super(`${JSON.stringify(raw.length > 100 ? `${raw.slice(0, 100)}...` : raw)} ${EXPLANATION[reason]}`);
    this.name = "ModelNameError";
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
