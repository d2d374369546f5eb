import * as assert from "node:assert/strict";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { ensureTools } from "../../tools/install";
import { localClusterTools, startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { nodeName, prepareRealNode, realNodeTools } from "../../tools/local-cluster/node/node";
import { apply } from "../cluster/pods";
import { scratchDirectory } from "../support/environment";
import { kubectlJson, kubectlWith } from "../support/kubectl";
import { eventually } from "../support/wait";
import { requireRealNode } from "./support/cluster";

interface PodList {
  items: { metadata: { name: string }; spec: { nodeName?: string }; status: { phase: string } }[];
}

describe("a cluster that gets a real node after it has shown its first result", function () {
  this.timeout(600_000);

  let scratch: string | undefined;
  before(async function () {
    await requireRealNode(this);
    scratch = scratchDirectory("first-start");
  });
  after(async () => {
    if (scratch === undefined) return;
    await stopCluster({ directory: path.join(scratch, "cluster") });
    rmSync(scratch, { recursive: true, force: true });
  });

  it("moves what controllers had placed on simulated nodes, and leaves what was told to run there", async () => {
    const directory = path.join(scratch ?? "", "cluster");
    const tools = await ensureTools([...localClusterTools, ...realNodeTools, "kubectl"]);
    const kubectl = kubectlWith(tools, (await startCluster({ directory, tools })).kubeconfig);
    const made = await apply(kubectl, { apiVersion: "v1", kind: "List", items: [DEPLOYMENT, POD] });
    assert.equal(made.code, 0, made.stderr);
    const places = async () => {
      const { items } = await kubectlJson<PodList>(kubectl, "get", "pods", "--namespace", "default");
      const running = items.filter(({ status }) => status.phase === "Running");
      return running.map(({ metadata, spec }) => `${metadata.name.split("-")[0]} on ${spec.nodeName}`).sort();
    };
    const placed = (what: string, expected: RegExp) =>
      eventually(what, 90, async () => {
        assert.match((await places()).join(), expected);
        return true;
      });
    await placed("both to run on simulated nodes", /^placed on cpu-\d,told on cpu-1$/);
    await startCluster({ directory, tools, ...(await prepareRealNode(directory)) });
    await placed("one of them to run on the real node", new RegExp(`^placed on ${nodeName},told on cpu-1$`));
  });
});

const container = { name: "probe", image: "localhost/probe:1", args: ["pause"] };
const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "told", namespace: "default" },
  spec: { nodeName: "cpu-1", containers: [container] },
};
const labels = { app: "placed" };
const DEPLOYMENT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "placed", namespace: "default" },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
  },
};
