import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { apply } from "../cluster/pods";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { editYaml } from "../support/project";
import { up, update } from "../support/update";
import { verifyDev, weakenedLive } from "../support/verify";
import { eventually } from "../support/wait";
import { isFailure, type Result } from "../../verifier/result";
import { ACTS, TWIN_PODS, type Call } from "./acts";
import { WEAKENINGS } from "./weakenings";
import { AUDITED, type AuditedAct } from "./audited";

/** An entry of the API server's audit log, as far as the test looks at it. */
interface AuditEntry {
  verb: string;
  user: { username: string };
  impersonatedUser?: { username: string };
  objectRef?: { resource: string; subresource?: string; namespace?: string; name?: string };
  annotations?: Record<string, string>;
}

/** The log is read while it is written: its last line may be half there. */
function entryOf(line: string): AuditEntry[] {
  try {
    return [JSON.parse(line) as AuditEntry];
  } catch {
    return [];
  }
}

function tells(entry: AuditEntry, { as, verb, resource, name, decision }: AuditedAct): boolean {
  const { objectRef, annotations, user, impersonatedUser, verb: written } = entry;
  const what = [objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join("/");
  return (
    written === verb &&
    what === resource &&
    objectRef?.namespace === "tenant-hr" &&
    (name === undefined || objectRef.name === name) &&
    (impersonatedUser?.username ?? user.username) === (as?.user ?? user.username) &&
    annotations?.["authorization.k8s.io/decision"] === decision
  );
}

const notIsolated = (results: Result[]) =>
  results
    .filter(({ outcome, disagreement }) => outcome !== "isolated" || disagreement !== undefined)
    .map(({ id, outcome, found, disagreement }) => `${outcome} ${id}: ${found} ${disagreement ?? ""}`);

describe("the verifier on a live cluster", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;

  before("bring up the dev stack and wait for its servers", async () => {
    environment = await openTestEnvironment("verifier");
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    for (const namespace of ["tenant-finance", "tenant-hr"])
      await eventually(`a ready server in ${namespace}`, 120, async () => {
        const server = await kubectlJson<{ status: { readyReplicas?: number } }>(
          kubectl,
          ...["get", "deployment", "ollama", "--namespace", namespace],
        );
        return (server.status.readyReplicas ?? 0) > 0 ? true : undefined;
      });
  });
  after(() => environment?.close());

  const results = () => verifyDev(environment.cluster.kubeconfig, environment.project);
  const call = async ({ args, input }: Call): Promise<void> => {
    const done = input === undefined ? await kubectl(...args) : await apply(kubectl, input);
    assert.equal(done.code, 0, `${args.join(" ")}: ${done.stderr}`);
  };

  it("proves everything on the platform as it was brought up, twice in a row", async () => {
    assert.deepEqual(notIsolated(await results()), []);
    assert.deepEqual(notIsolated(await results()), []);
  });

  it("reports nothing weaker than declared", async () => {
    assert.deepEqual(await weakenedLive(environment.cluster.kubeconfig, environment.project), []);
  });

  it("raises no false alarm about harmless acts", async () => {
    for (const { twin } of ACTS) await call(twin);
    assert.deepEqual(notIsolated(await results()), []);
  });

  it("can be followed in the audit log: who did what to a tenant, and whether it was allowed, without any secret", async () => {
    for (const { args, as } of AUDITED)
      await kubectl(...args, ...(as === undefined ? [] : ["--as", as.user, "--as-group", as.group]));
    const log = path.join(environment.directory, "cluster", "logs", "audit.log");
    await eventually("an entry of every act", 30, async () => {
      const entries = readFileSync(log, "utf8").split("\n").flatMap(entryOf);
      const missing = AUDITED.filter((act) => !entries.some((entry) => tells(entry, act)));
      assert.deepEqual(missing, []);
      return true;
    });
    const keys = await kubectlJson<{ items: { data?: Record<string, string> }[] }>(
      kubectl,
      "get",
      "secrets",
      "--all-namespaces",
    );
    const text = readFileSync(log, "utf8");
    for (const value of keys.items.flatMap(({ data = {} }) => Object.values(data)).filter((one) => one.length >= 24)) {
      assert.ok(!text.includes(value), "an encoded Secret value is in the log");
      assert.ok(!text.includes(Buffer.from(value, "base64").toString()), "a Secret value is in the log");
    }
  });

  it("finds every weakening that nothing held back, and names the object", async () => {
    // The guard refuses them all: on trial it lets them pass.
    editYaml(environment.project, "Pulumi.dev.yaml", ({ config }) => {
      config["ollama-platform:cluster"].guard.mode = "warn";
    });
    const trial = await update(environment.stack, "up", ["--yes"]);
    assert.equal(trial.code, 0, trial.output);
    await call({ args: ["delete", "pod", ...TWIN_PODS, "--namespace", "tenant-hr", "--now"] });
    for (const { act } of ACTS)
      // The API server takes a moment until it knows a changed policy.
      await eventually("an act that the guard on trial lets pass", 30, async () => {
        await call(act);
        return true;
      });
    const open = (await results()).filter(({ outcome }) => outcome === "open");
    const missed = ACTS.filter(({ found }) => !open.some(({ id }) => found.test(`${id} `)));
    assert.deepEqual(
      missed.map(({ what }) => what),
      [],
      open.map(({ id }) => id).join("\n"),
    );
    assert.ok(open.every(({ fix = "" }) => fix !== ""));
    const weakened = await weakenedLive(environment.cluster.kubeconfig, environment.project);
    for (const what of [
      /can open .* on .*tenant-hr/,
      /NetworkPolicy tenant-finance\/default-deny is gone/,
      /finance-analysts/,
    ])
      assert.ok(
        weakened.some((sentence) => what.test(sentence)),
        `${what} in ${weakened.join("\n")}`,
      );
  });

  it("finds each of more than eighty weakenings, with the object, the field, and who wrote it", async () => {
    for (const { act } of WEAKENINGS) await call(act);
    const failing = (await results()).filter(isFailure);
    const missed = WEAKENINGS.filter(
      ({ found, told }) =>
        !failing.some((result) => found.test(result.id) && told.every((part) => part.test(result.found))),
    );
    assert.ok(WEAKENINGS.length > 80);
    assert.deepEqual(
      missed.map(({ what }) => what),
      [],
      failing.map(({ id, found }) => `${id}: ${found}`).join("\n"),
    );
  });
});
