import { strict as assert } from "node:assert";
import { probesFor } from "../../../../verifier/traffic/places";
import { predictorOf } from "../../../../verifier/traffic/prediction";
import { machineTargets, serverOf } from "../../../../verifier/traffic/targets";
import { MOST_NEIGHBOURS, trialsOf, type Listener, type Trial } from "../../../../verifier/traffic/trials";
import type { Loose } from "../../policy-pack/fixture";
import { fakeApi } from "../fake-api";
import { subjectOf } from "../subject";

const silent = () => fakeApi(() => new Error("asked although nothing had to be asked"));

function trialsOn(change: (objects: Loose[]) => void = () => undefined, isDual = false): Trial[] {
  const subject = subjectOf(silent(), change);
  const { listeners, askers } = probesFor(subject);
  const placed = listeners.map((probe, index): Listener => ({
    ...probe,
    addresses: [`10.244.0.${index + 1}`, ...(isDual ? [`fd00:10:244::${index + 1}`] : [])],
  }));
  const { predict, refusal } = predictorOf(subject, [
    ...placed.map((probe) => ({ probe, addresses: probe.addresses })),
    ...askers.map((probe) => ({ probe })),
  ]);
  assert.equal(refusal, undefined);
  const machine = [
    { name: "metadata address", host: "169.254.169.254", port: 80, behind: [], absent: true },
    { name: "kubelet", host: "192.0.2.10", port: 10250, behind: [] },
  ];
  const controlRoutes = [{ name: "node port", host: "192.0.2.10", port: 30080 }];
  const server = serverOf(subject.model, "tenant-hr");
  const servers = "why" in server ? [] : [server];
  return trialsOf(askers, { listeners: placed, servers, machine, controlRoutes }, predict);
}

/** A ready pod of hr's server, with an address of each family, as its Service has. */
function dualStackServer(objects: Loose[]): void {
  const deployment = objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.namespace === "tenant-hr");
  const service = objects.find(({ kind, metadata }) => kind === "Service" && metadata.namespace === "tenant-hr");
  Object.assign(service.spec, { clusterIP: "10.96.0.7", clusterIPs: ["10.96.0.7", "fd00:10:96::7"] });
  objects.push({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "ollama-1", namespace: "tenant-hr", labels: deployment.spec.template.metadata.labels },
    spec: deployment.spec.template.spec,
    status: {
      podIP: "10.244.1.7",
      podIPs: [{ ip: "10.244.1.7" }, { ip: "fd00:10:244:1::7" }],
      conditions: [{ type: "Ready", status: "True" }],
    },
  });
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

  it("go by addresses of both families where pods have both, with controls by both", () => {
    const dual = trialsOn(dualStackServer, true);
    for (const id of ["tenant-hr/tenant-finance/pod-tcp-ipv6", "stranger/tenant-hr/pod-udp-ipv6"]) {
      const { role, attempt } = named(dual, id);
      assert.equal(role, "closed");
      assert.match(attempt.host, /^fd00:10:244::/);
    }
    for (const id of ["control/control/pod-tcp-ipv6", "control/stranger/pod-udp-ipv6"])
      assert.equal(named(dual, id).role, "control");
    assert.equal(trials.filter(({ id }) => id.includes("ipv6")).length, 0);
  });

  it("go to servers by every address of the pod, of the Service and of its name, and to the ports behind the gateway", () => {
    const dual = trialsOn(dualStackServer, true);
    const hosts = Object.fromEntries(
      dual
        .filter(({ id }) => id.startsWith("stranger/tenant-hr-server/"))
        .map(({ id, attempt: { host, family } }) => [id.split("/")[2], `${host} ${family ?? ""}`]),
    );
    assert.deepEqual(hosts, {
      "pod-address": "10.244.1.7 ",
      service: "10.96.0.7 ",
      "dns-name": "ollama.tenant-hr.svc ",
      "ipv6-pod-address": "fd00:10:244:1::7 6",
      "ipv6-service": "fd00:10:96::7 6",
      "ipv6-dns-name": "ollama.tenant-hr.svc 6",
    });
    for (const port of [11434, 9901]) {
      const behind = dual.find(
        ({ id, attempt }) => id.startsWith("tenant-hr/") && attempt.port === port && attempt.family === 6,
      );
      assert.equal(behind?.role, "closed", `${port}`);
    }
  });

  it("go to the kubelet, the API server and the metadata service by addresses of both families", () => {
    const addresses = ["192.0.2.10", "2001:db8::10"].map((address) => ({ type: "InternalIP", address }));
    const { model } = subjectOf(silent(), (objects) =>
      objects.push(
        { apiVersion: "v1", kind: "Node", metadata: { name: "two" }, status: { addresses } },
        {
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: "kubernetes", namespace: "default" },
          spec: { clusterIP: "10.96.0.1", clusterIPs: ["10.96.0.1", "fd00:10:96::1"], ports: [{ port: 443 }] },
        },
      ),
    );
    assert.deepEqual(
      machineTargets(model, "two").map(({ name, host }) => `${name} ${host}`),
      [
        "metadata address 169.254.169.254",
        "IPv6 metadata address fd00:ec2::254",
        "API server by Service 10.96.0.1",
        "IPv6 API server by Service fd00:10:96::1",
        "kubelet 192.0.2.10",
        "IPv6 kubelet 2001:db8::10",
      ],
    );
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
