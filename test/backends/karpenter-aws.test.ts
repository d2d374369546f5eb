import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { NodePoolBackend } from "../../components/spec/index";
import type { KubernetesObject } from "../../components/plan/kubernetes";
import { planNodePool } from "../../components/plan/node-pool/plan";
import { ensureTools } from "../../tools/install";
import { backendPool, POOL_CHANGES, VARIANTS } from "../support/node-pools";

const BACKEND = NodePoolBackend.karpenterAws;

describe("Node pools of Karpenter for AWS, by the checks that Karpenter makes when it runs", function () {
  // The first run may build the judge.
  this.timeout(1_800_000);
  let judge: string;
  before(async () => {
    judge = (await ensureTools(["karpenter-aws-judge"])).path("karpenter-aws-judge");
  });

  /** What Karpenter finds wrong, one fault a line; empty when it accepts the objects. */
  function faultsIn(text: string): string {
    const { status, stdout, stderr } = spawnSync(judge, { input: text, encoding: "utf8" });
    assert.ok(status === 0 || status === 1, stderr);
    assert.equal(stdout === "", status === 0);
    return stdout;
  }

  for (const variant of VARIANTS) {
    it(`are accepted: ${variant}`, () =>
      assert.equal(faultsIn(listOf(planNodePool(backendPool(BACKEND, variant)).objects)), ""));
  }
  for (const [what, change] of Object.entries(POOL_CHANGES[BACKEND])) {
    it(`are accepted with ${what}`, () => {
      const { objects } = planNodePool({ ...backendPool(BACKEND, "dedicated"), ...change });
      assert.equal(faultsIn(listOf(objects)), "");
    });
  }

  const broken: [string, (text: string) => string, RegExp][] = [
    [
      "a field that it does not know",
      (text) => text.replace('"taints"', '"taint"'),
      /^NodePool\/gpu: .*unknown field "taint"/,
    ],
    [
      "a requirement that it keeps for itself",
      (text) => text.replace('"kubernetes.io/os"', '"karpenter.sh/nodepool"'),
      /^NodePool\/gpu: .*karpenter\.sh\/nodepool/,
    ],
    [
      "a label of the cloud that it does not know",
      (text) => text.replace("instance-gpu-name", "instance-gpu-title"),
      /^NodePool\/gpu: .*instance-gpu-title/,
    ],
    [
      "a field of the node class that it does not know",
      (text) => text.replace('"httpTokens"', '"httpToken"'),
      /^EC2NodeClass\/gpu: .*unknown field "httpToken"/,
    ],
  ];
  for (const [what, breakIt, fault] of broken) {
    it(`are refused with ${what}`, () => {
      const text = listOf(planNodePool(backendPool(BACKEND, "dedicated")).objects);
      assert.notEqual(breakIt(text), text, "nothing was broken");
      assert.match(faultsIn(breakIt(text)), fault);
    });
  }
});

function listOf(items: KubernetesObject[]): string {
  return JSON.stringify({ items });
}
