import { strict as assert } from "node:assert";
import fc from "fast-check";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { recoverFromDeadEngines } from "../../tools/local/engine-processes";
import { openLocalStack, pulumiOnStack, refreshStackConfig } from "../../tools/local/stack";
import { savedStack } from "../../tools/local/state";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { inLongForm, isLongForm } from "../support/long-form";
import { editYaml, tenantFile } from "../support/project";
import { update } from "../support/update";
import { makeCheckout } from "./support/checkout";
import { watchFences, type FenceWatch } from "./support/fences";
import { inTerminal } from "./support/terminal";

/** What the engine does when it is killed, in this order and again from the start, and about how many steps it has. */
const kinds = [
  ["up", 60],
  ["change", 5],
  ["retire", 20],
  ["destroy", 60],
] as const;
type Kind = (typeof kinds)[number][0];

/** Kills and presses of Ctrl-C; their numbers and the seed may be set. */
const kills = Number(process.env["RECOVERY_KILLS"] ?? (isLongForm ? 30 : 3));
const interrupts = Number(process.env["RECOVERY_INTERRUPTS"] ?? (isLongForm ? 10 : 0));
const seed = Number(process.env["RECOVERY_SEED"] ?? 15);

/** When an engine is killed: at which part of its steps, and how many milliseconds after that. */
const moments = fc.sample(
  fc.record({ percent: fc.integer({ min: 0, max: 99 }), later: fc.integer({ min: 0, max: 800 }) }),
  { numRuns: kills, seed },
);

/** When Ctrl-C is pressed: while the preview or the update goes on. */
const presses = fc.sample(
  fc.record({
    after: fc.constantFrom(/Updating the dev stack/, /Previewing the dev stack/),
    milliseconds: fc.integer({ min: 0, max: 8000 }),
  }),
  { numRuns: interrupts, seed },
);

interface Secrets {
  items: { metadata: { namespace: string; name: string; uid: string }; data?: Record<string, string> }[];
}

