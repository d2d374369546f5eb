/** A comment or a text; a text may hold what looks like a comment, so both are found in one go. */
const COMMENT_OR_TEXT =
  /[ \t]*--\[(=*)\[[\s\S]*?\]\1\]|[ \t]*--[^\n]*|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|\[(=*)\[[\s\S]*?\]\2\]/g;

/**
 * Lua code without its comments: they are for its readers, and every tenant would keep a copy of them. Lines stay where they
 * are, so that Envoy's messages name those of the repository.
 */
export function withoutComments(code: string): string {
  return code.replace(COMMENT_OR_TEXT, (found) => (/^[ \t]*--/.test(found) ? found.replace(/[^\n]/g, "") : found));
}
