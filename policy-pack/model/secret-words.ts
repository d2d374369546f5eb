/** What secrets are called and look like: one list for variables, files, command lines and headers. */

/** Last words of names that stand for a secret; words are what separators and capitals part. */
const secretEndings = [
  /^(pass|passwd|password|passwords|passphrase|pwd)$/,
  /^(token|tokens|secret|secrets|credential|credentials|apikey|apikeys|privatekey|dsn)$/,
  /^(pgpassword|mysqlpwd)$/,
];

/** The two last words of names that stand for a secret. */
const secretPairs =
  /^(api|access|secret|private|signing|encryption|master|account|storage)[ ]keys?$|^connection[ ]string$/;

/** Kinds of files after the name of a secret: `password.txt`. */
const fileEnding = /\.(txt|pem|key|json|ya?ml|env)$/i;

/** A mark that a value of its own kind contains, without which its pattern need not be tried on long texts; and the pattern. */
const secretValues: readonly [mark: string, pattern: RegExp][] = [
  ["PRIVATE KEY", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  [
    "",
    /\b(ghp_|gho_|ghs_|github_pat_|glpat-|xox[abp]-|AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|hf_[A-Za-z0-9]{20}|sk-[A-Za-z0-9_-]{20}|AIza[0-9A-Za-z_-]{35}|npm_[A-Za-z0-9]{36})/,
  ],
  // A JSON web token: two parts that begin as JSON objects do, and a signature.
  ["eyJ", /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/],
  // What npm and machines of a .netrc file are let in by.
  ["_auth", /_auth(?:Token)?\s*=\s*["']?(?![$"'\s])[^\s"']{8,}/],
  ["machine", /\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?!\$)\S+/],
  ["", /\b(Bearer|Basic)\s+(?=[A-Za-z0-9._~+/-]*[0-9])[A-Za-z0-9._~+/-]{12,}=*/i],
];

/** A user and a password before the host of an address, from the mark between its scheme and its user on. */
const userAndPassword = /^:\/\/[^\s/:@"'`<>{}$*]{0,100}:(?!\*+@)[^\s/@"'`<>{}$]{1,200}@[^\s/"'`]/;

/** Names that fields of files have before a secret, each with its value: `password: x`, `"token" = "x"`. */
const assignment =
  /^[ \t{,-]*(?:export[ \t]+)?["']?([A-Za-z][\w. -]{0,80}?)["']?[ \t]*[:=][ \t]*["']?([^"'\s,{[][^"',\r\n]*)/gm;

/** Files whose lines are settings; those of programs assign to names that only sound like secrets. */
const programFile = /\.(lua|m?[jt]s|py|sh|rb|go|rs|md|html?|css|sql|tmpl|tpl|proto|crd)$/i;

/** Words of a name: of `dbPwd`, `DB_PWD` and `db.pwd` the same two. */
function wordsOf(name: string): string[] {
  return name
    .replace(fileEnding, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** Names that were asked about before: files of many tenants have the same few. */
const knownNames = new Map<string, boolean>();
const MOST_KNOWN_NAMES = 10_000;

/** Whether a name is one that people give to secrets. */
export function isSecretName(name: string): boolean {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  const verdict = secretEndings.some((ending) => ending.test(last)) || secretPairs.test(words.slice(-2).join(" "));
  if (knownNames.size < MOST_KNOWN_NAMES) knownNames.set(name, verdict);
  return verdict;
}

/** Whether a value is one that only secrets have, whatever it is called. */
export function isSecretValue(value: string): boolean {
  return secretValues.some(([mark, pattern]) => value.includes(mark) && pattern.test(value)) || hasPassword(value);
}

/** Whether a text holds an address with a user and a password. */
function hasPassword(text: string): boolean {
  for (let at = text.indexOf("://"); at >= 0; at = text.indexOf("://", at + 1))
    if (/[a-z]/i.test(text.charAt(Math.max(0, at - 1))) && userAndPassword.test(text.slice(at, at + 400))) return true;
  return false;
}

/** Whether a value only says where a secret is, or is a switch or an amount: a path, a reference, a number. */
function isHarmless(value: string): boolean {
  const text = value.trim();
  return (
    text === "" ||
    /^(\.{0,2}\/|~\/|file:\/\/)/.test(text) ||
    /^(\$\{.*\}|\$\(.*\)|\{\{.*\}\}|%.*%|<.*>|\*+)$/.test(text) ||
    /^(true|false|yes|no|on|off|null|none|\d{1,6}[a-z]{0,2})$/i.test(text)
  );
}

/** Whether a value under a name is a secret. */
export function isSecret(name: string, value: string): boolean {
  return isSecretValue(value) || (isSecretName(name) && !isHarmless(value));
}

/** Whether the text of a file holds a secret: as a value, in a field of JSON, or in a line of settings. */
export function holdsSecret(file: string, text: string): boolean {
  const known = knownTexts.get(text);
  if (known?.file === file) return known.verdict;
  const verdict = judgeText(file, text);
  if (text.length > LONG_TEXT && knownTexts.size < MOST_KNOWN_TEXTS) knownTexts.set(text, { file, verdict });
  return verdict;
}

/** Long texts that were judged before: the same programs stand in every tenant's ConfigMap. */
const knownTexts = new Map<string, { file: string; verdict: boolean }>();
const LONG_TEXT = 1000;
const MOST_KNOWN_TEXTS = 100;

function judgeText(file: string, text: string): boolean {
  if (isSecretValue(text)) return true;
  const json = parsed(text);
  if (json !== undefined) return hasSecretField(file, json);
  if (isSecretName(file) && !isHarmless(text)) return true;
  if (programFile.test(file)) return false;
  return [...text.matchAll(assignment)].some(([, name = "", value = ""]) => isSecretName(name) && !isHarmless(value));
}

/** An object or list of JSON; undefined for other texts. */
function parsed(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** Whether a text within a value of JSON stands under the name of a secret; items of a list have the list's name. */
function hasSecretField(name: string, value: unknown): boolean {
  if (typeof value === "string")
    return (isSecretName(name) && !isHarmless(value)) || (name === "auth" && isUserAndPassword(value));
  if (Array.isArray(value)) return value.some((item) => hasSecretField(name, item));
  if (typeof value !== "object" || value === null) return false;
  for (const key in value) if (hasSecretField(key, (value as Record<string, unknown>)[key])) return true;
  return false;
}

/** Whether a text is a user and a password as registries are told them, in base64. */
function isUserAndPassword(value: string): boolean {
  return (
    /^[A-Za-z0-9+/]+={0,2}$/.test(value) && /^[\x21-\x7e]+:[\x21-\x7e]+$/.test(Buffer.from(value, "base64").toString())
  );
}

/** Whether the words of a command hold a secret: `--token=x`, `--password x`, `DB_PWD=x`, or a value of its own kind. */
export function secretWord(words: readonly string[]): number | undefined {
  const index = words.findIndex((word, at) => {
    if (isSecretValue(word)) return true;
    const before = /^--?([A-Za-z][\w-]*)$/.exec(words[at - 1] ?? "")?.[1];
    if (before !== undefined && !word.startsWith("-") && isSecret(before, word)) return true;
    return [...word.matchAll(/(?:^|[\s;&])-{0,2}([A-Za-z_][\w.-]*)=("[^"]*"|'[^']*'|[^\s;&]*)/g)].some(
      ([, name = "", value = ""]) => isSecret(name, value.replace(/^["']|["']$/g, "")),
    );
  });
  return index < 0 ? undefined : index;
}
