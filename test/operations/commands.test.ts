import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { clusterProcesses } from "../../tools/local-cluster/processes";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { describeInLongForm } from "../support/long-form";
import { editYaml, tenantFile } from "../support/project";
import { commandEnvironment, makeCheckout } from "./support/checkout";
import { runScript, startScript, type CommandResult } from "./support/command";

const script = (name: string) => `tools/commands/${name}.ts`;

// It takes some minutes.
describeInLongForm?.("the local commands", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;

  before("start a cluster", async () => {
    environment = await openTestEnvironment("commands");
    makeCheckout(environment);
    kubectl = kubectlWith(environment.tools, environment.deployerKubeconfig);
  });
  after(() => environment?.close());

  const run = (name: string, ...args: string[]): Promise<CommandResult> =>
    runScript(script(name), args, commandEnvironment(environment), environment.project);

  async function succeeds(name: string, ...args: string[]): Promise<string> {
    const { code, text } = await run(name, ...args);
    assert.equal(code, 0, text);
    return text;
  }

  const file = (...names: string[]) => path.join(environment.project, ...names);
  const namespaceExists = async (name: string) => (await kubectl("get", "namespace", name)).code === 0;

  it("start a platform in fewer lines than a terminal has pages for, each part told once", async () => {
    const text = await succeeds("start");
    assert.ok(text.trimEnd().split("\n").length < 80, text);
    assert.match(text, /\n {2}tenant hr: \d+ created after \d+ s\n/);
    assert.match(text, /\ntenant-hr +1\/1 /);
    assert.equal(text.match(/tenant finance: \d+ created/g)?.length, 1);
  });

  it("hand Pulumi on, with backend, home, passphrase and stack", async () => {
    const text = await succeeds("pulumi", "stack", "output", "platform");
    assert.equal((JSON.parse(text) as { schemaVersion: number }).schemaVersion, 1);
  });

  it("tell what a changed Secret means, let the gateways take it at once, and keep no more records than wanted", async () => {
    const history = path.join(environment.directory, "state", ".pulumi", "history", "ollama-platform", "dev");
    for (let number = 10; number < 70; number++)
      writeFileSync(path.join(history, `dev-10000000000000000${number}.history.json`), "{}");
    editYaml(environment.project, tenantFile("hr"), ({ spec }) => {
      spec.access.clients[0].requestsPerMinute = 3;
    });
    const text = await succeeds("up");
    assert.match(
      text,
      /tenant hr: ~ Secret gateway-policy: what the gateway lets pass: clients' keys, their limits, models/,
    );
    assert.match(text, /\n1 server takes changed keys, limits and certificates now, within seconds\.\n/);
    const { items } = await kubectlJson<{ items: { metadata: { annotations?: Record<string, string> } }[] }>(
      kubectl,
      ...["get", "pods", "--namespace", "tenant-hr"],
    );
    assert.ok(
      items.every(({ metadata }) => metadata.annotations?.["ollama-platform.io/secrets-version"] !== undefined),
    );
    const kept = readdirSync(history);
    assert.equal(kept.length, 30);
    assert.ok(
      kept.some((name) => !name.includes("-10000000000000000")),
      kept.join("\n"),
    );
  });

  it("work one at a time: of two that begin at the same moment one goes on, the other names it and touches nothing", async () => {
    const refused = /^error: `npm run up` \(process \d+, since [\d:]+\) works on the local cluster of this checkout/m;
    addTenant("twin");
    const results = await Promise.all([run("up"), run("up")]);
    const [good, bad] = results.sort((a, b) => a.code - b.code);
    assert.equal(good?.code, 0, good?.text);
    assert.equal(bad?.code, 1, bad?.text);
    assert.match(bad?.text ?? "", refused);
    assert.ok(await namespaceExists("tenant-twin"));
    rmSync(file(tenantFile("twin")));
    const running = startScript(script("up"), [], commandEnvironment(environment), environment.project);
    await running.said(/Updating the dev stack/);
    const [down, output] = await Promise.all([run("down"), run("pulumi", "stack", "output", "clusterIdentity")]);
    assert.equal(down.code, 1, down.text);
    assert.match(down.text, refused);
    assert.doesNotMatch(down.text, /cluster is stopped/);
    assert.equal(output.code, 0, output.text);
    const { code, text } = await running.ended;
    assert.equal(code, 0, text);
    assert.ok(!(await namespaceExists("tenant-twin")));
  });

  it("name a stack file that is not YAML, and what is wrong in it", async () => {
    const good = readFileSync(file("Pulumi.dev.yaml"), "utf8");
    writeFileSync(file("Pulumi.dev.yaml"), "config: [");
    try {
      const { code, text } = await run("preview");
      assert.equal(code, 1);
      assert.match(text, /error: \S*Pulumi\.dev\.yaml: not valid YAML: /);
      assert.doesNotMatch(text, /\n\s+at /, "a stack trace");
    } finally {
      writeFileSync(file("Pulumi.dev.yaml"), good);
    }
  });

  it("stop soon when the state cannot be saved any more, lose nothing, and go on once it can", async function () {
    if (process.getuid?.() !== 0) this.skip();
    const state = path.join(environment.directory, "state");
    const aside = `${state}.aside`;
    cpSync(state, aside, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", state]);
    try {
      cpSync(aside, state, { recursive: true });
      addTenant("sales");
      const running = startScript(script("up"), [], commandEnvironment(environment), environment.project);
      await running.said(/Updating the dev stack/);
      const filler = path.join(state, "filler");
      fill(filler);
      const { code, text } = await running.ended;
      assert.notEqual(code, 0, text);
      assert.match(text, /error: \S+state: the volume has \d+ MiB left, and the state needs 16 MiB: make room there/);
      assert.match(
        text,
        /nothing that exists is lost; once that is put right, `npm run up` finds what was made and goes on/,
      );
      rmSync(filler);
      await succeeds("up");
      assert.ok(await namespaceExists("tenant-sales"));
      rmSync(aside, { recursive: true });
      cpSync(state, aside, { recursive: true });
    } finally {
      execFileSync("umount", [state]);
      cpSync(aside, state, { recursive: true, force: true });
    }
  });

  it("name what a foreign finalizer holds, finish everything else, and end clean when it is gone", async () => {
    await kubectl("create", "configmap", "held", "--namespace", "tenant-sales");
    await kubectl(
      "patch",
      "configmap",
      "held",
      "--namespace",
      "tenant-sales",
      "--type=merge",
      "-p",
      finalizers(["example.com/hold"]),
    );
    rmSync(file(tenantFile("sales")));
    editYaml(environment.project, tenantFile("hr"), ({ spec }) => {
      spec.access.viewers = ["auditors"];
    });
    const running = startScript(script("up"), [], commandEnvironment(environment), environment.project);
    await running.said(
      /namespace tenant-sales is not deleted yet: .*finalizers remaining: example\.com\/hold in 1 resource/,
    );
    const binding = await kubectl(
      "get",
      "rolebinding",
      "viewer",
      "--namespace",
      "tenant-hr",
      "-o",
      "jsonpath={.subjects[*].name}",
    );
    assert.equal(binding.stdout, "auditors");
    const deployments = await kubectl("get", "deployments", "--namespace", "tenant-sales", "-o", "name");
    assert.equal(deployments.stdout, "", "the server goes before its namespace");
    await kubectl("patch", "configmap", "held", "--namespace", "tenant-sales", "--type=merge", "-p", finalizers([]));
    const { code, text } = await running.ended;
    assert.equal(code, 0, text);
    assert.ok(!(await namespaceExists("tenant-sales")));
  });

  it("refuse a plan that takes from a tenant, whose file is there, what it cannot get back", async () => {
    const program = readFileSync(file("index.ts"), "utf8");
    // Every resource under another name is one resource more and one less: the namespace of the new one would go with the old one.
    const renamed = program.replace(/(?<=new OllamaPlatform\(\s*)"ollama"/, '"models"');
    assert.notEqual(renamed, program);
    writeFileSync(file("index.ts"), renamed);
    try {
      const { code, text } = await run("up");
      assert.equal(code, 1, text);
      assert.match(text, /error: the plan is refused; nothing was changed:\n/);
      assert.match(text, / {2}namespace ollama-tenant-hr-namespace-tenant-hr would be deleted\n/);
      assert.match(text, / {2}claim ollama-tenant-hr-persistentvolumeclaim-models would be deleted\n/);
      assert.doesNotMatch(text, /Updating/);
    } finally {
      writeFileSync(file("index.ts"), program);
    }
  });

  it("start from nothing on a cluster that is new", async () => {
    const reset = await runScript(
      "tools/local-cluster/cli.ts",
      ["reset"],
      commandEnvironment(environment),
      environment.project,
    );
    assert.equal(reset.code, 0, reset.text);
    const text = await succeeds("up");
    assert.match(
      text,
      /this is a new cluster: the stack starts from nothing; what the old one had is in previous-state/,
    );
    assert.ok(await namespaceExists("tenant-hr"));
  });

  it("end what runs also when the cluster's own file is damaged, and say so", async () => {
    const cluster = path.join(environment.directory, "cluster");
    assert.ok(clusterProcesses(cluster).length > 0);
    writeFileSync(clusterLayout(cluster).stateFile, "{");
    const { code, text } = await run("down");
    assert.equal(code, 1, text);
    assert.match(text, /state\.json: not /);
    assert.match(text, /The stack is not destroyed\. The local cluster is stopped; its data stays\./);
    assert.deepEqual(clusterProcesses(cluster), []);
  });

  /** A tenant like hr under another name. */
  function addTenant(name: string): void {
    writeFileSync(file(tenantFile(name)), readFileSync(file(tenantFile("hr")), "utf8"));
    editYaml(environment.project, tenantFile(name), ({ metadata, spec }) => {
      metadata.name = name;
      Object.assign(spec.access, { viewers: [`${name}-people`], operators: [`${name}-operators`] });
    });
  }
});

const finalizers = (names: string[]): string => JSON.stringify({ metadata: { finalizers: names } });

/** Writes a file until its volume is full. */
function fill(name: string): void {
  mkdirSync(path.dirname(name), { recursive: true });
  try {
    writeFileSync(name, Buffer.alloc(128 << 20));
  } catch {
    // That is what is wanted: there is no room left.
  }
}
