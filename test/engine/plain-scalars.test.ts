import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { localTools } from "../../tools/commands/context";
import { engineEnvironment, runPulumi, type PulumiResult } from "../../tools/engine";
import { ensureTools } from "../../tools/install";
import { repositoryRoot } from "../../tools/local/paths";
import { scratchDirectory } from "../support/environment";
import { assertGoldenFile } from "../support/golden";

const table = path.join(repositoryRoot, "test", "support", "plain-scalars.json");

/** A program that gives back its configuration as the engine hands it over. */
const program = `
const pulumi = require("@pulumi/pulumi");
exports.config = JSON.stringify(pulumi.runtime.allConfig());
`;

/** A stack file with each scalar as the only item of a list: its reading is then one JSON value, with its type. */
function stackFile(texts: readonly string[], salt: string): string {
  const entries = texts.map((text, index) => `  readings:s${index}:\n    - ${text}\n`);
  return `${salt}config:\n${entries.join("")}`;
}

describe("plain scalars of a stack file", () => {
  const scalars = Object.keys(JSON.parse(readFileSync(table, "utf8")) as Record<string, unknown>);
  let directory: string;
  let project: string;
  let env: NodeJS.ProcessEnv;
  let salt: string;

  const file = () => path.join(project, "Pulumi.dev.yaml");
  const pulumi = (...args: string[]): Promise<PulumiResult> =>
    runPulumi([...args, "--non-interactive"], { env, cwd: project });

  before("make a program that shows what it gets", async () => {
    const tools = await ensureTools([...localTools]);
    directory = scratchDirectory("plain-scalars");
    project = path.join(directory, "project");
    mkdirSync(project, { recursive: true });
    writeFileSync(path.join(project, "Pulumi.yaml"), "name: readings\nruntime: nodejs\nmain: index.js\n");
    writeFileSync(path.join(project, "package.json"), "{}");
    writeFileSync(path.join(project, "index.js"), program);
    symlinkSync(path.join(repositoryRoot, "node_modules"), path.join(project, "node_modules"));
    env = engineEnvironment({ directory, tools });
    const made = await pulumi("stack", "init", "dev");
    assert.equal(made.code, 0, made.stderr);
    salt = readFileSync(file(), "utf8");
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  /** Whether the engine can read a stack file with a scalar. */
  async function isReadable(text: string): Promise<boolean> {
    writeFileSync(file(), stackFile([text], salt));
    return (await pulumi("config", "--json", "--stack", "dev")).code === 0;
  }

  it("arrive in the program as the table says, by which the loader refuses those that are misread", async () => {
    const endless = scalars.filter((text) => /^[-+]?\.(inf|nan)$/i.test(text));
    const readable: string[] = [];
    const readings: Record<string, string | null> = {};
    for (const text of endless) {
      if (await isReadable(text)) readable.push(text);
      else readings[text] = null;
    }
    readable.push(...scalars.filter((text) => !endless.includes(text)));
    writeFileSync(file(), stackFile(readable, salt));
    const result = await pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
    assert.equal(result.code, 0, result.stdout + result.stderr);
    const output = await pulumi("stack", "output", "config", "--stack", "dev");
    const config = JSON.parse(output.stdout) as Record<string, string>;
    for (const [index, text] of readable.entries()) {
      const reading = config[`readings:s${index}`] ?? "";
      // Go writes `<` so that it may stand in HTML.
      readings[text] = reading.slice(1, -1).replaceAll("\\u003c", "<");
    }
    const sorted = Object.fromEntries(scalars.map((text) => [text, readings[text]]));
    assertGoldenFile(table, `${JSON.stringify(sorted, undefined, 2)}\n`);
  });
});
