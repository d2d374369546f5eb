/** What tests and the site ask of a Markdown page: its headings, links, fences and prose. */

/** A fenced block of a page. */
export interface Fence {
  /** Line of its opening, from 1. */
  line: number;
  /** First word of the info string, for example `sh`. */
  language: string;
  /** The rest of the info string. */
  info: string;
  /** Lines between the fences. */
  lines: string[];
}

/** A link or picture, as it is written. */
export interface Link {
  line: number;
  target: string;
}

/** Blocks in lists are indented. */
const FENCE = /^ *```(\S*)[ \t]*(.*)$/;

/** The fenced blocks of a page, in order. */
export function fencesOf(text: string): Fence[] {
  const fences: Fence[] = [];
  let open: Fence | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const [, language = "", info = ""] = FENCE.exec(line) ?? [];
    if (open !== undefined && line.trim() === "```") {
      fences.push(open);
      open = undefined;
    } else if (open !== undefined) open.lines.push(line);
    else if (FENCE.test(line)) open = { line: index + 1, language, info: info.trim(), lines: [] };
  }
  return fences;
}

/** The page with its fenced blocks empty, so that lines keep their numbers. */
export function withoutFences(text: string): string {
  let inside = false;
  return text
    .split("\n")
    .map((line) => {
      const fence = FENCE.test(line);
      if (fence) inside = !inside;
      return fence || inside ? "" : line;
    })
    .join("\n");
}

/** Targets of links and pictures outside of code. */
export function linksOf(text: string): Link[] {
  return withoutFences(text)
    .split("\n")
    .flatMap((line, index) =>
      [...line.replace(/`[^`]*`/g, "code").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => ({
        line: index + 1,
        target,
      })),
    );
}

/** The anchor that GitHub gives a heading, and the site too. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[^\p{Letter}\p{Number} _-]/gu, "")
    .replaceAll(" ", "-");
}

/** Anchors of a page's headings; one that repeats has a number. */
export function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutFences(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => {
    const anchor = anchorOf(heading);
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

/** Words of sentences with their lines; code, addresses, paths and names with points are none. */
export function wordsOf(text: string): { line: number; word: string }[] {
  return withoutFences(text)
    .split("\n")
    .flatMap((line, index) => {
      const prose = line
        .replace(/`[^`]*`/g, " ")
        .replace(/\]\([^)]*\)/g, "]")
        .replace(/\S*\w[./_:]\w\S*/g, " ")
        .replace(/<[^>]*>/g, " ");
      return [...prose.matchAll(/\p{Letter}[\p{Letter}'’]*/gu)].map(([word]) => ({ line: index + 1, word }));
    });
}
