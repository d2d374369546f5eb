/** The Markdown pages of the repository that people read. */
import { existsSync, readdirSync } from "node:fs";
import * as path from "node:path";

/** The page that lists all others, by what a reader wants. */
export const INDEX = "docs/README.md";

const FOLDERS = [".", "docs", "components", "policy-pack", ...["consumer", "foreign", "package"].map(example)];

/** Paths from the root of the repository, with `/`, in order. */
export function markdownPages(root: string): string[] {
  return FOLDERS.filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => path.posix.join(folder, name)))
    .filter((name) => name.endsWith(".md"))
    .sort();
}

function example(name: string): string {
  return `examples/${name}`;
}
