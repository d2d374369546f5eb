import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { allObjects, kubectlWith, settledObjects, type Kubectl } from "../support/kubectl";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { editYaml, tenantFile } from "../support/project";
import { preview, up, update, type EngineStep } from "../support/update";

const belongsTo = (tenant: string) => (step: EngineStep) =>
  step.urn.includes(`-${tenant}`) || step.urn.includes(`${tenant}-`);
const urns = (steps: EngineStep[]) => steps.map(({ op, urn }) => `${op} ${urn}`).join("\n");

describe("the dev stack on the real engine and API server", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;
  let original: Set<string>;

  before("start a cluster", async () => {
    environment = await openTestEnvironment("engine");
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    original = await settledObjects(kubectl);
  });
  after(() => environment?.close());

  it("previews a stack that does not exist yet, without violations and without creating anything", async () => {
    const result = await preview(environment.stack);
    assert.equal(result.code, 0, result.output);
    assert.deepEqual(
      result.violations.filter(({ level }) => level === "mandatory"),
      [],
    );
    assert.ok(result.changes.length > 20, urns(result.changes));
    assert.deepEqual(
      [...(await allObjects(kubectl))].filter((object) => !original.has(object)),
      [],
    );
  });

  it("creates both tenants", async () => {
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    const namespaces = await kubectl("get", "namespaces", "-o", "name");
    assert.match(namespaces.stdout, /namespace\/tenant-finance/);
    assert.match(namespaces.stdout, /namespace\/tenant-hr/);
  });

  it("changes nothing when it runs again", async () => {
    const result = await up(environment.stack, "--expect-no-changes");
    assert.equal(result.code, 0, result.output);
    assert.deepEqual(result.changes, []);
  });

  it("finds no drift after a refresh", async () => {
    const result = await update(environment.stack, "refresh", ["--yes", "--expect-no-changes"]);
    assert.equal(result.code, 0, result.output);
    assert.equal((await up(environment.stack, "--expect-no-changes")).code, 0);
  });

  it("touches only the new tenant's resources when a tenant is added", async () => {
    editYaml(environment.project, tenantFile("legal"), (document) => {
      Object.assign(document, newTenant("legal"));
    });
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    const foreign = result.changes.filter((step) => !belongsTo("legal")(step) && !namesEveryTenant(step));
    assert.equal(urns(foreign), "");
    assert.ok(result.changes.filter(belongsTo("legal")).every(({ op }) => op === "create"));
  });

  it("leaves nothing of a removed tenant and does not touch the others", async () => {
    rmSync(path.join(environment.project, tenantFile("legal")));
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    const foreign = result.changes.filter((step) => !belongsTo("legal")(step) && !namesEveryTenant(step));
    assert.equal(urns(foreign), "");
    const left = [...(await allObjects(kubectl))].filter((object) => object.includes("legal"));
    assert.deepEqual(left, []);
  });

  it("leaves an empty cluster after destroy", async () => {
    const result = await update(environment.stack, "destroy", ["--yes"]);
    assert.equal(result.code, 0, result.output);
    const left = [...(await allObjects(kubectl))].filter((object) => !original.has(object));
    assert.deepEqual(left, []);
  });
});

/** The stack and the platform component carry the outputs, and the loader of the shared store is told who sees which model. */
const namesEveryTenant = ({ type, urn }: EngineStep) =>
  type === "pulumi:pulumi:Stack" ||
  type === "ollama-platform:index:OllamaPlatform" ||
  /::ollama-store-(configmap-model-loader-request|job-model-loader)-/.test(urn);

function newTenant(name: string) {
  return {
    apiVersion: "ollama-platform.io/v1",
    kind: "Tenant",
    metadata: { name },
    spec: { models: { allow: ["smollm2:135m"] }, access: { viewers: [`${name}-viewers`] } },
  };
}
