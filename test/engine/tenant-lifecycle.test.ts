import { strict as assert } from "node:assert";
import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { loadStackFile } from "../../components/config/load";
import { planPlatform, platformObjects } from "../../components/plan/platform";
import { runPulumi } from "../../tools/engine";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { allObjects, kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { editYaml, tenantFile, type YamlDocument } from "../support/project";
import { fieldChanges, lotsOfFields, SECRET_VALUES, useEveryField } from "../support/tenant-fields";
import { update, type EngineStep } from "../support/update";

interface Binding {
  metadata: { namespace?: string; name: string };
  subjects?: { name: string; namespace?: string }[];
}
interface StateResource {
  urn: string;
  type: string;
  inputs?: unknown;
}

/** Groups of HR's people, as its file names them. */
const HR_GROUPS = ["hr-business-partners", "hr-operators", "hr-developers"];

const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";
const isOf = (tenant: string, { urn }: EngineStep) =>
  nameOf(urn) === `ollama-tenant-${tenant}` || nameOf(urn).startsWith(`ollama-tenant-${tenant}-`);
/** The guard knows every tenant's groups, hosts and bounds. */
const isGuard = ({ urn }: EngineStep) => nameOf(urn).startsWith("ollama-guard-");
/** The loader of the shared store is told which tenant sees which model, and runs again. */
const isLoader = ({ urn }: EngineStep) =>
  /^ollama-store-(configmap-model-loader-request|job-model-loader)-/.test(nameOf(urn));
/** The stack and the platform carry every tenant's outputs. */
const isFrame = ({ type }: EngineStep) =>
  type === "pulumi:pulumi:Stack" || type === "ollama-platform:index:OllamaPlatform";
const urns = (steps: EngineStep[]) => steps.map(({ op, urn }) => `${op} ${urn}`).join("\n");

describe("a tenant's life on the real engine and API server", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;
  /** Files of the tenants as they are at first. */
  let files: Record<string, YamlDocument> = {};

  before("start a cluster and create a stack that uses every field", async () => {
    environment = await openTestEnvironment("tenant-lifecycle");
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    useEveryField(environment.project);
    for (const name of SECRET_VALUES) await setValue(name);
    files = Object.fromEntries(["finance", "hr"].map((tenant) => [tenant, read(tenantFile(tenant))]));
    await run(up);
  });
  after(() => environment?.close());
  afterEach("put the tenants' files back", () => {
    for (const tenant of Object.keys(files)) writeTenant(tenant);
  });

  const read = (file: string) => parse(readFileSync(path.join(environment.project, file), "utf8")) as YamlDocument;

  /** Writes a tenant's first file, with changes. */
  function writeTenant(tenant: string, ...edits: ((spec: YamlDocument) => void)[]): void {
    const { apiVersion, kind, metadata, spec } = structuredClone(files[tenant]);
    for (const edit of edits) edit(spec);
    editYaml(environment.project, tenantFile(tenant), (file) =>
      Object.assign(file, { apiVersion, kind, metadata, spec }),
    );
  }

  // Without the policy pack, whose configuration does not list this stack's ingress controller.
  const up = () => update(environment.stack, "up", ["--yes", "--skip-preview"]);
  const preview = () => update(environment.stack, "preview");

  /** Runs the engine, and returns what it changed, without the frame of the whole. */
  async function run(command: typeof up): Promise<EngineStep[]> {
    const result = await command();
    assert.equal(result.code, 0, result.output);
    return result.changes.filter((step) => !isFrame(step));
  }

  async function pulumi(...args: string[]): Promise<string> {
    const { environment: env, name, project } = environment.stack;
    const result = await runPulumi([...args, "--stack", name, "--non-interactive"], { env, cwd: project });
    assert.equal(result.code, 0, result.stderr);
    return result.stdout;
  }

  /** Encrypts a value with the stack's own key, as people do, and takes it over into the project's stack file. */
  async function setValue(name: string): Promise<void> {
    const { project, configFile } = environment.stack;
    const key = `tenant-secrets:${name}`;
    await pulumi("config", "set", "--secret", key, `value of ${name}`, "--config-file", configFile);
    const { config } = parse(readFileSync(configFile, "utf8")) as YamlDocument;
    editYaml(project, "Pulumi.dev.yaml", (file) => (file.config[key] = config[key]));
  }

  /** Every resource of the stack with its inputs; what is encrypted differs each time, and left out. */
  async function resources(): Promise<Map<string, string>> {
    const { deployment } = JSON.parse(await pulumi("stack", "export")) as {
      deployment: { resources: StateResource[] };
    };
    const entries = deployment.resources.filter(({ type }) => type !== "pulumi:pulumi:Stack");
    const withoutCiphertext = (key: string, value: unknown) => (key === "ciphertext" ? "" : value);
    return new Map(entries.map(({ urn, inputs }) => [urn, JSON.stringify(inputs ?? {}, withoutCiphertext)]));
  }

  /** Objects of the declaration, by the end of their resource's name. */
  function declared(): Map<string, string> {
    const spec = loadStackFile(path.join(environment.project, "Pulumi.dev.yaml"));
    return new Map(
      platformObjects(planPlatform(spec)).map((object) => [
        `${object.metadata.namespace ?? ""}/${object.kind.toLowerCase()}-${object.metadata.name}`,
        JSON.stringify(object),
      ]),
    );
  }

  /** What a change of this field alone must touch of what there is, by the ends of the resources' names. */
  function touchedBy(field: string): string[] {
    const { tenant, edit, secrets = [] } = fieldChanges[field] ?? assert.fail(field);
    writeTenant(tenant);
    const before = declared();
    writeTenant(tenant, edit);
    const after = declared();
    const changed = [...before.keys()].filter((key) => before.get(key) !== after.get(key));
    return [...changed.map((key) => key.split("/")[1] ?? ""), ...secrets.map((name) => `secret-${name}`)];
  }

  for (const [tenant, fields] of lotsOfFields()) {
    describe(`a change of ${tenant}'s file (${fields.length === 1 ? fields[0] : `${fields.length} fields`})`, () => {
      let steps: EngineStep[];
      before("preview the changes", async () => {
        writeTenant(tenant, ...fields.map((field) => fieldChanges[field]?.edit ?? assert.fail(field)));
        steps = await run(preview);
      });

      for (const field of fields) {
        it(`reaches what it is for: ${field}`, () => {
          const expected = touchedBy(field);
          assert.ok(expected.length > 0);
          for (const end of expected) {
            assert.ok(
              steps.some(({ urn }) => urn.endsWith(`-${end}`)),
              `${end} is not among\n${urns(steps)}`,
            );
          }
        });
      }

      it("touches no other tenant and nothing of the platform", () => {
        const mayReachLoader = fields.some((field) => fieldChanges[field]?.beyond !== undefined);
        const foreign = steps.filter(
          (step) => !isOf(tenant, step) && !isGuard(step) && !(mayReachLoader && isLoader(step)),
        );
        assert.equal(urns(foreign), "");
      });
    });
  }

  describe("a tenant", () => {
    it("is suspended and resumed with the same objects as before", async () => {
      const first = await resources();
      writeTenant("hr", (spec) => (spec.suspended = true));
      const suspended = await run(up);
      assert.equal(urns(suspended.filter((step) => !isOf("hr", step) && !isGuard(step))), "");
      assert.notDeepEqual(await resources(), first);
      writeTenant("hr");
      const resumed = await run(up);
      assert.equal(urns(resumed.filter((step) => !isOf("hr", step) && !isGuard(step))), "");
      assert.deepEqual(await resources(), first);
    });

    it("is not renamed: an update with its file under a new name changes nothing, and says how to do it", async () => {
      const first = await resources();
      const people = { ...structuredClone(files["hr"]), metadata: { name: "people" } };
      delete people.spec.secrets;
      editYaml(environment.project, tenantFile("people"), (file) => Object.assign(file, people));
      rmSync(path.join(environment.project, tenantFile("hr")));
      const refused = await up();
      assert.notEqual(refused.code, 0, refused.output);
      assert.match(refused.output, /`people` new, `hr` removed/);
      assert.match(refused.output, /keep the file of `hr` beside that of `people` and update/);
      assert.equal(urns(refused.changes.filter((step) => !isFrame(step))), "");
      assert.deepEqual(await resources(), first);

      // Beside the old file the new name is a tenant like any other.
      for (const key of ["access", "ingress", "workspace"]) delete people.spec[key];
      editYaml(environment.project, tenantFile("people"), (file) => Object.assign(file, people));
      writeTenant("hr");
      const steps = await run(preview);
      assert.ok(steps.length > 20);
      assert.equal(urns(steps.filter((step) => !isOf("people", step) && !isGuard(step) && !isLoader(step))), "");
      rmSync(path.join(environment.project, tenantFile("people")));
    });

    it("ends with the file: no object and no grant is left, and no other tenant is touched", async () => {
      assert.ok((await ownObjects()).length > 20);
      assert.notDeepEqual(await grants(), []);
      rmSync(path.join(environment.project, tenantFile("hr")));
      const steps = await run(up);
      assert.deepEqual(await ownObjects(), []);
      assert.deepEqual(await grants(), []);
      assert.equal(urns(steps.filter((step) => !isOf("hr", step) && !isGuard(step) && !isLoader(step))), "");
      assert.ok(steps.filter((step) => isOf("hr", step)).every(({ op }) => op === "delete"));
    });
  });

  async function ownObjects(): Promise<string[]> {
    return [...(await allObjects(kubectl))].filter((object) => /\bhr\b/.test(object));
  }

  /** Bindings that give HR's people or service accounts something. */
  async function grants(): Promise<string[]> {
    const { items } = await kubectlJson<{ items: Binding[] }>(
      kubectl,
      ...["get", "rolebindings,clusterrolebindings", "--all-namespaces"],
    );
    return items.flatMap(({ metadata, subjects = [] }) =>
      subjects.some(({ name, namespace }) => HR_GROUPS.includes(name) || namespace === "tenant-hr")
        ? [metadata.name]
        : [],
    );
  }
});
