import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { runPulumi } from "../../tools/engine";
import { pulumiOnStack, refreshStackConfig } from "../../tools/local/stack";
import { savedStack, stackFile } from "../../tools/local/state";
import { destroyEnvironment, previewEnvironment, updateEnvironment } from "../../tools/stacks/drive";
import { placeTenants } from "../../tools/stacks/move";
import { tenantStack } from "../../tools/stacks/existing";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { parse } from "yaml";
import { editYaml, tenantFile, type YamlDocument } from "../support/project";
import { runOnStacks, type StacksCommand } from "../support/stacks";
import { up } from "../support/update";

const PROJECT = "ollama-platform";

describe("an environment with stacks of tenants on the real engine and API server", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;
  /** Identity of everything of the tenants that cannot be restored. */
  let identities: string;

  before("deploy the dev stack as one", async () => {
    environment = await openTestEnvironment("tenant-stacks");
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    identities = await identitiesOfTenants();
    declare(["finance", 1], ["hr", 2]);
  });
  after(() => environment?.close());

  /** Spreads the tenants over two stacks. */
  function declare(...placed: [tenant: string, stack: number][]): void {
    editYaml(environment.project, "Pulumi.dev.yaml", ({ config }) => {
      config["ollama-platform:tenantStacks"] = {
        count: 2,
        placed: placed.map(([tenant, stack]) => ({ tenant, stack })),
      };
    });
    refreshStackConfig(environment.stack);
  }

  async function identitiesOfTenants(): Promise<string> {
    const lists = await Promise.all(
      ["namespaces", "secrets", "persistentvolumeclaims", "deployments"].map((kind) =>
        kubectlJson<{ items: { kind: string; metadata: { name: string; namespace?: string; uid: string } }[] }>(
          kubectl,
          ...["get", kind, "--all-namespaces"],
        ),
      ),
    );
    return lists
      .flatMap(({ items }) => items.map(({ metadata }) => metadata))
      .filter(({ name, namespace = name }) => /^tenant-/.test(namespace))
      .map(({ namespace, name, uid }) => `${namespace}/${name} ${uid}`)
      .sort()
      .join("\n");
  }

  const run = (command: StacksCommand) => runOnStacks(environment.stack, command);
  const runUp = (...args: string[]) => run((stacks, output) => updateEnvironment(stacks, args, output));
  const place = (mayMove: boolean) => run((stacks, output) => placeTenants(stacks, mayMove, output));
  const part = (number: number) => tenantStack(environment.stack, `dev-tenants-${number}`);

  it("changes nothing before the tenants are moved, neither all stacks together nor the one alone", async () => {
    const together = await runUp();
    assert.ok(together.failed);
    assert.match(together.said, /tenant finance lies in stack dev and belongs in dev-tenants-1/);
    assert.match(together.said, /npm run stacks -- --stack dev --move/);
    const alone = await up(environment.stack);
    assert.notEqual(alone.code, 0);
    assert.match(alone.output, /dev still holds `finance`, `hr`, which belongs elsewhere/);
    const other = await pulumiOnStack(part(1), "preview");
    assert.notEqual(other.code, 0);
    assert.match(other.stdout + other.stderr, /stack dev holds `finance`/);
  });

  it("moves the tenants without recreating anything", async () => {
    const told = await place(false);
    assert.match(told.said, /finance: from dev to dev-tenants-1/);
    assert.match(told.said, /Nothing was moved/);
    const moved = await place(true);
    assert.equal(moved.failed, false, moved.said);
  });

  it("updates the stacks after that, recreates nothing, and judges them together", async () => {
    const updated = await runUp();
    assert.equal(updated.failed, false, updated.said);
    assert.match(updated.said, /has judged all 3 stacks together: no rule is broken/);
    assert.equal(await identitiesOfTenants(), identities);
  });

  it("runs nothing when all is as declared, and a stack alone finds nothing to change either", async () => {
    const again = await runUp();
    assert.equal(again.failed, false, again.said);
    assert.match(again.said, /2 tenants in 2 stacks beside the platform's; all are as declared/);
    const alone = await pulumiOnStack(part(1), "preview", ["--expect-no-changes"]);
    assert.equal(alone.code, 0, alone.stdout + alone.stderr);
  });

  it("changes nothing of a plan that the pack refuses, though it is judged while engines preview", async () => {
    const before = await identitiesOfTenants();
    const refused = await run((stacks, output) => {
      const [finance, ...others] = stacks.plan.tenants;
      assert.ok(finance);
      const fences = finance.fences.filter(({ kind }) => kind !== "NetworkPolicy");
      const parts = stacks.parts.map((each) => ({
        ...each,
        part: each.part && { ...each.part, digest: "another one", objects: "others" },
      }));
      const plan = { ...stacks.plan, tenants: [{ ...finance, fences }, ...others] };
      return updateEnvironment({ ...stacks, plan, parts }, [], output);
    });
    assert.ok(refused.failed);
    assert.match(refused.said, /refuses the plan of the whole environment; nothing was changed:\n *\[network\//);
    assert.doesNotMatch(refused.said, /has judged all/);
    assert.equal(await identitiesOfTenants(), before);
    const again = await runUp();
    assert.match(again.said, /all are as declared/);
  });

  it("tells the keys of a tenant in its own stack, and in the platform's where they are", async () => {
    assert.deepEqual(await outputOf("dev", "tenantStacks"), { finance: "dev-tenants-1", hr: "dev-tenants-2" });
    assert.deepEqual(Object.keys((await outputOf("dev", "platform"))["tenants"] as object), ["finance", "hr"]);
    assert.deepEqual(Object.keys(await outputOf("dev-tenants-1", "clientKeys")), ["finance"]);
  });

  it("updates a tenant's stack, and the platform's without a preview when nothing changes in it but what it tells", async () => {
    const before = await identitiesOfTenants();
    editYaml(environment.project, tenantFile("hr"), ({ spec }) => {
      spec.displayName = "People";
    });
    const updated = await runUp();
    assert.equal(updated.failed, false, updated.said);
    assert.match(updated.said, /dev: changes nothing but its outputs/);
    assert.match(updated.said, /dev: nothing to change/);
    assert.match(updated.said, /dev-tenants-2: 1 changed/);
    assert.match(updated.said, /has judged all 3 stacks together: no rule is broken/);
    const { tenants } = (await outputOf("dev", "platform")) as { tenants: Record<string, { displayName: string }> };
    assert.equal(tenants["hr"]?.displayName, "People");
    assert.equal(await identitiesOfTenants(), before);
  });

  it("looks at the one stack whose tenant has changed, with a secret of the environment's config", async () => {
    const set = ["config", "set", "--secret", "tenant-secrets:hr.directory-password", "a-password-of-the-directory"];
    const { configFile, environment: env, name, project } = environment.stack;
    const kept = await runPulumi([...set, "--stack", name, "--config-file", configFile], { env, cwd: project });
    assert.equal(kept.code, 0, kept.stderr);
    const value = (parse(readFileSync(configFile, "utf8")) as YamlDocument).config[
      "tenant-secrets:hr.directory-password"
    ];
    editYaml(project, "Pulumi.dev.yaml", ({ config }) => {
      config["tenant-secrets:hr.directory-password"] = value;
    });
    refreshStackConfig(environment.stack);
    editYaml(project, tenantFile("hr"), ({ spec }) => {
      spec.secrets = [{ name: "directory", data: { password: "directory-password" } }];
    });
    const shown = await run((stacks, output) => previewEnvironment(stacks, [], output));
    assert.match(shown.said, /1 to look at, 2 as declared/);
    assert.match(shown.said, /\[1 of 1\] dev-tenants-2: 1 to create/);
    assert.match(shown.said, /tenant hr: \+ Secret directory/);
  });

  it("goes back to one stack without recreating anything, and takes the empty stacks away", async () => {
    editYaml(environment.project, tenantFile("hr"), ({ spec }) => delete spec.secrets);
    editYaml(environment.project, "Pulumi.dev.yaml", ({ config }) => delete config["ollama-platform:tenantStacks"]);
    refreshStackConfig(environment.stack);
    const refused = await runUp();
    assert.ok(refused.failed);
    assert.match(refused.said, /tenant finance lies in stack dev-tenants-1 and belongs in dev/);
    const moved = await place(true);
    assert.equal(moved.failed, false, moved.said);
    const updated = await runUp();
    assert.equal(updated.failed, false, updated.said);
    assert.equal(await identitiesOfTenants(), identities);
    assert.equal(resourcesIn("dev-tenants-1"), 0);
  });

  it("goes on with a move that was broken off between the two states", async () => {
    declare(["finance", 1], ["hr", 2]);
    // What the move writes last is the state that the tenants leave: as it was, it is a move that was broken off before that.
    const before = readFileSync(stateFile("dev"));
    const moved = await place(true);
    assert.equal(moved.failed, false, moved.said);
    writeFileSync(stateFile("dev"), before);
    const refused = await runUp();
    assert.ok(refused.failed, refused.said);
    const again = await place(true);
    assert.equal(again.failed, false, again.said);
    const updated = await runUp();
    assert.equal(updated.failed, false, updated.said);
    assert.match(updated.said, /has judged all 3 stacks together: no rule is broken/);
    assert.equal(await identitiesOfTenants(), identities);
  });

  it("destroys all stacks, and leaves nothing of a tenant", async () => {
    const destroyed = await run(destroyEnvironment);
    assert.equal(destroyed.failed, false, destroyed.said);
    assert.equal(await identitiesOfTenants(), "");
    for (const stack of ["dev", "dev-tenants-1", "dev-tenants-2"]) assert.equal(resourcesIn(stack), 0, stack);
  });

  it("previews the platform's stack of a new environment, and tells of stacks that have nothing yet", async () => {
    const shown = await run((stacks, output) => previewEnvironment(stacks, [], output));
    assert.equal(shown.failed, false, shown.said);
    assert.match(shown.said, /dev-tenants-1: is new, for finance\ndev-tenants-2: is new, for hr\n/);
    assert.match(shown.said, /\[1 of 1\] dev: \d+ to create/);
    const asked = await run((stacks, output) => previewEnvironment(stacks, ["--diff"], output));
    assert.match(asked.said, /tenant hr: \d+ to create/);
  });

  const stateFile = (stack: string) => stackFile(environment.directory, PROJECT, stack);
  const resourcesIn = (stack: string) => savedStack(environment.directory, PROJECT, stack).resources;

  /** An output of one of the stacks, secrets included. */
  async function outputOf(stack: string, output: string): Promise<Record<string, unknown>> {
    const { environment: env, project } = environment.stack;
    const args = ["stack", "output", output, "--json", "--show-secrets", "--stack", stack];
    const { code, stdout, stderr } = await runPulumi(args, { env, cwd: project });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  }
});
