/**
 * Writes docs/configuration.md from the JSON Schemas of the configuration; with `--check` compares instead, and fails
 * when the file is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { renderConfiguration } from "./configuration-page";

const root = path.join(__dirname, "..", "..");
const page = path.join(root, "docs", "configuration.md");

function main(check: boolean): void {
  const rendered = renderConfiguration(root);
  if (!check) {
    writeFileSync(page, rendered);
  } else if (rendered !== readFileSync(page, "utf8")) {
    console.error("docs/configuration.md is stale: run `npx ts-node tools/docs/configuration.ts`");
    process.exitCode = 1;
  }
}

main(process.argv.includes("--check"));
