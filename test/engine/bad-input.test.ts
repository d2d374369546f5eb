import { strict as assert } from "node:assert";
import { readdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { localTools } from "../../tools/commands/context";
import { ensureTools } from "../../tools/install";
import { openLocalStack, type LocalStack } from "../../tools/local/stack";
import { readState, stackFile } from "../../tools/local/state";
import { scratchDirectory } from "../support/environment";
import { closedKubeconfig, createProject, editYaml, tenantFile } from "../support/project";
import { preview, update } from "../support/update";

/**
 * Bad input never gets as far as the cluster, so these tests run without one: the kubeconfig names a closed port, and
 * any resource that were registered would show as a step.
 */
describe("bad input", () => {
  let directory: string;
  let project: string;
  let stack: LocalStack;

  before("open a stack", async () => {
    const tools = await ensureTools([...localTools]);
    directory = scratchDirectory("bad-input");
    project = createProject(directory);
    stack = await openLocalStack({ name: "dev", project, directory, tools, kubeconfig: closedKubeconfig(directory) });
  });
  beforeEach(() => {
    project = createProject(directory);
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  /** The run must fail, name all the given places, register nothing and leave the state as it was. */
  async function assertRefused(...places: string[]): Promise<string> {
    const before = resourcesOf(directory);
    const result = await update(stack, "up", ["--yes", "--skip-preview"]);
    assert.notEqual(result.code, 0, result.output);
    for (const place of places) assert.ok(result.output.includes(place), `missing "${place}" in:\n${result.output}`);
    assert.deepEqual(
      result.changes.filter(({ type }) => type !== "pulumi:pulumi:Stack"),
      [],
    );
    assert.equal(resourcesOf(directory), before);
    assert.doesNotMatch(result.output, /\n\s+at .*\.(ts|js):\d+/, "no stack trace");
    return result.output;
  }

  it("lists the faults of all files in one message", async () => {
    editYaml(project, tenantFile("finance"), ({ spec }) => {
      spec.quotas = spec.quota;
      spec.server.nodePool = "no-such-pool";
      spec.autoscaling = { minReplicas: 3, maxReplicas: 2 };
    });
    editYaml(project, tenantFile("hr"), ({ metadata, spec }) => {
      metadata.name = "HR_Department";
      spec.models.allow = ["no-such-model"];
      spec.server.memory = "4 gigabytes";
    });
    await assertRefused(
      "tenants/dev/finance.yaml: spec.quotas",
      "tenants/dev/finance.yaml: spec.server.nodePool",
      "tenants/dev/finance.yaml: spec.autoscaling",
      "tenants/dev/hr.yaml: metadata.name",
      "tenants/dev/hr.yaml: spec.models.allow",
      "tenants/dev/hr.yaml: spec.server.memory",
    );
  });

  it("refuses two tenants of one name and names both files", async () => {
    editYaml(project, tenantFile("copy"), (document) => {
      document.apiVersion = "ollama-platform.io/v1";
      document.kind = "Tenant";
      document.metadata = { name: "hr" };
      document.spec = { models: { allow: ["smollm2:135m"] } };
    });
    await assertRefused("tenants/dev/copy.yaml", "tenants/dev/hr.yaml");
  });

  it("refuses a quota below one pod and names the smallest that fits", async () => {
    editYaml(project, tenantFile("hr"), ({ spec }) => {
      spec.quota = { memory: "1Mi" };
    });
    await assertRefused("hr", "quota.memory");
  });

  it("names line and column of a YAML syntax error", async () => {
    writeFileSync(path.join(project, tenantFile("hr")), "apiVersion: ollama-platform.io/v1\nkind: [Tenant\n");
    await assertRefused("tenants/dev/hr.yaml");
  });

  it("refuses an empty tenant folder", async () => {
    const folder = path.join(project, "tenants", "dev");
    for (const file of readdirSync(folder)) unlinkSync(path.join(folder, file));
    await assertRefused("tenants/dev");
  });

  it("refuses an unknown key of the stack config", async () => {
    editYaml(project, "Pulumi.dev.yaml", ({ config }) => {
      config["ollama-platform:nodePool"] = [];
    });
    await assertRefused("ollama-platform:nodePool", "nodePools");
  });

  it("says which config is missing when the stack has none", async () => {
    writeFileSync(path.join(project, "Pulumi.dev.yaml"), "config: {}\n");
    await assertRefused("ollama-platform:models");
  });

  it("still previews when the cluster cannot be reached (control: valid input)", async () => {
    const result = await preview(stack);
    assert.equal(result.code, 0, result.output);
    assert.ok(result.changes.length > 20);
  });
});

/** The resources of the stored state; times and versions beside them are of no interest. */
function resourcesOf(directory: string): string {
  const { checkpoint } = JSON.parse(readState(stackFile(directory, "ollama-platform", "dev"))) as Checkpoint;
  return JSON.stringify((checkpoint.latest?.resources ?? []).filter(({ type }) => type !== "pulumi:pulumi:Stack"));
}

interface Checkpoint {
  checkpoint: { latest?: { resources?: { urn: string; type: string }[] } };
}
