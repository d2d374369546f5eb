import { strict as assert } from "node:assert";
import { probesFor } from "../../../../verifier/traffic/places";
import { predictorOf } from "../../../../verifier/traffic/prediction";
import { MOST_NEIGHBOURS, trialsOf, type Listener, type Trial } from "../../../../verifier/traffic/trials";
import type { Loose } from "../../policy-pack/fixture";
import { fakeApi } from "../fake-api";
import { subjectOf } from "../subject";

const silent = () => fakeApi(() => new Error("asked although nothing had to be asked"));

function trialsOn(change: (objects: Loose[]) => void = () => undefined): Trial[] {
  const subject = subjectOf(silent(), change);
  const { listeners, askers } = probesFor(subject);
  const placed = listeners.map((probe, index): Listener => ({ ...probe, address: `10.244.0.${index + 1}` }));
  const { predict, refusal } = predictorOf(subject, [
    ...placed.map((probe) => ({ probe, address: probe.address })),
    ...askers.map((probe) => ({ probe })),
  ]);
  assert.equal(refusal, undefined);
  const machine = [
    { name: "metadata address", host: "169.254.169.254", port: 80, behind: [], absent: true },
    { name: "kubelet", host: "192.0.2.10", port: 10250, behind: [] },
  ];
  const controlRoutes = [{ name: "node port", host: "192.0.2.10", port: 30080 }];
  return trialsOf(askers, { listeners: placed, servers: [], machine, controlRoutes }, predict);
}
const named = (trials: Trial[], id: string): Trial => {
  const found = trials.find((trial) => trial.id === id);
  assert.ok(found, `${id} among ${trials.map((trial) => trial.id).join(", ")}`);
  return found;
};

describe("the connections that a run tries", () => {
  const trials = trialsOn();

  it("go between every two tenants, and between tenants and strangers, both ways", () => {
    for (const id of [
      "tenant-hr/tenant-finance/pod-tcp",
      "tenant-finance/tenant-hr/pod-udp",
      "stranger/tenant-hr/pod-tcp",
      "tenant-hr/stranger/pod-tcp",
      "control/tenant-hr/pod-tcp",
      "tenant-hr/control/node-port",
      "tenant-hr/machine/metadata-address",
      "tenant-hr/machine/kubelet",
    ]) {
      const { role, forecast, attempt } = named(trials, id);
      assert.deepEqual([role, forecast.allowed, attempt.open], ["closed", false, false], id);
    }
  });

  it("have controls that no policy closes", () => {
    for (const id of ["control/control/pod-tcp", "stranger/control/pod-tcp", "control/stranger/pod-udp"]) {
      const { role, forecast, attempt } = named(trials, id);
      assert.deepEqual([role, forecast.allowed, attempt.open], ["control", true, true], id);
    }
  });

  it("show whether policies are enforced at all, by pods that differ in one policy", () => {
    for (const id of ["control/fenced/pod-tcp", "muted/control/pod-tcp"]) {
      const { role, forecast } = named(trials, id);
      assert.deepEqual([role, forecast.allowed], ["closed", false], id);
    }
  });

  it("are foreseen to be open where a policy lets them through", () => {
    const opened = trialsOn((objects) =>
      objects.push({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "open", namespace: "tenant-hr" },
        spec: { podSelector: {}, ingress: [{}], policyTypes: ["Ingress"] },
      }),
    );
    const { role, forecast } = named(opened, "stranger/tenant-hr/pod-tcp");
    assert.deepEqual([role, forecast.allowed], ["closed", true]);
    assert.match(forecast.why, /tenant-hr\/open/);
  });

  it("grow with the number of tenants and not with its square, and leave no tenant out", () => {
    const many = trialsOn((objects) => {
      const template = objects.filter(
        ({ metadata, kind }) =>
          metadata.name === "tenant-hr" || (metadata.namespace === "tenant-hr" && kind === "Deployment"),
      );
      for (let index = 0; index < 40; index++)
        objects.push(...(JSON.parse(JSON.stringify(template).replaceAll("hr", `more${index}`)) as Loose[]));
    });
    const between = many.filter(({ id }) => /^tenant-\w+\/tenant-\w+\/pod-tcp$/.test(id));
    const victims = new Map<string, number>();
    for (const { id } of between) victims.set(id.split("/")[1] ?? "", (victims.get(id.split("/")[1] ?? "") ?? 0) + 1);
    assert.equal(victims.size, 42);
    assert.deepEqual([...new Set(victims.values())], [MOST_NEIGHBOURS]);
    assert.ok(between.every(({ tried }) => tried.includes("one of 20 of its 41 neighbours")));
  });
});
