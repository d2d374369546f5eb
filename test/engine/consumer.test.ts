import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { runPulumi } from "../../tools/engine";
import { type LocalStack } from "../../tools/local/stack";
import { repositoryRoot } from "../../tools/local/paths";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { update } from "../support/update";

describe("another team's program that reads the platform's outputs", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;
  let consumer: LocalStack;

  before("deploy the platform", async () => {
    environment = await openTestEnvironment("consumer");
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    await kubectl("create", "namespace", "finance-apps");
    consumer = await openConsumer(environment);
  });
  after(() => environment?.close());

  /** Runs the program with some of its config changed. */
  const preview = (...config: string[]) =>
    update(
      consumer,
      "preview",
      config.flatMap((each) => ["--config", `ollama-consumer:${each}`]),
    );

  it("is told by name that the stack does not exist", async () => {
    const { code, output } = await preview("platform=organization/ollama-platform/nowhere");
    assert.notEqual(code, 0);
    assert.match(output, /organization\/ollama-platform\/nowhere/);
  });

  it("is told that the stack has not been deployed", async () => {
    const { code, output } = await preview();
    assert.notEqual(code, 0);
    assert.match(output, /stack organization\/ollama-platform\/dev has no output `platform`: deploy it first/);
    assert.doesNotMatch(output, /\n\s+at /, "a stack trace");
  });

  it("gets the URL and the key of its department", async () => {
    const deployed = await update(environment.stack, "up", ["--yes"]);
    assert.equal(deployed.code, 0, deployed.output);
    const result = await update(consumer, "up", ["--yes"]);
    assert.equal(result.code, 0, result.output);
    const outputs = await outputsOf(consumer);
    assert.equal(outputs["url"], "http://ollama.tenant-finance.svc:11434");
    assert.deepEqual(outputs["models"], [
      "registry.ollama.ai/library/llama3.1:8b",
      "registry.ollama.ai/library/qwen2.5:7b",
    ]);
    const made = await kubectlJson<{ data: Record<string, string> }>(
      kubectl,
      ...["get", "secret", String(outputs["secret"]), "-n", "finance-apps"],
    );
    const { clientKeys } = (await outputsOf(environment.stack, "--show-secrets")) as {
      clientKeys: Record<string, Record<string, string>>;
    };
    const key = clientKeys["finance"]?.["ledger"] ?? "";
    assert.ok(key.length > 20);
    assert.equal(Buffer.from(made.data["OLLAMA_API_KEY"] ?? "", "base64").toString(), key);
    assert.ok(!result.output.includes(key), "the key is in the output");
    const state = await stackCommand(consumer, "export");
    assert.match(state, /OLLAMA_HOST|ciphertext/);
    assert.ok(!state.includes(key), "the key is in the state");
  });

  it("is told that it may not decrypt the keys, where it has not the platform's passphrase", async () => {
    const { project, configFile, ...reader } = await openConsumer(environment, "reader", "a passphrase of its own");
    appendFileSync(configFile, readFileSync(path.join(project, "Pulumi.dev.yaml")));
    const args = ["preview", "--stack", reader.name, "--config-file", configFile, "--non-interactive"];
    const { code, stdout, stderr } = await runPulumi(args, { env: reader.environment, cwd: project });
    const output = stdout + stderr;
    assert.notEqual(code, 0);
    assert.match(
      output,
      /the output `clientKeys` of stack organization\/ollama-platform\/dev cannot be decrypted here/,
    );
    assert.match(output, /PULUMI_CONFIG_PASSPHRASE/);
    assert.doesNotMatch(output, /has no client/);
  });

  it("is told which tenants there are when it asks for another", async () => {
    const { code, output } = await preview("tenant=finanec");
    assert.notEqual(code, 0);
    assert.match(output, /has no tenant "finanec": it has `finance`, `hr`; did you mean `finance`\?/);
    assert.doesNotMatch(output, /\n\s+at /, "a stack trace");
  });
});

/** Opens a stack of the example in the state folder of the platform's stack. */
async function openConsumer(
  { directory, stack }: TestEnvironment,
  name = "dev",
  passphrase = stack.environment["PULUMI_CONFIG_PASSPHRASE"],
): Promise<LocalStack> {
  const environment = { ...stack.environment, PULUMI_CONFIG_PASSPHRASE: passphrase };
  const shell = path.join(directory, `consumer-${name}`);
  mkdirSync(shell);
  writeFileSync(path.join(shell, "Pulumi.yaml"), "name: ollama-consumer\nruntime: nodejs\n");
  const made = await runPulumi(["stack", "init", name, "-C", shell, "--non-interactive"], {
    env: environment,
    cwd: shell,
  });
  assert.equal(made.code, 0, made.stderr);
  const project = path.join(repositoryRoot, "examples", "consumer");
  const configFile = path.join(shell, `Pulumi.${name}.yaml`);
  return { name, project, configFile, environment };
}

/** Runs `pulumi stack <command>`, which must succeed, and returns what it prints. */
async function stackCommand({ name, project, environment }: LocalStack, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runPulumi(["stack", ...args, "--stack", name], {
    env: environment,
    cwd: project,
  });
  assert.equal(code, 0, stderr);
  return stdout;
}

async function outputsOf(stack: LocalStack, ...args: string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await stackCommand(stack, "output", "--json", ...args)) as Record<string, unknown>;
}
