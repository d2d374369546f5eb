import * as assert from "node:assert/strict";
import * as components from "../../../components/index";
import type { KubernetesObject } from "../../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { bundleMonitor } from "../../../tools/monitor/bundle";
import { platform } from "../plan/fixture";
import { record, type Registration } from "./recording";

const objectOf = ({ inputs }: Registration) => inputs as unknown as KubernetesObject;
const isMonitors = (one: Registration) => one.custom && one.urn.includes("IsolationMonitor");

describe("Components of an environment with a monitor", () => {
  const { cluster, ...rest } = platform();
  const spec = {
    ...rest,
    cluster: { ...cluster, guard: { deployers: ["oidc:deployer"] }, monitor: { apiServerCidrs: ["192.168.0.10/32"] } },
  };
  let registered: Registration[];

  before(async () => {
    bundleMonitor();
    registered = await record(() => void new components.OllamaPlatform("ollama", spec));
  });

  function waitsFor(from: Registration, to: Registration, seen = new Set<string>()): boolean {
    if (from.urn === to.urn) return true;
    if (seen.has(from.urn)) return false;
    seen.add(from.urn);
    return from.dependencies.some((urn) => {
      const next = registered.find((one) => one.urn === urn);
      return next !== undefined && waitsFor(next, to, seen);
    });
  }

  it("register every object of the monitor's plan, each as the kind that it is", () => {
    const { monitor } = planPlatform(spec);
    assert.ok(monitor);
    const identity = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
    const planned = platformObjects(planPlatform(spec)).map(identity);
    const found = registered.filter(isMonitors).map((one) => identity(objectOf(one)));
    assert.ok(found.length > 10);
    assert.deepEqual(
      found.filter((one) => !planned.includes(one)),
      [],
    );
    assert.ok(
      registered
        .filter(isMonitors)
        .every(({ type }) => type.startsWith("kubernetes:") && !type.includes("CustomResource")),
    );
  });

  it("start it when its fences and rights stand, after the guard", () => {
    const deployment = registered.filter(isMonitors).find(({ type }) => type === "kubernetes:apps/v1:Deployment");
    assert.ok(deployment);
    const before = registered.filter(
      (one) =>
        isMonitors(one) && /NetworkPolicy|ResourceQuota|ClusterRoleBinding|ConfigMap|PriorityClass/.test(one.type),
    );
    assert.ok(before.length >= 7);
    for (const one of before) assert.ok(waitsFor(deployment, one), one.urn);
    const guard = registered.filter(({ type }) => type.endsWith(":ValidatingAdmissionPolicyBinding"));
    assert.ok(guard.length > 0);
    for (const one of guard) assert.ok(waitsFor(deployment, one), one.urn);
  });

  it("go layer by layer, and all namespaces in one layer: each takes seconds to go", () => {
    const layers = new Map<string, number>();
    const layerOf = (urn: string): number => {
      const known = layers.get(urn);
      if (known !== undefined) return known;
      const one = registered.find((other) => other.urn === urn);
      const layer = one === undefined ? 0 : 1 + Math.max(layerOf(one.parent), ...one.dependencies.map(layerOf));
      layers.set(urn, layer);
      return layer;
    };
    const slow = registered.filter(({ type }) => /:(Namespace|NodePool)$/.test(type));
    assert.ok(slow.length >= 5, slow.map(({ urn }) => urn).join("\n"));
    assert.equal(new Set(slow.map(({ urn }) => layerOf(urn))).size, 1);
  });

  it("are the same when it is declared by itself", async () => {
    const alone = await record(() => void new components.IsolationMonitor("ollama-monitor", spec));
    const names = (list: Registration[]) =>
      list
        .filter(({ custom }) => custom)
        .map((one) => objectOf(one).metadata.name)
        .sort();
    assert.deepEqual(names(alone), names(registered.filter(isMonitors)));
  });

  it("need the monitor in the environment", async () => {
    const without = { ...spec, cluster: { ...spec.cluster, monitor: undefined } };
    await record(() =>
      assert.throws(() => new components.IsolationMonitor("ollama-monitor", without), /cluster\.monitor is missing/),
    );
  });
});
