import type { Document } from "yaml";
import { oddCharacter } from "./yaml-characters";
import type { TextFault } from "./yaml-text";

/** Texts for the reader's error codes; its own messages quote the file, which may hold a secret. */
const problems: Record<string, [problem: string, fix: string]> = {
  BAD_INDENT: [
    "is indented wrongly here, or a bracket or quote was not closed before",
    "indent with the same number of spaces as the neighbours, and close what was opened",
  ],
  BAD_DIRECTIVE: ["has a directive (`%...`) that is not known", "remove the line"],
  BAD_DQ_ESCAPE: [
    "has a `\\` in a text in double quotes that begins no known escape",
    "write `\\\\` for a backslash, or put the text in single quotes",
  ],
  BAD_SCALAR_START: [
    "has a text here that begins with a character of YAML's syntax",
    "put the text in quotes, or remove the character",
  ],
  MISSING_CHAR: ["lacks a character here, such as `:`, `,`, a closing bracket or a closing quote", "complete the line"],
  MULTILINE_IMPLICIT_KEY: ["has a key that spans lines, or lacks a `:` here", "write `key: value` on one line"],
  TAB_AS_INDENT: ["is indented by a tab (U+0009)", "indent with spaces"],
  RESOURCE_EXHAUSTION: ["is nested too deeply here", "write it without the nesting"],
  UNEXPECTED_TOKEN: ["has text here that does not belong there", "remove it, or put the value in quotes"],
  BLOCK_AS_IMPLICIT_KEY: [
    "has a second `: ` on one line here",
    "put the value in quotes, or write what is nested on a line of its own",
  ],
  BLOCK_IN_FLOW: [
    "has a block inside of brackets here",
    "close the bracket before, or write the inner part in brackets",
  ],
};

/** Codes of what is judged node by node, where all of it is found and named. */
const judgedBelow = ["DUPLICATE_KEY", "TAG_RESOLVE_FAILED", "BAD_ALIAS", "NON_STRING_KEY"];

/** Line and column of an offset, counted from 1. */
type LinesOf = (offset: number) => { line: number; column: number };

/** The first error only: it can make the reader misunderstand what comes after it. */
export function syntaxFaults(document: Document.Parsed, text: string, lines: LinesOf): TextFault[] {
  const [first] = [...document.errors, ...document.warnings]
    .filter(({ code }) => !judgedBelow.includes(code))
    .sort((a, b) => a.pos[0] - b.pos[0]);
  if (first === undefined) return [];
  const [problem, fix] = problems[first.code] ?? ["is not YAML here", "correct the syntax, or put the value in quotes"];
  const odd = first.code === "TAB_AS_INDENT" ? undefined : oddBefore(text, first.pos[0], lines);
  return [
    odd === undefined ? { offset: first.pos[0], problem, fix } : { ...odd, problem: `${problem}; ${odd.problem}` },
  ];
}

/** A character that may be the cause of an error: in its line, or else in the line before. */
function oddBefore(text: string, offset: number, lines: LinesOf): TextFault | undefined {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const before = text.lastIndexOf("\n", start - 2) + 1;
  for (const [from, to] of [
    [start, end < 0 ? text.length : end],
    [before, start],
  ] as const) {
    const odd = oddCharacter(text.slice(from, to));
    if (odd === undefined) continue;
    const { line, column } = lines(from + odd.index);
    return { offset, problem: `line ${line} has ${odd.name} at column ${column}`, fix: odd.fix };
  }
  return undefined;
}
