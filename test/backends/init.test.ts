import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { factsOf } from "../../tools/init/facts";
import { observe } from "../../tools/init/observe";
import { filesOfStack } from "../../tools/init/write";
import { ensureTools } from "../../tools/install";
import { localClusterTools, startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { judgeObjects, objectsOf, settingsOf } from "../../tools/report/state";
import { clusterApi } from "../../verifier/cluster-api";
import { scratchDirectory } from "../support/environment";

describe("The files of a new stack, from a real control plane", () => {
  const directory = scratchDirectory("init");
  const cluster = path.join(directory, "cluster");
  let kubeconfig: string;

  before("start a cluster", async () => {
    const tools = await ensureTools([...localClusterTools, "kubectl"]);
    ({ kubeconfig } = await startCluster({ directory: cluster, tools }));
  });
  after(async () => {
    await stopCluster({ directory: cluster });
    rmSync(directory, { recursive: true, force: true });
  });

  it("know its version, its identity and its service range, and are accepted without an edit", async () => {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const api = clusterApi(config);
    try {
      const observed = await observe(api);
      const facts = factsOf(observed);
      assert.deepEqual(observed.unread, []);
      assert.match(facts.podSecurityVersion, /^v1\.[0-9]+$/);
      assert.match(facts.clusterId ?? "", /^[0-9a-f-]{36}$/);
      assert.equal(facts.serviceCidrs.isGuess, false);
      for (const file of filesOfStack("found", "first", config.getCurrentContext(), facts)) {
        mkdirSync(path.dirname(path.join(directory, file.path)), { recursive: true });
        writeFileSync(path.join(directory, file.path), file.text);
      }
      const { judgement } = judgeObjects(objectsOf(directory, "found"), settingsOf(directory, "found"), "2026-01-01");
      assert.deepEqual(judgement.violations, []);
    } finally {
      api.close();
    }
  });
});
