import { strict as assert } from "node:assert";
import { rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { loadStackFile } from "../../../components/config/load";
import { planPlatform, type PlatformPlan } from "../../../components/plan/platform";
import { tenantObjects } from "../../../components/plan/tenant/tenant";
import { createProject, editYaml, tenantFile } from "../../support/project";
import { fieldChanges, fieldsOfSchema, SECRET_VALUES, useEveryField } from "../../support/tenant-fields";

/** What a tenant's declaration makes, without the declaration itself. */
function madeOf({ tenants, guard }: PlatformPlan, name: string): unknown {
  const own = tenants
    .filter(({ tenant }) => tenant.name === name)
    .map((plan) => [tenantObjects(plan), plan.models.protect, plan.output]);
  return [own, guard];
}

describe("a change of one field of a tenant's file", function () {
  let directory: string;
  let before: PlatformPlan;

  const project = () => {
    const made = createProject(directory);
    useEveryField(made);
    editYaml(made, "Pulumi.dev.yaml", ({ config }) => {
      for (const name of SECRET_VALUES) config[`tenant-secrets:${name}`] = { secure: "v1:AAAA:BBBB" };
    });
    return made;
  };
  const planOf = (folder: string) => planPlatform(loadStackFile(path.join(folder, "Pulumi.dev.yaml")));

  this.beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), "ollama-platform-fields-"));
    before = planOf(project());
  });
  this.afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("is tried for every field of the schema", () => {
    assert.deepEqual(Object.keys(fieldChanges).sort(), fieldsOfSchema().sort());
  });

  for (const [field, { tenant, edit, beyond, secrets }] of Object.entries(fieldChanges)) {
    it(`changes that tenant${beyond === undefined ? " alone" : ""}: ${field}${beyond ? `, and ${beyond}` : ""}`, () => {
      const folder = project();
      editYaml(folder, tenantFile(tenant), ({ spec }) => edit(spec));
      const after = planOf(folder);
      const own = (plan: PlatformPlan) => plan.tenants.filter((one) => one.tenant.name === tenant);
      const others = (plan: PlatformPlan) => plan.tenants.filter((one) => one.tenant.name !== tenant);
      assert.notDeepEqual(own(after), own(before));
      // What only Secrets say is not in the plan; the engine's suite sees it.
      if (secrets === undefined) assert.notDeepEqual(madeOf(after, tenant), madeOf(before, tenant));
      assert.deepEqual(others(after), others(before));
      assert.deepEqual(after.nodePools, before.nodePools);
      const compare: (actual: unknown, expected: unknown) => void =
        beyond === undefined ? assert.deepEqual : assert.notDeepEqual;
      compare(after.modelStore, before.modelStore);
    });
  }
});
