/**
 * Commands of the documentation: each block of the language `sh` is run by a test that `commands-run.ts` knows, or is marked in its
 * opening with `not-run:` and the reason.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { fencesOf, type Fence } from "../../../tools/docs/markdown";
import { markdownPages } from "../../../tools/docs/pages";
import { repositoryRoot } from "../../../tools/local/paths";
import packageFile from "../../../package.json";
import { RUN_COMMANDS } from "./commands-run";

const LANGUAGES = ["", "json", "python", "sh", "text", "ts", "yaml"];
const read = (page: string) => readFileSync(path.join(repositoryRoot, page), "utf8");
const pages = markdownPages(repositoryRoot);

/** Commands of a block: without comments, and with continued lines joined. */
function commandsOf(fence: Fence): string[] {
  return fence.lines
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => line.replace(/(^|\s+)#.*$/, "").trim())
    .filter((line) => line !== "");
}

/** What is wrong with a block, one line for each command. */
function faultsOf(page: string, fence: Fence): string[] {
  const place = `${page}:${fence.line}`;
  if (!LANGUAGES.includes(fence.language))
    return [`${place}: language ${fence.language} is none of ${LANGUAGES.join()}`];
  if (fence.language !== "sh") return [];
  const [, mark, reason] = /^(not-run)(?:: (.+))?$/.exec(fence.info) ?? [];
  if (mark !== undefined) return reason === undefined ? [`${place}: not-run has no reason`] : [];
  if (!["", "fails"].includes(fence.info))
    return [`${place}: ${fence.info} is neither "fails" nor "not-run: <reason>"`];
  return commandsOf(fence)
    .filter((command) => !RUN_COMMANDS.some((one) => one.command.test(command) && (one.page ?? page) === page))
    .map((command) => `${place}: no test runs ${command}: add one to commands-run.ts, or mark the block with not-run`);
}

describe("Commands in the documentation", () => {
  for (const page of pages)
    it(`are run by a test, or are marked: ${page}`, () =>
      assert.deepEqual(
        fencesOf(read(page)).flatMap((fence) => faultsOf(page, fence)),
        [],
      ));

  it("are refused without a test and without a reason", () => {
    const block = (info: string, ...lines: string[]) => fencesOf(["```" + info, ...lines, "```"].join("\n"));
    const faults = (info: string, ...lines: string[]) =>
      block(info, ...lines).flatMap((fence) => faultsOf("docs/gateway.md", fence)).length;
    assert.equal(faults("sh", "npm start", "rm -rf everything", "# a comment", "npm run check  # as always"), 1);
    assert.equal(faults("sh not-run", "rm -rf everything"), 1);
    assert.equal(faults("sh not-run: it removes everything", "rm -rf everything"), 0);
    assert.equal(faults("sh never", "npm start"), 1);
    assert.equal(faults("bash", "ls"), 1);
    assert.equal(faults("text", "ls"), 0);
  });

  for (const { command, by, with: evidence } of RUN_COMMANDS)
    it(`are really run: ${command.source}`, () => assert.ok(read(by).includes(evidence), `${by} has no ${evidence}`));

  it("are shown somewhere when a test is named for them", () => {
    const shown = pages.flatMap((page) =>
      fencesOf(read(page)).flatMap((fence) => commandsOf(fence).map((command) => ({ page, command }))),
    );
    const unused = RUN_COMMANDS.filter(
      (one) => !shown.some(({ page, command }) => one.command.test(command) && (one.page ?? page) === page),
    );
    assert.deepEqual(unused, []);
  });

  it("have options that their programs know", () => {
    const unknown = pages.flatMap((page) =>
      fencesOf(read(page))
        .filter(({ language }) => language === "sh")
        .flatMap(commandsOf)
        .flatMap((command) => unknownOptions(command).map((option) => `${page}: ${command}: ${option}`)),
    );
    assert.deepEqual(unknown, []);
    assert.deepEqual(unknownOptions("npm run verify -- --stack dev --tarffic"), ["--tarffic"]);
  });

  it("write the files for a control plane that a page names", () => {
    const commands = pages.flatMap((page) =>
      fencesOf(read(page))
        .filter(({ language, info }) => language === "sh" && info === "")
        .flatMap(commandsOf)
        .filter((command) => /^npm run --silent (audit-policy|guard-manifests) /.test(command)),
    );
    assert.ok(commands.length > 0);
    for (const command of commands) {
      const [words = ""] = command.split(" > ");
      const kinds = parseAllDocuments(runScript(words)).map((document) => String(document.get("kind")));
      assert.ok(kinds.length > 0 && kinds.every((kind) => /Policy|List/.test(kind)), kinds.join());
    }
  }).timeout(60_000);
});

/** The program of `npm run <name>`. */
function scriptOf(command: string): string | undefined {
  const [, name = ""] = /npm run (?:--silent )?([a-z:-]+)/.exec(command) ?? [];
  return (packageFile.scripts as Record<string, string>)[name]?.split(" ").at(-1);
}

/** Options of an `npm run` command that the sources beside its program never mention. */
function unknownOptions(command: string): string[] {
  const script = scriptOf(command);
  const [, after = ""] = / -- (.*)$/.exec(command) ?? [];
  const isOurs = script !== undefined && !/commands\/(pulumi|kubectl)\.ts$/.test(script);
  if (!isOurs) return [];
  const folder = path.dirname(script);
  const sources = ["cli.ts", "arguments.ts", "stack-argument.ts", "context.ts"]
    .map((name) => readIfThere(path.posix.join(folder, name)))
    .join("\n");
  return [...after.matchAll(/--[a-z-]+/g)].map(([option]) => option).filter((option) => !sources.includes(option));
}

function readIfThere(file: string): string {
  try {
    return read(file);
  } catch {
    return "";
  }
}

/** What a script of package.json prints, run as its command says. */
function runScript(command: string): string {
  const [, after = ""] = command.split(" -- ");
  const args = ["-r", "ts-node/register/transpile-only", scriptOf(command) ?? "", ...after.split(" ")];
  return execFileSync(process.execPath, args, { cwd: repositoryRoot, encoding: "utf8" });
}
