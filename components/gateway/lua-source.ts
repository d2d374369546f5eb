/**
 * Lua code as a pod gets it: what only its readers need is left out, since every tenant keeps a copy of it. Lines stay where they are, so that Envoy's
 * messages name those of the repository.
 */

/** A comment, a text, a name, a number, or what stands between them; texts may hold what looks like a comment, so all are found in one go. */
const TOKEN = new RegExp(
  [
    /(?<gap>\s+|--\[(?<comment>=*)\[[^]*?\]\k<comment>\]|--[^\n]*)/,
    /"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|\[(?<text>=*)\[[^]*?\]\k<text>\]/,
    /(?<name>[A-Za-z_]\w*)/,
    /0[xX][0-9a-fA-F]+(?:ULL|LL)?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:ULL|LL)?/,
    /\.{3}|\.\.|==|~=|<=|>=|::|[^]/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const KEYWORDS = words(
  "and break do else elseif end false for function goto if in local nil not or repeat return then true until while",
);

/** What LuaJIT and Envoy name, and what the language names itself: as a variable of the code, each could be meant as well. */
const GIVEN_NAMES = words(
  "self arg _G assert bit collectgarbage coroutine debug dofile error ffi getfenv getmetatable io ipairs jit load loadfile loadstring math module next os " +
    "package pairs pcall print rawequal rawget rawset require select setfenv setmetatable string table tonumber tostring type unpack xpcall " +
    "envoy_on_request envoy_on_response",
);

/** What opens and closes; `for` and `while` open with their `do`. */
const [OPENING, CLOSING] = [words("{ ( [ function do if repeat"), words("} ) ] end until")];

interface Token {
  text: string;
  /** Ends of lines before it. */
  lines: number;
  /** Whether it names a variable, and not a field, a keyword or a label. */
  isVariable: boolean;
}

/** Code without comments and indentation, and with short names of its local variables. It compiles to the same instructions. */
export function minified(code: string): string {
  const tokens = tokensOf(code);
  const short = shortNames(tokens);
  let written = "";
  for (const { text, lines, isVariable } of tokens) {
    const next = (isVariable && short.get(text)) || text;
    const gap = lines > 0 ? "\n".repeat(lines) : areOne(written.slice(-1), next) ? " " : "";
    written += gap + next;
  }
  return `${written}\n`;
}

/**
 * One file of several modules: in an archive, each file has half a kilobyte around it, which does not compress as well as code does. Messages still name
 * the file and the line of a module.
 *
 * @param modules Code by file name; none has a `]==]`.
 * @param main File name of the module that is run; it requires the others.
 */
export function bundled(modules: Record<string, string>, main: string): string {
  const parts = Object.entries(modules).map(([file, code]) => {
    if (code.includes("]==]")) throw new Error(`${file}: ]==] would end the module`);
    // The end of line after the bracket is not part of the text.
    return `module("${file}",[==[\n${code}]==])`;
  });
  const module =
    'local function module(file,code)package.preload[file:match("^%w+")]=assert(loadstring(code,"@"..file))end';
  return [module, ...parts, `require("${main.replace(".lua", "")}")`, ""].join("\n");
}

/** Whether two tokens would be read as one, or as another two, without a space. */
function areOne(last: string, next: string): boolean {
  const first = next.charAt(0);
  return (
    (/\w/.test(last) && /\w/.test(first)) ||
    (/[\d.]/.test(last) && first === ".") ||
    (last === first && /[-[=]/.test(last))
  );
}

function tokensOf(code: string): Token[] {
  const tokens: Token[] = [];
  let lines = 0;
  for (const { 0: text, groups } of code.matchAll(TOKEN)) {
    if (groups?.["gap"] !== undefined) lines += text.split("\n").length - 1;
    else {
      tokens.push({ text, lines, isVariable: groups?.["name"] !== undefined && !KEYWORDS.has(text) });
      lines = 0;
    }
  }
  leaveFieldsOut(tokens);
  return tokens;
}

function leaveFieldsOut(tokens: Token[]): void {
  const open: string[] = [];
  tokens.forEach((token, index) => {
    const [before, after] = [tokens[index - 1]?.text ?? "", tokens[index + 1]?.text];
    if (CLOSING.has(token.text)) open.pop();
    if (OPENING.has(token.text)) open.push(token.text);
    const isKey = open.at(-1) === "{" && after === "=" && ["{", ",", ";"].includes(before);
    if (isKey || [".", ":", "::", "goto"].includes(before)) token.isVariable = false;
  });
}

/** One short name for each name of local variables, the most frequent first; no name that the code uses for anything else. */
function shortNames(tokens: Token[]): Map<string, string> {
  const local = localNames(tokens);
  const uses = new Map<string, number>();
  const taken = new Set([...KEYWORDS, ...GIVEN_NAMES]);
  for (const { text, isVariable } of tokens) {
    if (!isVariable) continue;
    if (local.has(text)) uses.set(text, (uses.get(text) ?? 0) + 1);
    else taken.add(text);
  }
  const byUse = [...uses].sort(([one, often], [other, rarely]) => rarely - often || (one < other ? -1 : 1));
  const names = freeNames(taken);
  return new Map(byUse.map(([name]) => [name, names.next().value as string]));
}

/** Names that are declared as local variables, and nothing that is also given. */
function localNames(tokens: Token[]): Set<string> {
  const names = new Set<string>();
  const textAt = (index: number) => tokens[index]?.text ?? "";
  /** Names with commas between them. */
  const readList = (from: number) => {
    for (let index = from; tokens[index]?.isVariable === true; index += 2) {
      names.add(textAt(index));
      if (textAt(index + 1) !== ",") return;
    }
  };
  tokens.forEach(({ text }, index) => {
    if (text === "local") readList(index + (textAt(index + 1) === "function" ? 2 : 1));
    if (text === "for") readList(index + 1);
    if (text === "function") readList(tokens.findIndex((token, at) => at > index && token.text === "(") + 1);
  });
  return new Set([...names].filter((name) => !GIVEN_NAMES.has(name)));
}

const LETTERS = [..."etaoinsrhldcumfpgwybvkxjqzETAOINSRHLDCUMFPGWYBVKXJQZ"];

function* freeNames(taken: ReadonlySet<string>): Generator<string, never> {
  for (let prefixes = [""]; ; prefixes = prefixes.flatMap((prefix) => LETTERS.map((letter) => prefix + letter))) {
    for (const prefix of prefixes) yield* LETTERS.map((letter) => prefix + letter).filter((name) => !taken.has(name));
  }
}
