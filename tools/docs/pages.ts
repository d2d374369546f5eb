/** The Markdown pages of the repository that people read. */
import { readdirSync } from "node:fs";
import * as path from "node:path";

/** The page that lists all others, by what a reader wants. */
export const INDEX = "docs/README.md";

const FOLDERS = [".", "docs", "components", "policy-pack"];

/** Paths from the root of the repository, with `/`, in order. */
export function markdownPages(root: string): string[] {
  const examples = readdirSync(path.join(root, "examples")).map((name) => path.posix.join("examples", name));
  return [...FOLDERS, ...examples]
    .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => path.posix.join(folder, name)))
    .filter((name) => name.endsWith(".md"))
    .sort();
}
