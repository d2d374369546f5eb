/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** What a test asks of a page in the browser; each function runs there and sees nothing but its arguments. */

/** A piece of the page with its place, in pixels. */
export interface Piece {
  what: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Number of pixels by which the page is wider than its window. */
export function overflow(): number {
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
}

/** Elements that reach beyond the window, other than inside what scrolls by itself. */
export function sticksOut(): string[] {
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.closest(".scroll") === null || element.matches(".scroll"))
    .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .map((element) => `${element.tagName} ${element.className}`);
}

/** Places of the elements that a selector finds, in its order. */
export function pieces(selector: string): Piece[] {
  return [...document.querySelectorAll(selector)].map((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { what: element.textContent?.trim().slice(0, 40) ?? "", left, top, right, bottom };
  });
}

/** Texts of boxes of the picture that are wider than their box. */
export function textsOutsideBoxes(): string[] {
  return [...document.querySelectorAll("svg.graph g")].flatMap((group) => {
    const box = group.querySelector("rect")?.getBoundingClientRect();
    return [...group.querySelectorAll("text")]
      .filter((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect();
        return box === undefined || left < box.left || right > box.right || top < box.top || bottom > box.bottom;
      })
      .map((text) => text.textContent ?? "");
  });
}

/** The table of who can reach whom: its header row first, each cell as the reader sees it. */
export function matrix(): string[][] {
  return [...document.querySelectorAll<HTMLTableRowElement>("table.matrix tr")].map((row) =>
    [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, " ").trim()),
  );
}

/** Lines of a `th` or `td` that are wider than their cell. */
export function cutCells(): string[] {
  return [...document.querySelectorAll<HTMLElement>("th, td")]
    .filter((cell) => cell.scrollWidth > cell.clientWidth + 1)
    .map((cell) => cell.innerText);
}

/** Pairs of pieces that cover each other by more than a pixel. */
export function overlapping(all: readonly Piece[]): string[] {
  return all.flatMap((one, index) =>
    all
      .slice(index + 1)
      .filter(
        (other) =>
          Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
          Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1,
      )
      .map((other) => `${one.what} / ${other.what}`),
  );
}
