import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { GuardObject } from "../../components/plan/guard/guard";
import { runPulumi } from "../../tools/engine";
import { askOnLoopback } from "../../tools/local/loopback";
import { repositoryRoot } from "../../tools/local/paths";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { allObjects, kubectlJson, kubectlWith, settledObjects, type Kubectl } from "../support/kubectl";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { Attack } from "../support/attack";
import { editYaml, takeOtherGuard, tenantFile } from "../support/project";
import { preview, up, update, type EngineStep } from "../support/update";

const belongsTo = (tenant: string) => (step: EngineStep) =>
  step.urn.includes(`-${tenant}`) || step.urn.includes(`${tenant}-`);
const urns = (steps: EngineStep[]) => steps.map(({ op, urn }) => `${op} ${urn}`).join("\n");

describe("the dev stack on the real engine and API server", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;
  let original: Set<string>;
  /** Someone with all rights who tries to weaken the tenants, again and again, from before they exist until they are gone. */
  let attack: Attack;
  let putGuardBack: () => void;

  before("start a cluster", async () => {
    environment = await openTestEnvironment("engine");
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    original = await settledObjects(kubectl);
    const { directory, cluster } = environment;
    const namespaces = ["tenant-hr", "tenant-finance", "tenant-legal", "tenant-legal-apps", "ollama-platform-system"];
    attack = new Attack(clusterLayout(path.join(directory, "cluster")), cluster.server, namespaces);
  });
  afterEach(() => assert.deepEqual(attack.passed, []));
  after(async () => {
    await attack?.stop();
    await environment?.close();
  });

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

  it("creates both tenants, which are guarded from their first moment", async () => {
    await attack.start();
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    const namespaces = await kubectl("get", "namespaces", "-o", "name");
    assert.match(namespaces.stdout, /namespace\/tenant-finance/);
    assert.match(namespaces.stdout, /namespace\/tenant-hr/);
    for (const tenant of ["tenant-hr", "tenant-finance", "ollama-platform-system"]) await attack.tried(tenant);
  });

  it("answers with a real model where nodes run no process, and refuses the neighbour's key and another model", async () => {
    const stackFile = path.join(environment.project, "Pulumi.dev.yaml");
    const table = await askOnLoopback(environment.cluster.kubeconfig, stackFile);
    assert.match(table, /hr's client +smollm2:135m +200: \w/);
    assert.match(table, /hr's client +llama3\.1:8b \(not allowed\) +404: /);
    assert.match(table, /finance's client +smollm2:135m +401: /);
  });

  it("changes nothing when it runs again", async () => {
    const result = await up(environment.stack, "--expect-no-changes");
    assert.equal(result.code, 0, result.output);
    assert.deepEqual(result.changes, []);
  });

  it("keeps nothing in its state of the places in the program where resources were made", async () => {
    const { deployment } = JSON.parse(readFileSync(await exportOf(environment), "utf8")) as {
      deployment: { resources: { type: string; stackTrace?: object }[] };
    };
    const placed = deployment.resources.filter(({ stackTrace }) => stackTrace !== undefined);
    // The stack itself is made by the SDK before the program begins.
    assert.deepEqual(
      placed.map(({ type }) => type),
      ["pulumi:pulumi:Stack"],
    );
  });

  it("is no change to the report when it is compared with its own export", async () => {
    const { code, summary } = await reportAgainst(await exportOf(environment), environment);
    assert.equal(code, 0, summary);
    assert.match(summary, /Compared with the exported state: 0 objects added, 0 removed, 0 changed\./);
    assert.match(summary, /Nothing is weaker than before\./);
  });

  it("shows in the report what a change would weaken in it", async () => {
    const exported = await exportOf(environment);
    const file = path.join(environment.project, tenantFile("hr"));
    const original = readFileSync(file, "utf8");
    try {
      editYaml(environment.project, tenantFile("hr"), ({ spec }) => {
        spec.network = { egressTo: [{ cidr: "203.0.113.16/28", ports: [{ port: 443 }] }] };
      });
      const { summary } = await reportAgainst(exported, environment);
      assert.match(summary, /2 weakened/);
      assert.match(summary, /\*\*hr\*\* Deployment tenant-hr\/ollama can open TCP 443 on internet; nothing before\./);
      // The guard's policy on network policies, and the one that says its version.
      assert.match(summary, /1 object added, 0 removed, 2 changed\./);
    } finally {
      writeFileSync(file, original);
    }
  });

  it("finds no drift after a refresh", async () => {
    const result = await update(environment.stack, "refresh", ["--yes", "--expect-no-changes"]);
    assert.equal(result.code, 0, result.output);
    assert.equal((await up(environment.stack, "--expect-no-changes")).code, 0);
  });

  it("guards the tenants while the images and the guard change, as when another release is deployed", async () => {
    putGuardBack = takeOtherGuard(environment.project);
    editYaml(environment.project, "Pulumi.dev.yaml", ({ config }) => {
      config["ollama-platform:images"] = { envoy: "docker.io/envoyproxy/envoy:v1.40.1" };
    });
    // Without the policy pack, which takes no guard but the reviewed one.
    const result = await update(environment.stack, "up", ["--yes", "--skip-preview"]);
    assert.equal(result.code, 0, result.output);
    const { expressions, names } = await guardOf(kubectl);
    assert.ok(expressions.every((expression) => expression.startsWith("!(!(")));
    assert.ok(names.includes("ollama-platform-opened-peers") && !names.includes("ollama-platform-network-policies"));
    await attack.tried("tenant-hr");
  });

  it("touches only the new tenant's resources when a tenant is added, while the guard is upgraded", async () => {
    putGuardBack();
    editYaml(environment.project, tenantFile("legal"), (document) => {
      Object.assign(document, newTenant("legal"));
    });
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    const foreign = result.changes.filter((step) => !belongsTo("legal")(step) && !namesEveryTenant(step));
    assert.equal(urns(foreign), "");
    assert.ok(result.changes.filter(belongsTo("legal")).every(({ op }) => op === "create"));
    const { expressions, names } = await guardOf(kubectl);
    assert.ok(!expressions.some((expression) => expression.startsWith("!(!(")));
    assert.ok(names.includes("ollama-platform-network-policies") && !names.includes("ollama-platform-opened-peers"));
    for (const namespace of ["tenant-legal", "tenant-legal-apps"]) await attack.tried(namespace);
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

/** The stack and the platform component carry the outputs; the guard and the loader of the shared store know every tenant. */
const namesEveryTenant = ({ type, urn }: EngineStep) =>
  type === "pulumi:pulumi:Stack" ||
  type === "ollama-platform:index:OllamaPlatform" ||
  /::ollama-(guard-|store-(configmap-model-loader-request|job-model-loader)-)/.test(urn);

/** Expressions and names of the policies that the cluster has. */
async function guardOf(kubectl: Kubectl): Promise<{ expressions: string[]; names: string[] }> {
  const { items } = await kubectlJson<{ items: GuardObject[] }>(kubectl, "get", "validatingadmissionpolicies");
  const validations = ({ spec }: GuardObject) => spec["validations"] as { expression: string }[];
  return {
    expressions: items.flatMap((policy) => validations(policy).map(({ expression }) => expression)),
    names: items.map(({ metadata }) => metadata.name),
  };
}

/** Writes what `pulumi stack export` says of the stack into a file; returns its path. */
async function exportOf({ stack, directory }: TestEnvironment): Promise<string> {
  const file = path.join(directory, "export.json");
  const shell = path.dirname(stack.configFile);
  const exported = await runPulumi(["stack", "export", "--stack", stack.name, "--file", file, "-C", shell], {
    env: stack.environment,
    cwd: shell,
  });
  assert.equal(exported.code, 0, exported.stderr + exported.stdout);
  return file;
}

/** What `npm run report -- --previous` says in the scratch project: its exit code, and its output with the summary. */
async function reportAgainst(exported: string, { project, directory, stack }: TestEnvironment) {
  // The command reports on the checkout that it lies in.
  for (const folder of ["tools", "verifier"])
    cpSync(path.join(repositoryRoot, folder), path.join(project, folder), { recursive: true });
  const output = path.join(directory, "report");
  const command = ["tools/report/cli.ts", "--stack", stack.name, "--previous", exported, "--output", output];
  const ran = await new Promise<{ code: number; said: string }>((resolve) => {
    execFile(
      process.execPath,
      ["-r", "ts-node/register/transpile-only", ...command],
      { cwd: project },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    );
  });
  const summary = readFileSync(path.join(output, `${stack.name}.md`), "utf8");
  return { code: ran.code, summary: `${ran.said}\n${summary}` };
}

function newTenant(name: string) {
  return {
    apiVersion: "ollama-platform.io/v1",
    kind: "Tenant",
    metadata: { name },
    spec: {
      models: { allow: ["smollm2:135m"] },
      access: { viewers: [`${name}-viewers`] },
      workspace: { developers: [`${name}-developers`], images: [`registry.example.com/${name}`] },
    },
  };
}
