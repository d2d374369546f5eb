/** `npm run docs:screenshots`: takes the pictures of pages that the documentation shows, by the test that opens these pages. */
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { runCommand } from "../commands/context";
import { repositoryRoot } from "../local/paths";

async function main(): Promise<void> {
  const mocha = path.join(repositoryRoot, "node_modules", "mocha", "bin", "mocha.js");
  const { status } = spawnSync(process.execPath, [mocha, "test/report/screenshots.test.ts"], {
    cwd: repositoryRoot,
    stdio: "inherit",
    env: { ...process.env, UPDATE_SCREENSHOTS: "1" },
  });
  if (status !== 0) throw new Error("the pictures could not be taken: see the message of their test");
}

runCommand(main);
