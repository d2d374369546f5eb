/**
 * The tutorial, and the other commands that pages show for the local cluster, run as a reader does in a copy of the checkout.
 * It uses the machine's real node for some ten minutes, so it runs where `TUTORIAL=1` asks for it: every night.
 */
import * as assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fencesOf, type Fence } from "../../tools/docs/markdown";
import { repositoryRoot } from "../../tools/local/paths";
import { scratchDirectory } from "../support/environment";
import { requireRealNode } from "./support/cluster";

const PAGE = "docs/tutorial.md";

/** Commands of other pages, which are run beside those of the tutorial. */
const OTHERS = {
  atFirst: ["npm run cluster -- start", "npm run cluster -- status"],
  beforeTheEnd: [
    "npm run pulumi -- stack output platform",
    "npm run pulumi -- stack output clientKeys --show-secrets",
    "npm run pulumi -- stack history",
    "npm run pulumi -- refresh --yes",
    "npm run pulumi -- -C examples/consumer stack init dev",
    "npm run drift -- --mend",
    "npm run cancel",
  ],
  atLast: ["npm run cluster -- stop", "npm run cluster -- reset"],
};

/** Whether it is asked for. Where it is not, there are no tests that could be skipped. */
const isAsked = process.env["TUTORIAL"] === "1";

(isAsked ? describe : undefined)?.("A reader of the documentation", function () {
  this.timeout(900_000);
  const directory = scratchDirectory("tutorial");
  const copy = path.join(directory, "ollama-platform");
  /** What the last command printed. */
  let printed = "";

  before("copy the checkout", async function () {
    await requireRealNode(this);
    const list = execFileSync("git", ["ls-files", "-z"], { cwd: repositoryRoot, encoding: "utf8" });
    for (const file of list.split("\0").filter((name) => name !== "")) {
      mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
      cpSync(path.join(repositoryRoot, file), path.join(copy, file));
    }
    symlinkSync(path.join(repositoryRoot, "node_modules"), path.join(copy, "node_modules"));
  });
  after("stop the cluster", () => {
    run("npm run cluster -- reset");
    rmSync(directory, { recursive: true, force: true });
  });

  function run(script: string): number {
    const options = { cwd: copy, encoding: "utf8", maxBuffer: 64 << 20 } as const;
    const { status, stdout, stderr } = spawnSync("bash", ["-e", "-o", "pipefail", "-c", script], options);
    printed = `${stdout}${stderr}`;
    return status ?? 1;
  }

  /** Takes out the lines of the mistake, once it was refused. */
  let takeBack = (): void => undefined;

  /** Does what a block of the page says, or compares what it shows. */
  function follow({ language, info, lines }: Fence): void {
    const text = `${lines.join("\n")}\n`;
    const [file = "", mode] = info.split(" ");
    const name = path.join(copy, file);
    if (language === "sh" && info === "fails") assert.notEqual(run(text), 0, printed);
    else if (language === "sh") {
      takeBack();
      assert.equal(run(text), 0, printed);
    } else if (language === "yaml" && mode === "append") {
      const right = readFileSync(name, "utf8");
      takeBack = () => {
        writeFileSync(name, right);
        takeBack = () => undefined;
      };
      appendFileSync(name, text);
    } else if (language === "yaml") writeFileSync(name, text);
    else for (const line of lines) assert.ok(printed.includes(line), `not printed: ${line}\n${printed}`);
  }

  const tryAll = (commands: string[]) => {
    for (const command of commands) it(`can run ${command}`, () => assert.equal(run(command), 0, printed));
  };
  const blocks = fencesOf(readFileSync(path.join(repositoryRoot, PAGE), "utf8"));
  const last = blocks.at(-1);

  tryAll(OTHERS.atFirst);
  for (const block of blocks) {
    if (block === last) tryAll(OTHERS.beforeTheEnd);
    it(`can follow line ${block.line} of the tutorial`, () => follow(block));
  }
  tryAll(OTHERS.atLast);
});
