/**
 * `npm run generate [-- --goldens] [-- --prose] [-- <path>...]`: makes the generated files of the repository, all or those
 * whose path begins with one of the given, with `--goldens` the golden objects of the stacks too, whose change belongs in
 * review, and with `--prose` breaks the lines of pages that are too long.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "../commands/context";
import { markdownPages } from "../docs/pages";
import { wrapped } from "../docs/wrap";
import { repositoryRoot } from "../local/paths";
import { contentOf, generatedFiles } from "./generated";

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { goldens: { type: "boolean" }, prose: { type: "boolean" } },
    allowPositionals: true,
  });
  const wanted = generatedFiles.filter(
    ({ file }) => positionals.length === 0 || positionals.some((prefix) => file.startsWith(prefix)),
  );
  if (wanted.length === 0) {
    const known = generatedFiles.map(({ file }) => file).join(", ");
    throw new Error(`no generated file begins with ${positionals.join(" or ")}; generated are ${known}`);
  }
  for (const generated of wanted) {
    write(generated.file, await generated.text());
  }
  if (values.prose) for (const page of markdownPages(repositoryRoot)) write(page, wrapped(contentOf(page) ?? ""));
  if (values.goldens) writeGoldens();
}

function write(file: string, text: string): void {
  const isNew = text !== contentOf(file);
  if (isNew) writeFileSync(path.join(repositoryRoot, file), text);
  console.log(`${isNew ? "written  " : "unchanged"} ${file}`);
}

/** The goldens are what the tests compare, so the tests write them. */
function writeGoldens(): void {
  const mocha = path.join(repositoryRoot, "node_modules", "mocha", "bin", "mocha.js");
  const { status } = spawnSync(process.execPath, [mocha, "test/unit/plan/golden.test.ts"], {
    cwd: repositoryRoot,
    stdio: "inherit",
    env: { ...process.env, UPDATE_GOLDEN: "1" },
  });
  if (status !== 0) throw new Error("the golden objects could not be written: see the message of their test");
}

runCommand(main);
