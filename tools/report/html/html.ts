/** HTML text in which every value is escaped unless it is HTML itself. */

/** HTML that is safe to put into a page. Only `html` makes it. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template. */
export type Part = Html | string | number | undefined | readonly Part[];

/** Template tag: literal parts are HTML, values are escaped; lists are joined, undefined is nothing. */
export function html(literals: TemplateStringsArray, ...values: Part[]): Html {
  return new Html(literals.map((literal, index) => literal + render(values[index])).join(""));
}

function render(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.text;
  return typeof part === "string" || typeof part === "number" ? escapeHtml(String(part)) : part.map(render).join("");
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** The text as it may stand in an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** Control and formatting characters, but not line ends and tabs. */
const invisible = /(?![\n\r\t])[\p{Cc}\p{Cf}]/gu;

/** The text with a mark for what cannot be seen: such characters could make a name look like another. */
export function visible(text: string): string {
  return text.replace(invisible, "\ufffd");
}
