import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { parse } from "yaml";
import { loadStackFile } from "../../components/config/load";
import { planPlatform } from "../../components/plan/platform";
import { runPulumi } from "../../tools/engine";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { editYaml, tenantFile, type YamlDocument } from "../support/project";
import { preview, up, type EngineStep } from "../support/update";

/** Keys by tenant and client, as the stack's output has them. */
type Keys = Record<string, Record<string, string>>;
interface SecretObject {
  metadata: { namespace: string; name: string };
  data?: Record<string, string>;
}

const sha256 = (key: string) => createHash("sha256").update(key).digest("hex");
/** The forms in which a text can stand in a file: as it is, and in base64 at each offset of three. */
const forms = (key: string) => [
  key,
  ...[0, 1, 2].map((offset) =>
    Buffer.from("x".repeat(offset) + key)
      .toString("base64")
      .slice(offset === 0 ? 0 : 4, -4),
  ),
];

/** A value of a tenant's own program, and the one that takes its place. */
const DIRECTORY = ["first-password-of-the-staff-directory", "second-password-of-the-staff-directory"] as const;

describe("clients' keys and tenants' secrets on the real engine and API server", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;
  /** Everything that the engine printed. */
  let printed = "";
  let first: Keys;
  /** Every key that there has been. */
  const everyKey: string[] = [];

  before("start a cluster and create the dev stack", async () => {
    environment = await openTestEnvironment("secrets");
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    await setValue(DIRECTORY[0]);
    everyKey.push(...DIRECTORY);
    editYaml(environment.project, tenantFile("hr"), ({ spec }) => {
      spec.secrets = [{ name: "directory", data: { password: "directory-password" } }];
    });
    await run(up, "--diff");
    first = await outputOf<Keys>("clientKeys", "--show-secrets");
    remember(first);
  });
  after(() => environment?.close());

  /** Runs the engine, keeps what it printed, and returns the changes. */
  async function run(command: typeof up, ...args: string[]): Promise<EngineStep[]> {
    const result = await command(environment.stack, ...args);
    printed += result.output;
    assert.equal(result.code, 0, result.output);
    return result.changes;
  }

  async function pulumi(...args: string[]): Promise<string> {
    const { environment: env, name, project } = environment.stack;
    const result = await runPulumi([...args, "--stack", name, "--non-interactive"], { env, cwd: project });
    assert.equal(result.code, 0, result.stderr);
    return result.stdout;
  }

  /** Encrypts a value with the stack's own key, as people do, and takes it over into the project's stack file. */
  async function setValue(value: string): Promise<void> {
    const { environment: env, name, project, configFile } = environment.stack;
    const key = "tenant-secrets:hr.directory-password";
    const args = ["config", "set", "--secret", key, value, "--stack", name, "--config-file", configFile];
    const result = await runPulumi([...args, "--non-interactive"], { env, cwd: project });
    assert.equal(result.code, 0, result.stderr);
    const { config } = parse(readFileSync(configFile, "utf8")) as YamlDocument;
    editYaml(project, "Pulumi.dev.yaml", (file) => (file.config[key] = config[key]));
  }

  async function outputOf<T>(name: string, ...args: string[]): Promise<T> {
    return JSON.parse(await pulumi("stack", "output", name, "--json", ...args)) as T;
  }

  function remember(keys: Keys): void {
    everyKey.push(...Object.values(keys).flatMap((clients) => Object.values(clients)));
  }

  /** Names of the texts that hold a key in some form. */
  function leaks(texts: Record<string, string>): string[] {
    const wanted = everyKey.flatMap(forms);
    return Object.keys(texts).filter((name) => wanted.some((form) => texts[name]?.includes(form)));
  }

  async function secret(namespace: string, name: string): Promise<Record<string, string>> {
    const { data = {} } = await kubectlJson<SecretObject>(kubectl, "get", "secret", name, "-n", namespace);
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
    );
  }

  /** The policy that a tenant's gateway follows. */
  async function policyOf(tenant: string): Promise<string> {
    return Object.values(await secret(`tenant-${tenant}`, "gateway-policy")).join("\n");
  }

  const editClients = (tenant: string, edit: (clients: YamlDocument) => void) =>
    editYaml(environment.project, tenantFile(tenant), ({ spec }) => edit(spec.access.clients));

  /** What a change touched, without the components and the stack, which carry outputs. */
  const touched = (changes: EngineStep[]) =>
    changes
      .filter(({ type }) => !type.startsWith("ollama-platform:") && type !== "pulumi:pulumi:Stack")
      .map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`)
      .sort();

  it("are long, of letters and digits, and each client's own", () => {
    assert.deepEqual(
      Object.entries(first).map(([tenant, clients]) => [tenant, Object.keys(clients).sort()]),
      [
        ["finance", ["analysts", "ledger"]],
        ["hr", ["portal"]],
      ],
    );
    const keys = Object.values(first).flatMap((clients) => Object.values(clients));
    for (const key of keys) assert.match(key, /^[A-Za-z0-9]{44}$/);
    assert.equal(new Set(keys).size, 3);
  });

  it("are in the client's own Secret, and their hashes at the gateway", async () => {
    assert.deepEqual(await secret("tenant-finance", "client-ledger"), {
      OLLAMA_HOST: "http://ollama.tenant-finance.svc:11434",
      OLLAMA_API_KEY: first["finance"]?.["ledger"],
    });
    const policy = await policyOf("finance");
    for (const key of Object.values(first["finance"] ?? {})) assert.ok(policy.includes(sha256(key)));
    assert.ok(!policy.includes(sha256(first["hr"]?.["portal"] ?? "")), "another tenant's key is accepted");
  });

  it("of a tenant's own program are in the Secret that its file names, and change in place", async () => {
    assert.deepEqual(await secret("tenant-hr", "directory"), { password: DIRECTORY[0] });
    await setValue(DIRECTORY[1]);
    assert.deepEqual(touched(await run(up, "--diff")), ["update ollama-tenant-hr-secret-directory"]);
    assert.deepEqual(await secret("tenant-hr", "directory"), { password: DIRECTORY[1] });
  });

  it("of a tenant's own program are refused when the stack's config has none of that name", async () => {
    const name = "missing-password";
    editYaml(environment.project, tenantFile("hr"), ({ spec }) => (spec.secrets[0].data.other = name));
    const { code, output } = await preview(environment.stack);
    editYaml(environment.project, tenantFile("hr"), ({ spec }) => delete spec.secrets[0].data.other);
    printed += output;
    assert.notEqual(code, 0);
    assert.match(output, /tenants\/dev\/hr\.yaml: spec\.secrets\[0\]\.data\.other/);
    assert.match(output, /pulumi config set --secret tenant-secrets:hr\.missing-password/);
  });

  it("are changed with an overlap, touching nothing but the client's key and the two Secrets", async () => {
    editClients("finance", (clients) => (find(clients, "ledger").keyGeneration = 2));
    await run(preview, "--diff", "--save-plan", path.join(environment.directory, "update-plan.json"));
    const changes = await run(up, "--diff");
    const server = "ollama-tenant-finance-server";
    assert.deepEqual(touched(changes), [
      `create ${server}-client-ledger-key-2`,
      `update ${server}-secret-client-ledger`,
      `update ${server}-secret-gateway-policy`,
    ]);
    const second = await outputOf<Keys>("clientKeys", "--show-secrets");
    remember(second);
    const [before = "", after = ""] = [first["finance"]?.["ledger"], second["finance"]?.["ledger"]];
    assert.notEqual(before, after);
    assert.equal((await secret("tenant-finance", "client-ledger"))["OLLAMA_API_KEY"], after);
    const policy = await policyOf("finance");
    assert.ok(policy.includes(sha256(before)) && policy.includes(sha256(after)));
    assert.equal(second["finance"]?.["analysts"], first["finance"]?.["analysts"]);
  });

  it("end with the overlap, with the client and with the tenant's suspension", async () => {
    editClients("finance", (clients) => {
      find(clients, "ledger").acceptPreviousKey = false;
      clients.splice(clients.indexOf(find(clients, "analysts")), 1);
    });
    editYaml(environment.project, tenantFile("hr"), ({ spec }) => (spec.suspended = true));
    await run(up, "--diff");
    const policy = await policyOf("finance");
    assert.ok(!policy.includes(sha256(first["finance"]?.["ledger"] ?? "")), "the key before is still accepted");
    assert.ok(!policy.includes(sha256(first["finance"]?.["analysts"] ?? "")), "a removed client's key is accepted");
    assert.match(policy, /"k_[0-9a-f]{64}"/);
    assert.doesNotMatch(await policyOf("hr"), /"k_[0-9a-f]{64}"/);
    const gone = await kubectl("get", "secret", "client-analysts", "-n", "tenant-finance");
    assert.match(gone.stderr, /not found/);
  });

  it("are in no object of the cluster but the Secrets that are made for them", async () => {
    const kinds = await kubectl("api-resources", "--verbs=list", "-o", "name");
    const others = kinds.stdout.split("\n").filter((kind) => kind !== "" && kind !== "secrets");
    const dump = await kubectl("get", others.join(","), "--all-namespaces", "-o", "json", "--show-managed-fields");
    assert.equal(dump.code, 0, dump.stderr);
    assert.ok(dump.stdout.includes("gateway-config-") && dump.stdout.includes("model-access"));
    const { items } = await kubectlJson<{ items: SecretObject[] }>(kubectl, "get", "secrets", "--all-namespaces");
    const secrets = items.map((item) => [`${item.metadata.namespace}/${item.metadata.name}`, JSON.stringify(item)]);
    assert.deepEqual(leaks({ "every other kind": dump.stdout, ...Object.fromEntries(secrets) }), [
      "tenant-finance/client-ledger",
      "tenant-hr/client-portal",
      "tenant-hr/directory",
    ]);
  });

  it("are in no file of the engine and the cluster, not even in the database of the API server", () => {
    // The control: a file that does hold one, as a Secret's manifest would.
    const control = "control.json";
    const manifest = { data: { OLLAMA_API_KEY: Buffer.from(everyKey[0] ?? "").toString("base64") } };
    writeFileSync(path.join(environment.directory, control), JSON.stringify(manifest));
    const files = filesBelow(environment.directory);
    const texts = Object.fromEntries(
      files.map((file) => [file, textOf(readFileSync(path.join(environment.directory, file)))]),
    );
    for (const [part, pattern] of Object.entries({
      state: /^state\/.*dev\.json\.zst$/,
      "update plan": /^update-plan\.json$/,
      "audit log": /audit\.log$/,
      database: /^cluster\/data\/etcd\/.*\.(wal|db)$/,
    })) {
      const found = files.filter((file) => pattern.test(file));
      assert.ok(found.length > 0, `no ${part} in ${files.join("\n")}`);
      assert.ok(
        found.some((file) => texts[file]?.includes("client-ledger")),
        `the ${part} knows no client`,
      );
    }
    assert.deepEqual(leaks(texts), [control]);
  });

  it("are in no plan, no output that is not asked for with its secrets, and nothing that the engine prints", async () => {
    const plan = planPlatform(loadStackFile(path.join(environment.project, "Pulumi.dev.yaml")));
    const outputs = await pulumi("stack", "output", "--json");
    assert.ok(printed.includes("client-ledger") && outputs.includes("clientKeys"));
    const texts = {
      plan: JSON.stringify(plan),
      outputs,
      "output for other teams": await pulumi("stack", "output", "platform", "--json", "--show-secrets"),
      "exported state": await pulumi("stack", "export"),
      "engine's output": printed,
    };
    assert.deepEqual(leaks(texts), []);
    const shown = await pulumi("stack", "output", "--json", "--show-secrets");
    assert.deepEqual(leaks({ shown }), ["shown"]);
  });
});

function find(clients: YamlDocument, name: string): YamlDocument {
  return clients.find((client: YamlDocument) => client.name === name);
}

const ZSTANDARD = Buffer.from("28b52ffd", "hex");

/** What is in a file, whatever its name; the engine keeps states, and copies of them, compressed. */
const textOf = (bytes: Buffer): string =>
  (bytes.subarray(0, ZSTANDARD.length).equals(ZSTANDARD) ? zstdDecompressSync(bytes) : bytes).toString("latin1");

/** Files below a folder, relative to it; links are not followed, they lead to the checkout. */
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)));
}
