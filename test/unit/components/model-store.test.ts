import * as assert from "node:assert/strict";
import * as components from "../../../components/index";
import type { ModelStoreSpec } from "../../../components/spec/index";
import type { KubernetesObject } from "../../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { platform } from "../plan/fixture";
import { record, type Registration } from "./recording";

const registries = [{ host: "registry.ollama.ai", cidrs: ["203.0.113.0/28"] }];
const STORES: Record<string, ModelStoreSpec> = {
  shared: { size: "500Gi", volume: { nfs: { server: "nfs.example.com", path: "/models" } }, registries },
  dedicated: { mode: "dedicated", registries },
};

for (const [mode, modelStore] of Object.entries(STORES)) {
  describe(`Components of an environment with a ${mode} model store`, () => {
    const spec = { ...platform(), modelStore };
    let registered: Registration[];
    before(async () => {
      registered = await record(() => void new components.OllamaPlatform("ollama", spec));
    });

    const ofType = (type: string): Registration[] => registered.filter((one) => one.type === `kubernetes:${type}`);

    /** Whether `from` waits for `to`, directly or through others. */
    function waitsFor(from: Registration, to: Registration, seen = new Set<string>()): boolean {
      if (from.urn === to.urn) return true;
      if (seen.has(from.urn)) return false;
      seen.add(from.urn);
      return from.dependencies.some((urn) => {
        const next = registered.find((one) => one.urn === urn);
        return next !== undefined && waitsFor(next, to, seen);
      });
    }

    it("register every object of the plan", () => {
      const identity = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
      const planned = new Set(platformObjects(planPlatform(spec)).map(identity));
      const objects = registered.map(({ inputs }) => inputs as unknown as KubernetesObject);
      const found = new Set(objects.filter(({ metadata }) => metadata !== undefined).map(identity));
      assert.deepEqual(
        [...planned].filter((object) => !found.has(object)),
        [],
      );
    });

    it("start no server before the loader has done its work", () => {
      const namespaceOf = ({ inputs }: Registration) => (inputs as unknown as KubernetesObject).metadata.namespace;
      const jobs = ofType("batch/v1:Job");
      assert.ok(jobs.length > 0);
      for (const server of ofType("apps/v1:Deployment")) {
        const own = jobs.filter((job) => mode === "shared" || namespaceOf(job) === namespaceOf(server));
        assert.equal(own.length, 1);
        assert.ok(waitsFor(server, own[0]!), server.urn);
      }
    });

    it("start no loader before its network policies and its claim stand", () => {
      const namespaceOf = ({ inputs }: Registration) => (inputs as unknown as KubernetesObject).metadata.namespace;
      for (const job of ofType("batch/v1:Job")) {
        const needed = [...ofType("networking.k8s.io/v1:NetworkPolicy"), ...ofType("core/v1:PersistentVolumeClaim")];
        for (const one of needed.filter((object) => namespaceOf(object) === namespaceOf(job))) {
          assert.ok(waitsFor(job, one), `${job.urn} does not wait for ${one.urn}`);
        }
      }
    });

    it("do not delete volumes of the cluster with a namespace", () => {
      for (const { deletedWith } of ofType("core/v1:PersistentVolume")) assert.equal(deletedWith, "");
    });
  });
}
