import { strict as assert } from "node:assert";
import { readdirSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";
import { settingsOf } from "../../../tools/report/settings";
import { judgeObjects, objectsOf } from "../../../tools/report/state";

const root = path.join(repositoryRoot, "examples", "stacks");
const stacks = readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);

describe("the example stacks for kinds of clusters", () => {
  it("are those of kubeadm and its like, of the large clouds, of OpenShift and of k3s", () =>
    assert.deepEqual(stacks.sort(), ["aks", "eks", "gke", "k3s", "kubeadm", "openshift"]));

  for (const stack of stacks) {
    it(`is accepted, and breaks no rule of the policy pack: ${stack}`, () => {
      const { judgement } = judgeObjects(objectsOf(root, stack), settingsOf(root, stack), "2026-01-01");
      assert.deepEqual(
        judgement.violations.map(({ rule, object, field, message }) => `${rule} ${object} ${field} ${message}`),
        [],
      );
    });
  }
});
