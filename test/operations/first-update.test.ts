import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { recoverFromDeadEngines } from "../../tools/local/engine-processes";
import { refreshStackConfig } from "../../tools/local/stack";
import { savedStack } from "../../tools/local/state";
import { destroyEnvironment, updateEnvironment } from "../../tools/stacks/drive";
import { openEnvironment, prepareStacks } from "../../tools/stacks/open";
import { runPart } from "../../tools/stacks/part-run";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { editYaml, tenantFile } from "../support/project";
import { runOnStacks, type StacksCommand } from "../support/stacks";

const PLATFORMS = "app.kubernetes.io/part-of=ollama-platform";
const SHARED = "dev";
const TENANTS = "dev-tenants-1";

describe("a first update, whose state is written once", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;

  before("start a cluster", async () => {
    environment = await openTestEnvironment("first-update");
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    editYaml(environment.project, "Pulumi.dev.yaml", ({ config }) => {
      config["ollama-platform:tenantStacks"] = { count: 1 };
    });
    refreshStackConfig(environment.stack);
  });
  after(() => environment?.close());

  const fileOfHr = () => path.join(environment.project, tenantFile("hr"));
  const saved = (stack: string) => savedStack(environment.directory, "ollama-platform", stack);

  const journalFolder = () => path.join(environment.directory, "state", "first-updates");

  function journals(): string[] {
    const all = journalFolder();
    if (!existsSync(all)) return [];
    return readdirSync(all, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith("beginning.json"));
  }

  /** Keys of clients that the cluster has, and their forms in Secrets. */
  async function clientKeys(): Promise<string[]> {
    const { items } = await kubectlJson<{ items: { metadata: { name: string }; data?: Record<string, string> }[] }>(
      kubectl,
      ...["get", "secrets", "--all-namespaces"],
    );
    const values = items.filter(({ metadata }) => /^client-/.test(metadata.name)).map(({ data }) => data);
    return values.flatMap((data) => {
      const encoded = data?.["OLLAMA_API_KEY"] ?? "";
      return encoded === "" ? [] : [encoded, Buffer.from(encoded, "base64").toString("utf8")];
    });
  }

  const run = (command: StacksCommand) => runOnStacks(environment.stack, command);
  const runUp = () => run((stacks, output) => updateEnvironment(stacks, [], output));

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 120_000;
    while (!(await isSo())) {
      if (Date.now() > end) throw new Error("the update does not come so far");
      await sleep(20);
    }
  }

  const has = async (object: string) => (await platformObjects()).includes(object);

  /** Kills the engine of the tenants' stack, by the process that its lock names, when it has come so far. */
  async function killEngine(isSo: () => Promise<boolean>): Promise<void> {
    await until(isSo);
    const locks = path.join(environment.directory, "state/.pulumi/locks/organization", "ollama-platform", TENANTS);
    const [lock = ""] = readdirSync(locks).filter((name) => name.endsWith(".json"));
    process.kill((JSON.parse(readFileSync(path.join(locks, lock), "utf8")) as { pid: number }).pid, "SIGKILL");
  }

  async function killedUp(isSo: () => Promise<boolean>): Promise<void> {
    const [{ failed, said }] = await Promise.all([runUp(), killEngine(isSo)]);
    assert.equal(failed, true, said);
    assert.match(said, /up of stack dev-tenants-1 ended with code 137/);
    // As each command does that works on the local cluster.
    await recoverFromDeadEngines(environment.stack.environment);
    assert.deepEqual(saved(TENANTS), { resources: 0, pending: 0 });
    assert.equal(journals().length, 1);
  }

  /** Everything of the platform that the cluster has, by kind and name. */
  async function platformObjects(): Promise<string[]> {
    const kinds =
      "namespaces,persistentvolumes,priorityclasses,validatingadmissionpolicies,networkpolicies,deployments";
    const { items } = await kubectlJson<{ items: { kind: string; metadata: { name: string; namespace?: string } }[] }>(
      kubectl,
      ...["get", kinds, "--all-namespaces", "--selector", PLATFORMS],
    );
    return items.map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name].filter(Boolean).join(" "));
  }

  it("that is killed knows nothing, and the next one takes over what it made and removes what is not declared any more", async () => {
    await killedUp(async () => (await clientKeys()).length > 0 && (await has("Namespace tenant-hr")));
    const journal = readFileSync(path.join(journalFolder(), path.dirname(journals()[0] ?? ""), "objects"), "utf8");
    assert.match(journal, /"Secret","metadata":{"name":"client-/);
    const keys = await clientKeys();
    assert.ok(keys.length > 0);
    for (const key of keys) assert.ok(!journal.includes(key), "the journal has a client's key");
    // Without the journal nobody would ever remove it: no state has it.
    assert.ok((await platformObjects()).includes("Namespace tenant-hr"));
    rmSync(fileOfHr());

    const next = await runUp();
    assert.equal(next.failed, false, next.said);
    assert.match(next.said, /stack dev-tenants-1: its first update was killed/);
    assert.match(next.said, /removed \d+ objects of a first update that was killed: .*Namespace tenant-hr/);
    assert.deepEqual(journals(), []);
    const objects = await platformObjects();
    assert.ok(objects.includes("Namespace tenant-finance"), objects.join("\n"));
    assert.deepEqual(
      objects.filter((name) => name.includes("hr")),
      [],
    );
    const again = await runUp();
    assert.match(again.said, /all are as declared/);
    assert.doesNotMatch(again.said, /removed|killed/);
  });

  it("leaves nothing behind when the environment is destroyed after it was killed", async () => {
    const destroy = () => run((stacks, output) => destroyEnvironment(stacks, output));
    const first = await destroy();
    assert.equal(first.failed, false, first.said);
    await killedUp(() => has("Namespace tenant-finance"));
    assert.ok((await platformObjects()).some((name) => name.startsWith("Namespace tenant-")));

    const destroyed = await destroy();
    assert.equal(destroyed.failed, false, destroyed.said);
    assert.match(destroyed.said, /removed \d+ objects/);
    assert.deepEqual(await platformObjects(), []);
    assert.deepEqual(journals(), []);
  });

  it("that is stopped saves what it has made, and needs no journal", async () => {
    const { base, parts } = openEnvironment(environment.stack);
    await prepareStacks(
      base,
      parts.map(({ stack }) => stack.name),
    );
    const stop = new AbortController();
    const updated = runPart({
      stack: base,
      command: "up",
      args: ["--yes", "--skip-preview"],
      onProgress: () => undefined,
      signals: { signal: stop.signal, killSignal: new AbortController().signal },
    });
    await until(async () => (await platformObjects()).length >= 5);
    stop.abort();
    const { code } = await updated;
    assert.notEqual(code, 0);
    assert.ok(saved(SHARED).resources > 5, JSON.stringify(saved(SHARED)));
    assert.deepEqual(journals(), []);
  });
});