describe("an update that does not come to its end", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;
  let fences: FenceWatch;

  before("start a cluster", async () => {
    environment = await openTestEnvironment("recovery");
    makeCheckout(environment);
    fences = watchFences(environment.cluster.kubeconfig);
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
  });
  after(async () => {
    await fences?.end();
    await environment?.close();
  });

  const sales = () => path.join(environment.project, tenantFile("sales"));
  const up = (...args: string[]) => update(environment.stack, "up", ["--yes", "--skip-preview", ...args]);

  /** Clients' keys by tenant and client. */
  async function keys(): Promise<Record<string, string>> {
    const { items } = await kubectlJson<Secrets>(kubectl, "get", "secrets", "--all-namespaces");
    const clients = items.filter(({ metadata }) => /^client-/.test(metadata.name));
    return Object.fromEntries(
      clients.map(({ metadata, data }) => [`${metadata.namespace}/${metadata.name}`, data?.["OLLAMA_API_KEY"] ?? ""]),
    );
  }

  function locks(): string[] {
    const folder = path.join(environment.directory, "state", ".pulumi", "locks");
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  }

  /** Makes what the killed operation is to do. */
  async function prepare(kind: Kind, kill: number): Promise<void> {
    if (kind === "up") {
      writeFileSync(sales(), readFileSync(path.join(environment.project, tenantFile("hr")), "utf8"));
      editYaml(environment.project, tenantFile("sales"), ({ metadata, spec }) => {
        metadata.name = "sales";
        Object.assign(spec.access, { viewers: ["sales-people"], operators: ["sales-operators"] });
      });
      if (kill === 0) return;
      const destroyed = await update(environment.stack, "destroy", ["--yes", "--skip-preview"]);
      assert.equal(destroyed.code, 0, destroyed.output);
    }
    if (kind === "change")
      for (const tenant of ["hr", "finance", "sales"])
        editYaml(environment.project, tenantFile(tenant), ({ spec }) => {
          spec.access.viewers = [`${tenant}-auditors-${kill}`];
          spec.server.contextLength = 2048 + kill;
        });
    if (kind === "retire") rmSync(sales());
  }

  /** Runs an operation and kills its engine after so many finished steps. Returns its exit code. */
  async function killedRun(kind: Kind, begun: number, later: number): Promise<number> {
    const kill = new AbortController();
    let steps = 0;
    const onOutput = (text: string): void => {
      steps += text.match(/ (created|updated|deleted|replaced)\b/g)?.length ?? 0;
      if (steps >= begun) void sleep(later).then(() => kill.abort());
    };
    refreshStackConfig(environment.stack);
    const args = ["--yes", "--skip-preview"];
    const command = kind === "destroy" ? "destroy" : "up";
    const { code } = await pulumiOnStack(environment.stack, command, args, { killSignal: kill.signal, onOutput });
    return code;
  }

  /** Opens the stack as each local command does first. Returns what was put right. */
  async function recover(): Promise<string[]> {
    const lines: string[] = [];
    const { directory, project, tools, cluster } = environment;
    const report = (line: string) => void lines.push(line);
    await openLocalStack({ name: "dev", directory, project, tools, kubeconfig: cluster.kubeconfig, report });
    return lines;
  }

  async function assertClean(): Promise<void> {
    assert.deepEqual(locks(), []);
    assert.equal(savedStack(environment.directory, "ollama-platform", "dev").pending, 0);
    assert.deepEqual(await recoverFromDeadEngines(environment.stack.environment), []);
  }

  for (const [kill, moment] of moments.entries()) {
    const [kind, steps] = kinds[kill % kinds.length] ?? kinds[0];
    const begun = 1 + Math.floor((steps * moment.percent) / 100);
    const when = `${moment.later} ms after step ${begun}`;
    it(`because its engine was killed during ${kind}, ${when}, is ended cleanly by the next`, async () => {
      await prepare(kind, kill);
      const before = await keys();
      const code = await killedRun(kind, begun, moment.later);
      // An operation with fewer steps ends by itself.
      assert.ok([0, 137].includes(code), `the engine ended with ${code}`);
      const isLocked = locks().length > 0;
      const lines = await recover();
      assert.equal(lines.includes("released the lock of a dead engine on stack dev"), isLocked, lines.join("\n"));
      await assertClean();
      const kept = await keys();
      const next = await up();
      assert.equal(next.code, 0, next.output);
      assert.doesNotMatch(next.output, /pending operations/);
      await assertClean();
      const after = await keys();
      // A destroyed key is gone for good; all others stay.
      const old = kind === "destroy" ? kept : before;
      for (const [client, key] of Object.entries(old))
        if (client in after) assert.equal(after[client], key, `key of ${client}`);
      assert.equal("tenant-hr/client-portal" in after, true);
      assert.equal("tenant-sales/client-portal" in after, existsSync(sales()));
    });
  }

  for (const [index, { after, milliseconds }] of presses.entries())
    it(`because Ctrl-C was pressed in a terminal, ${milliseconds} ms after "${after.source}", saves what it did and leaves nothing behind`, async () => {
      for (const tenant of ["finance", "hr"])
        editYaml(environment.project, tenantFile(tenant), ({ spec }) => {
          spec.access.viewers = [`${tenant}-readers-${index}`];
          spec.server.contextLength = 3072 + index;
        });
      // Without kills before it, the first press finds no platform yet.
      if (kills === 0 && index === 0) assert.equal((await up()).code, 0);
      const before = await keys();
      const ended = await inTerminal(environment, "up", { after, milliseconds });
      // It may have come to its end before.
      assert.ok([0, 130].includes(ended.code), ended.text);
      if (/Stopping: the engine finishes what is under way/.test(ended.text)) assert.equal(ended.code, 130, ended.text);
      assert.doesNotMatch(ended.text, /panic|goroutine|Ending the engine at once/);
      await assertClean();
      const next = await up();
      assert.equal(next.code, 0, next.output);
      assert.doesNotMatch(next.output, /pending operations/);
      await assertClean();
      assert.deepEqual(await keys(), before);
    });

  inLongForm?.("never left a pod of a tenant without its fences", async () => {
    const { looks, bare } = await fences.end();
    assert.deepEqual(bare, []);
    assert.ok(looks > 0);
  });
});
