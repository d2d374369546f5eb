import * as assert from "node:assert/strict";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { ensureTools } from "../../tools/install";
import { localClusterTools, startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { coreDnsImage } from "../../tools/images/names";
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

  it("moves what controllers had placed on simulated nodes, does Jobs again, and leaves what was told to run there", async () => {
    const directory = path.join(scratch ?? "", "cluster");
    const tools = await ensureTools([...localClusterTools, ...realNodeTools, "kubectl"]);
    const kubectl = kubectlWith(tools, (await startCluster({ directory, tools })).kubeconfig);
    const made = await apply(
      kubectl,
      { apiVersion: "v1", kind: "List", items: [DEPLOYMENT, POD, JOB] },
      "--field-manager=tests",
    );
    assert.equal(made.code, 0, made.stderr);
    const places = async () => {
      const { items } = await kubectlJson<PodList>(kubectl, "get", "pods", "--namespace", "default");
      const running = items.filter(({ status }) => status.phase === "Running");
      return running.map(({ metadata, spec }) => `${metadata.name.split("-")[0]} on ${spec.nodeName}`).sort();
    };
    const done = async () => {
      const { items } = await kubectlJson<PodList>(kubectl, "get", "pods", "--selector=job-name=done");
      return items.map(({ spec, status }) => `${status.phase} on ${spec.nodeName}`).join();
    };
    const placed = (what: string, expected: RegExp) =>
      eventually(what, 90, async () => {
        assert.match((await places()).join(), expected);
        return true;
      });
    await placed("both to run on simulated nodes", /^placed on cpu-\d,told on cpu-1$/);
    await eventually("the Job to be done there", 60, async () => /^Succeeded on cpu-\d$/.test(await done()));
    await startCluster({ directory, tools, ...(await prepareRealNode(directory)) });
    await placed("one of them to run on the real node", new RegExp(`^placed on ${nodeName},told on cpu-1$`));
    await eventually(
      "the Job to be done by the real node",
      60,
      async () => (await done()) === `Succeeded on ${nodeName}`,
    );
    const shown = ["job", "done", "--show-managed-fields"];
    const job = await kubectlJson<{ metadata: { managedFields: { manager: string }[] } }>(kubectl, "get", ...shown);
    const managers = job.metadata.managedFields.map(({ manager }) => manager);
    assert.ok(managers.includes("tests"), `it is still that of its manager: ${managers.join()}`);
  });
});

const container = { name: "probe", image: "localhost/probe:1", args: ["pause"] };
const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "told", namespace: "default" },
  spec: { nodeName: "cpu-1", containers: [container] },
};
/** Of the images of the node, one with a program that comes to an end. */
const NAME_SERVER = { name: "version", image: coreDnsImage, args: ["-version"] };
const JOB = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "done", namespace: "default" },
  spec: { template: { spec: { restartPolicy: "Never", containers: [NAME_SERVER] } } },
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
