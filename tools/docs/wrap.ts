/** Lines of prose in Markdown: paragraphs and list items with a line that is too long are wrapped; everything else stays. */

/** Longest line of prose, as of code. */
export const PROSE_WIDTH = 120;

/** Blank lines, headings, tables, HTML, rules and definitions of links are no paragraphs. */
const NO_PROSE = /^\s*($|#+ |\||<|!\[|---|\[[^\]]+\]:)/;
const LIST_ITEM = /^\s*([-*+]|\d+\.)\s+/;
const FENCE = /^\s*```/;

/** A page whose prose has no line longer than `PROSE_WIDTH`, except where a single word or code span is. */
export function wrapped(page: string): string {
  const result: string[] = [];
  let block: string[] = [];
  let inFence = false;
  const flush = () => {
    result.push(...wrappedBlock(block));
    block = [];
  };
  for (const line of page.split("\n")) {
    const isFence = FENCE.test(line);
    if (isFence) inFence = !inFence;
    if (isFence || inFence || NO_PROSE.test(line)) {
      flush();
      result.push(line);
    } else {
      if (LIST_ITEM.test(line)) flush();
      block.push(line);
    }
  }
  flush();
  return result.join("\n");
}

/** A paragraph or list item; its first line may be indented otherwise than the rest. */
function wrappedBlock(block: string[]): string[] {
  if (block.every((line) => line.length <= PROSE_WIDTH)) return block;
  const [first = "", second] = block;
  const mark = LIST_ITEM.exec(first)?.[0] ?? indentOf(first);
  const indent = second === undefined ? " ".repeat(mark.length) : indentOf(second);
  const words = block.flatMap((line, index) => wordsOf(index === 0 ? line.slice(mark.length) : line.trim()));
  const lines: string[] = [];
  let current = mark + (words.shift() ?? "");
  for (const word of words) {
    if (current.length + 1 + word.length <= PROSE_WIDTH) current += ` ${word}`;
    else {
      lines.push(current);
      current = indent + word;
    }
  }
  return [...lines, current];
}

const indentOf = (line: string): string => /^\s*/.exec(line)?.[0] ?? "";

/** Words of a line; a code span on one line is one word with what touches it, so that it stays searchable. */
const wordsOf = (line: string): string[] => line.match(/(?:`[^`]*`|[^\s`]|`)+/g) ?? [];
