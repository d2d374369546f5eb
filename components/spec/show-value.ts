import type { Path } from "./path";

const longestShown = 80;
const hidden = "(not shown: it looks like a secret)";

const secretKey = /passw|passphrase|secret|token|credential|api-?_?key|private-?_?key|access-?_?key/i;
/** Keys of numbers of tokens that a model reads and writes. */
const countKey = /^(maxTokens|tokensPer(Day|Month))$/;
const secretValues = [
  /-----BEGIN/,
  /\beyJ[\w-]{10,}\./,
  /\bAKIA[0-9A-Z]{12,}/,
  /\b(sk|pk|rk|ghp|gho|ghs|ghu|github_pat|glpat|xox[abeprs]|hf|nvapi)[-_][\w-]{8,}/,
  /:\/\/[^/\s@]*:[^/\s@]+@/,
  /(?<!sha256:)\b[0-9a-f]{32,}\b/i,
];

/**
 * A value as an error message shows it: shortened, on one line, lists and mappings only by their size. A value that
 * looks like a secret is left out: people paste keys into the wrong field, and messages end up in build logs.
 *
 * @param value Value from a file.
 * @param path Way to it; a key that speaks of a secret hides the value.
 */
export function showValue(value: unknown, path: Path): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  if (isSecret(value, path)) return hidden;
  // JSON knows no number without end.
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing");
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text;
}

/** Whether a value must not be shown, nor anything made from it. */
export function isSecret(value: unknown, path: Path): boolean {
  return (
    path.some((step) => typeof step === "string" && secretKey.test(step) && !countKey.test(step)) ||
    looksSecret(String(value))
  );
}

/** A sentence without the words that look like secrets, for sentences that other parts made and that may quote a value. */
export function withoutSecretWords(sentence: string): string {
  return sentence.replace(/[^\s"'`(),]+/g, (word) => (looksSecret(word) ? "(not shown)" : word));
}

function looksSecret(text: string): boolean {
  return secretValues.some((pattern) => pattern.test(text)) || text.split(/[^A-Za-z0-9+/=_-]/).some(looksRandom);
}

/** Long, unbroken, and changing all the time between upper case, lower case and digits: keys do so, names do not. */
function looksRandom(word: string): boolean {
  const kinds = [...word].map((letter) => (/[0-9]/.test(letter) ? "digit" : /[a-z]/.test(letter) ? "lower" : "other"));
  const changes = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length;
  return word.length >= 20 && changes >= word.length * 0.4;
}
