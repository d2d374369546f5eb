import * as path from "node:path";
import { loadStackFile } from "../../../components/config/load";
import { guardObjects } from "../../../components/plan/guard/guard";
import type { ConfigMap, Deployment, KubernetesObject } from "../../../components/plan/kubernetes";
import { planPlatform } from "../../../components/plan/platform";
import { modelStoreObjects } from "../../../components/plan/store/store";
import { tenantObjects } from "../../../components/plan/tenant/tenant";
import { assertGoldenFolder, canonicalYaml } from "../../support/golden";

const ROOT = path.resolve(__dirname, "..", "..", "..");

describe("Manifests of the example stacks", () => {
  for (const stack of ["dev", "staging", "prod"]) {
    it(`are the reviewed ones: ${stack}`, () => {
      const plan = planPlatform(loadStackFile(path.join(ROOT, `Pulumi.${stack}.yaml`)));
      const files = new Map(
        plan.tenants.map((tenant) => [
          `tenant-${tenant.tenant.name}.yaml`,
          canonicalYaml(withoutGatewayFiles(tenantObjects(tenant))),
        ]),
      );
      files.set("node-pools.yaml", canonicalYaml(plan.nodePools.flatMap(({ objects }) => objects)));
      // The guards of the stacks differ in literals only: one of them is enough to review.
      if (stack === "staging" && plan.guard !== undefined) {
        files.set("admission-guard.yaml", canonicalYaml(guardObjects(plan.guard)));
      }
      if (plan.modelStore !== undefined) {
        const objects = withoutProgram(modelStoreObjects(plan.modelStore));
        files.set("model-store.yaml", canonicalYaml(objects));
      }
      assertGoldenFolder(path.join(ROOT, "test", "golden", stack), files);
    });
  }
});

/** Objects without the gateway's files, which have tests of their own, and without the name and the digests that carry their content. */
function withoutGatewayFiles(objects: KubernetesObject[]): KubernetesObject[] {
  const copy = JSON.parse(JSON.stringify(objects)) as KubernetesObject[];
  for (const object of copy) {
    if (object.kind === "ConfigMap" && object.metadata.name.startsWith("gateway-config-")) {
      object.metadata.name = "gateway-config-content";
      (object as ConfigMap).binaryData = {};
    }
    if (object.kind === "Deployment") {
      const { volumes = [], containers = [] } = (object as Deployment).spec.template.spec ?? {};
      for (const { name, configMap } of volumes) {
        if (name === "gateway-config" && configMap) configMap.name = "gateway-config-content";
      }
      for (const { command = [] } of containers) {
        command.forEach((word, index) => (command[index] = word.replace(/\b[0-9a-f]{64}\b/g, "content")));
      }
    }
  }
  return copy;
}

/** Objects of a model store without the loader's program, which has tests of its own, and without the names that carry its content. */
function withoutProgram(objects: KubernetesObject[]): KubernetesObject[] {
  const program = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.includes("-program-"));
  const job = objects.find(({ kind }) => kind === "Job");
  const text = JSON.stringify(objects.map((object) => (object === program ? { ...object, data: {} } : object)))
    .replaceAll(`"${program?.metadata.name}"`, '"model-loader-program-content"')
    .replaceAll(`"${job?.metadata.name}"`, '"model-loader-content"');
  return JSON.parse(text) as KubernetesObject[];
}
