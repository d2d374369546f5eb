import { strict as assert } from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { brokenFirstUpdates, logOfRun } from "../../../tools/local/first-update/journal";
import { keyOf, removeOf } from "../../../tools/local/first-update/leftovers";
import type { LocalStack } from "../../../tools/local/stack";
import type { ApiObject } from "../../../verifier/drift/api";
import { temporaryFolder } from "./temporary-folder";

const BEGUN = "2026-12-01T10:00:00Z";

function object(name: string, created = BEGUN, manager = "pulumi-kubernetes-0a1b2c3d"): ApiObject {
  const managedFields = [{ manager, operation: "Apply" }];
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "tenant-hr", uid: name, creationTimestamp: created, managedFields },
  };
}

describe("what a killed first update left", () => {
  /** A cluster that has these objects. Tells what is deleted, and how. */
  function cluster(...objects: ApiObject[]) {
    const deleted: string[] = [];
    return {
      deleted,
      read: ({ metadata }: ApiObject) =>
        Promise.resolve(objects.find((one) => one.metadata.name === metadata.name && !deleted.includes(metadata.name))),
      remove: ({ metadata }: ApiObject, policy?: string) => {
        assert.equal(policy, "Foreground");
        deleted.push(metadata.name);
        return Promise.resolve();
      },
    };
  }

  it("is deleted, the last made first", async () => {
    const objects = [object("first"), object("second", "2026-12-01T10:00:07Z")];
    const api = cluster(...objects);
    assert.deepEqual(await removeOf(api, { begun: BEGUN, objects }, new Set()), [
      "ConfigMap second",
      "ConfigMap first",
    ]);
    assert.deepEqual(api.deleted, ["second", "first"]);
  });

  it("stays where a stack holds it, under whatever version of its API", async () => {
    const held = { ...object("autoscaler"), apiVersion: "autoscaling/v2" };
    const api = cluster(held);
    const journal = { begun: BEGUN, objects: [{ ...held, apiVersion: "autoscaling/v1" }] };
    assert.deepEqual(await removeOf(api, journal, new Set([keyOf(held)])), []);
  });

  it("is not what was there before it, what someone else made under the name, or what is gone", async () => {
    const objects = [object("before", "2026-12-01T09:59:59Z"), object("by-hand", BEGUN, "kubectl"), object("gone")];
    const api = cluster(...objects.slice(0, 2));
    assert.deepEqual(await removeOf(api, { begun: BEGUN, objects }, new Set()), []);
    assert.deepEqual(api.deleted, []);
  });
});

describe("the log of a run of the engine", () => {
  const temporary = temporaryFolder();

  /** A stack in a folder, of a cluster that does not answer. */
  function stack(resources: object[], kubeconfig?: string): LocalStack {
    const project = temporary();
    const saved = path.join(project, ".pulumi", "stacks", "shop");
    mkdirSync(saved, { recursive: true });
    const configFile = path.join(project, "Pulumi.dev.yaml");
    const config = kubeconfig === undefined ? {} : { "kubernetes:kubeconfig": kubeconfig };
    writeFileSync(path.join(project, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    writeFileSync(configFile, JSON.stringify({ config }));
    writeFileSync(path.join(saved, "dev.json"), JSON.stringify({ version: 3, checkpoint: { latest: { resources } } }));
    const cluster = path.join(project, "kubeconfig");
    writeFileSync(
      cluster,
      JSON.stringify({
        "current-context": "away",
        contexts: [{ name: "away", context: { cluster: "away", user: "nobody" } }],
        clusters: [{ name: "away", cluster: { server: "http://127.0.0.1:1" } }],
        users: [{ name: "nobody", user: {} }],
      }),
    );
    return {
      name: "dev",
      project,
      configFile,
      environment: { PULUMI_BACKEND_URL: `file://${project}?metadata=skip`, KUBECONFIG: cluster },
    };
  }

  const cases: [what: string, command: string, stack: () => LocalStack][] = [
    ["a stack that holds something", "up", () => stack([{ urn: "urn", type: "type" }])],
    ["a first update when the cluster does not answer", "up", () => stack([])],
    ["a first update when the kubeconfig is in the stack's config", "up", () => stack([], "{}")],
    ["a preview", "preview", () => stack([])],
  ];
  for (const [what, command, of] of cases)
    it(`lets the engine save each step of ${what}`, async () => {
      const one = of();
      const log = await logOfRun(one, command);
      try {
        assert.equal(log.environment["PULUMI_SKIP_CHECKPOINTS"], undefined);
        assert.deepEqual(brokenFirstUpdates([one]), []);
      } finally {
        log.remove();
      }
    });
});
