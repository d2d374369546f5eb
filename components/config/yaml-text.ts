import { Lexer, Parser } from "yaml";

/** What is wrong with a text before it is read as YAML. */
export interface TextFault {
  /** Offset in the text, in UTF-16 units. */
  offset: number;
  problem: string;
  fix: string;
}

/** Line breaks of YAML 1.1, which the engine's reader still takes for the end of a line and of a comment; others do not. */
const breaks: Record<string, string> = {
  "\r": "carriage return without a line feed",
  "\u0085": "next line character",
  "\u2028": "line separator",
  "\u2029": "paragraph separator",
};
const unreadable = /\r(?!\n)|[\u2028\u2029\ufffe\uffff]|(?![\t\r\n])\p{Cc}/gu;

/**
 * Characters that the readers of YAML take for different things: line breaks of an older version, by which a comment could
 * end for one reader and go on for another, and control characters, which only some of them refuse.
 */
export function unreadableCharacters(text: string): TextFault[] {
  return [...text.matchAll(unreadable)].map(({ 0: character, index }) => {
    const code = `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    const name = breaks[character];
    return name === undefined
      ? { offset: index, problem: `has a control character (${code})`, fix: "remove it" }
      : {
          offset: index,
          problem: `has a ${name} (${code}), where a line ends for some readers and goes on for others`,
          fix: "remove it, or end the line with a common line break",
        };
  });
}

/** Levels of mappings and lists that a file may have: ten times what people write. */
const deepest = 100;
/** The document and the scalar that is being read lie on the stack too. */
const others = 2;

/**
 * Where a text is nested more deeply than a file may be. The reader recurses over what is nested, and at the end of the
 * stack the whole process can go down instead of an error coming up; its lexer does not, so that is asked before.
 */
export function tooDeepAt(text: string): number | undefined {
  const parser = new Parser();
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) void token;
    if (parser.stack.length > deepest + others) return offset;
    offset += lexeme.length;
  }
  return undefined;
}
