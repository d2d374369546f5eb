/** `npm run release`: checks that the checkout can be released, and writes what a release consists of into a folder. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "../commands/context";
import { bundleMonitor } from "../monitor/bundle";
import { bundleVerifier } from "../verifier/bundle";
import { repositoryRoot } from "../local/paths";
import { faultsOfRelease, manifestOf, publishedFolders, releaseNotes } from "./readiness";

const USAGE = `usage: npm run release -- [--tag <tag>] --output <folder>

Writes the packages, the component schema, a bill of materials for each package, the notes and the checksums of a release.
Publishes nothing. docs/releases.md says what a release promises.

  --tag      the release, for example v1.2.0; default: the version of package.json
  --output   a folder that does not exist yet or is empty`;

async function main(): Promise<void> {
  const options = { tag: { type: "string" }, output: { type: "string" }, help: { type: "boolean" } } as const;
  const { values } = parseArgs({ options });
  if (values.help === true) return console.log(USAGE);
  if (values.output === undefined) throw new Error(`--output is missing\n${USAGE}`);
  const faults = faultsOfRelease(repositoryRoot, values.tag);
  if (faults.length > 0) throw new Error(["this is no release:", ...faults.map((fault) => `  ${fault}`)].join("\n"));
  const output = path.resolve(values.output);
  mkdirSync(output, { recursive: true });
  if (readdirSync(output).length > 0) throw new Error(`--output ${values.output} is not empty; name another folder`);
  bundleMonitor();
  bundleVerifier();
  for (const folder of publishedFolders) writePackage(folder, output);
  copyFileSync(path.join(repositoryRoot, "components", "schema.json"), path.join(output, "schema.json"));
  const { version } = manifestOf(repositoryRoot, ".");
  const changelog = readFileSync(path.join(repositoryRoot, "CHANGELOG.md"), "utf8");
  writeFileSync(path.join(output, "notes.md"), `${releaseNotes(changelog, version)}\n`);
  writeChecksums(output);
  for (const name of readdirSync(output)) console.log(path.join(values.output, name));
}

/** The file that npm would publish, and what it is made of. */
function writePackage(folder: (typeof publishedFolders)[number], output: string): void {
  const { name } = manifestOf(repositoryRoot, folder);
  const npm = (...args: string[]): string =>
    execFileSync("npm", args, { cwd: repositoryRoot, encoding: "utf8", maxBuffer: 64 << 20 });
  npm("pack", "--silent", "--workspace", name, "--pack-destination", output);
  const bill = npm("sbom", "--sbom-format", "spdx", "--omit", "dev", "--workspace", name, "--package-lock-only");
  writeFileSync(path.join(output, `${name}.spdx.json`), bill);
}

/** In the form that `sha256sum --check` reads. */
function writeChecksums(output: string): void {
  const lines = readdirSync(output).map((name) => {
    const digest = createHash("sha256").update(readFileSync(path.join(output, name)));
    return `${digest.digest("hex")}  ${name}\n`;
  });
  writeFileSync(path.join(output, "SHA256SUMS"), lines.join(""));
}

runCommand(main);
