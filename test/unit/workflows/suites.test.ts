import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { suiteSteps } from "../../../tools/commands/suites";
import { repositoryRoot } from "../../../tools/local/paths";

interface Workflow {
  jobs: { test: { strategy: { matrix: { suites: string[] } } } };
}

describe("The workflow of pull requests", () => {
  it("runs every suite once", () => {
    const file = path.join(repositoryRoot, ".github", "workflows", "check.yml");
    const { jobs } = parse(readFileSync(file, "utf8")) as Workflow;
    const run = jobs.test.strategy.matrix.suites.flatMap((suites) => suites.split(" "));
    assert.deepEqual(run.sort(), suiteSteps.map(({ name }) => name).sort());
  });
});
