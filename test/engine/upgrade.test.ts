import { strict as assert } from "node:assert";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../../tools/local/paths";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { createProject, editYaml, tenantFile } from "../support/project";
import { up, update, type EngineStep, type UpdateResult } from "../support/update";

/** What the previous release is: a tag, or the commit that stands for the first one. */
const previousRelease = "fcec0b2";

/** What a user of the program has of it. */
const program = ["Pulumi.yaml", "index.ts", "program.ts", "package.json", "tsconfig.json", "components", "policy-pack"];

/** What the user wrote, which an upgrade leaves as it is. */
const declaration = ["Pulumi.dev.yaml", "tenants"];

/** Objects whose loss takes data, keys or whole tenants with it. */
const lasting = ["namespaces", "persistentvolumeclaims", "persistentvolumes", "secrets"];

const noHistory =
  spawnSync("git", ["cat-file", "-e", previousRelease], { cwd: repositoryRoot }).status === 0
    ? undefined
    : `the checkout has no commit ${previousRelease}`;

// Without the policy pack, whose settings ask for a guard that the previous release could not declare.
describe("an upgrade from the previous release", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;
  let old: Map<string, string>;
  let planned: UpdateResult;

  before("deploy the dev stack with the previous release", async function () {
    if (noHistory !== undefined) return this.skip();
    environment = await openTestEnvironment("upgrade");
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    extract([...program, ...declaration]);
    const deployed = await up(environment.stack, "--skip-preview");
    assert.equal(deployed.code, 0, deployed.output);
    old = await identities();
    createProject(environment.directory);
    extract(declaration);
    // The previous release let a server have less memory than its models need when they take turns.
    editYaml(environment.project, tenantFile("hr"), ({ spec }) => {
      spec.server.memory = "2304Mi";
    });
  });
  after(() => environment?.close());

  /** Puts files of the previous release into the scratch project, in place of what is there. */
  function extract(names: string[]): void {
    for (const name of names) rmSync(path.join(environment.project, name), { recursive: true, force: true });
    const scratch = mkdtempSync(path.join(environment.directory, "release-"));
    const archive = path.join(scratch, "release.tar");
    execFileSync("git", ["archive", "--output", archive, previousRelease, ...names], { cwd: repositoryRoot });
    execFileSync("tar", ["-xf", archive, "-C", environment.project]);
  }

  /** UID of each lasting object, and of a client's Secret what it holds; a gateway's Secret has the policy in the present form. */
  async function identities(): Promise<Map<string, string>> {
    const found = await kubectlJson<{ items: LastingObject[] }>(kubectl, "get", lasting.join(","), "--all-namespaces");
    return new Map(
      found.items.map(({ kind, metadata: { namespace = "", name, uid }, data }) => [
        `${kind} ${namespace}/${name}`,
        name.startsWith("client-") ? `${uid} ${JSON.stringify(data)}` : uid,
      ]),
    );
  }

  it("is planned without replacing or deleting anything that lasts", async () => {
    planned = await update(environment.stack, "preview");
    assert.equal(planned.code, 0, planned.output);
    assert.deepEqual(destroyed(planned), []);
  });

  it("is one update, after which nothing is left to do", async () => {
    const updated = await update(environment.stack, "up", ["--yes", "--skip-preview"]);
    assert.equal(updated.code, 0, updated.output);
    assert.deepEqual(destroyed(updated), []);
    const again = await update(environment.stack, "up", ["--yes", "--skip-preview", "--expect-no-changes"]);
    assert.equal(again.code, 0, again.output);
  });

  it("keeps every namespace, claim, volume and key", async () => {
    const now = await identities();
    const lost = [...old].filter(([object, identity]) => now.get(object) !== identity).map(([object]) => object);
    assert.deepEqual(lost, []);
  });
});

interface LastingObject {
  kind: string;
  metadata: { namespace?: string; name: string; uid: string };
  data?: Record<string, string>;
}

const destroyed = ({ changes }: UpdateResult): string[] =>
  changes.filter(destroys).map(({ op, urn }) => `${op} ${urn}`);

const destroys = ({ op, type }: EngineStep) =>
  /replace|delete/.test(op) && /Namespace|PersistentVolume|Secret|RandomPassword|pulumi:providers/.test(type);
