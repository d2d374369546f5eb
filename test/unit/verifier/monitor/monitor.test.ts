import { strict as assert } from "node:assert";
import { clusterApi } from "../../../../verifier/cluster-api";
import type { MonitorDeclaration } from "../../../../verifier/monitor/declaration";
import { CHECK_NAMES, renderMetrics } from "../../../../verifier/monitor/metrics";
import { startMonitor, type MonitorState } from "../../../../verifier/monitor/monitor";
import { isRoutine } from "../../../../verifier/monitor/objects";
import { renderPage } from "../../../../verifier/monitor/page";
import { eventually } from "../../../support/wait";
import { compliantObjects, settings, type Loose } from "../../policy-pack/fixture";
import { FakeApiServer, type FakeResource } from "./api-server";

const PATIENCE = 30;

/** A resource for every kind of the compliant environment, and Secrets. */
function resourcesOf(objects: Loose[]): FakeResource[] {
  const kinds = new Map<string, FakeResource>();
  for (const { apiVersion, kind, metadata } of [...objects, SECRET]) {
    const [version = "", group = ""] = String(apiVersion).split("/").reverse();
    const resource = String(kind).endsWith("y")
      ? `${String(kind).toLowerCase().slice(0, -1)}ies`
      : `${String(kind).toLowerCase()}s`;
    kinds.set(`${apiVersion} ${kind}`, {
      group,
      version,
      resource,
      kind,
      namespaced: metadata.namespace !== undefined,
    });
  }
  return [...kinds.values()];
}

const SECRET = { apiVersion: "v1", kind: "Secret", metadata: { name: "client-portal", namespace: "tenant-hr" } };

function collectionOf({ apiVersion, kind }: Loose, resources: FakeResource[]): string {
  const [version = "", group = ""] = String(apiVersion).split("/").reverse();
  const found = resources.find((one) => one.group === group && one.version === version && one.kind === kind);
  return `${group === "" ? "/api" : `/apis/${group}`}/${version}/${found?.resource}`;
}

/** What controllers report: without it quotas are not counted and servers not ready. */
function withStatus(object: Loose): Loose {
  if (object.kind === "ResourceQuota") {
    const used = Object.fromEntries(Object.keys(object.spec.hard).map((key) => [key, "0"]));
    return { ...object, status: { hard: object.spec.hard, used } };
  }
  if (object.kind !== "Deployment") return object;
  const metadata = { ...object.metadata, generation: 1 };
  return { ...object, metadata, status: { observedGeneration: 1, readyReplicas: object.spec.replicas ?? 1 } };
}

describe("the monitor", function () {
  this.timeout(120_000);
  const objects = compliantObjects();
  const resources = resourcesOf(objects);
  const end = new AbortController();
  let server: FakeApiServer;
  let monitor: MonitorState & { done: Promise<void> };
  let lines: string[];

  const placed = (object: Loose) => collectionOf(object, resources);
  const policies = "/apis/networking.k8s.io/v1/networkpolicies";
  const policy = (name: string, spec: object): Loose => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: {
      name,
      namespace: "tenant-hr",
      managedFields: [{ manager: "kubectl-create", time: "2030-01-01T00:00:00Z" }],
    },
    spec,
  });
  const open = () =>
    (monitor.evaluation()?.runs ?? []).flatMap(({ results }) => results).filter(({ outcome }) => outcome === "open");
  const until = (what: string, holds: () => boolean) =>
    eventually(what, PATIENCE, () => {
      assert.ok(holds(), [...monitor.whyNot(), ...open().map(({ id }) => id)].join("\n"));
      return Promise.resolve(true);
    });

  before(async () => {
    server = new FakeApiServer(resources);
    for (const object of objects) server.put(placed(object), withStatus(object));
    server.put("/api/v1/secrets", { ...SECRET, data: { key: "dG9wLXNlY3JldA==" } });
    await server.start();
    lines = [];
    const declaration: MonitorDeclaration = {
      schemaVersion: 1,
      environment: "test",
      name: "monitor-declaration-0123456789",
      settings,
      tenants: [
        { name: "finance", namespace: "tenant-finance" },
        { name: "hr", namespace: "tenant-hr" },
      ],
      expiries: [{ tenant: "hr", client: "portal", expires: "2031-01-01T00:00:00Z" }],
      objects,
    };
    const { credentials } = server;
    const api = clusterApi(credentials);
    monitor = startMonitor(
      { api, credentials, declaration, interval: 500, debounce: 20, log: (line) => lines.push(line) },
      end.signal,
    );
  });
  after(async () => {
    end.abort();
    await monitor.done;
    await server.stop();
  });

  it("knows nothing at first, and says so rather than nothing", () => {
    assert.equal(monitor.isCurrent(), false);
    assert.match(renderPage(monitor), /Not known: /);
    assert.match(renderMetrics(monitor), /^ollama_monitor_current 0$/m);
    assert.doesNotMatch(renderMetrics(monitor), /ollama_isolation_tenant_violations\{/);
  });

  it("finds nothing on a compliant cluster, and decides every check", async () => {
    await until("an evaluation without findings", () => monitor.isCurrent() && open().length === 0);
    await until("a success of every check", () => monitor.lastSuccess().size === CHECK_NAMES.length);
    assert.match(renderPage(monitor), /Nothing is open, as of/);
    const metrics = renderMetrics(monitor);
    assert.match(metrics, /^ollama_isolation_tenant_violations\{tenant="hr"\} 0$/m);
    assert.match(
      metrics,
      /^ollama_quota_hard\{tenant="hr",namespace="tenant-hr",quota="quota",resource="pods"\} \d+$/m,
    );
    assert.match(metrics, /^ollama_client_expiry_timestamp_seconds\{tenant="hr",client="portal"\} 1924992000$/m);
  });

  it("never asks for Secrets", () => {
    assert.deepEqual(
      server.asked.filter((path) => path.includes("secrets")),
      [],
    );
  });

  it("finds a weakening by its event, with tenant, rule and who wrote it, and closes it when it is gone", async () => {
    server.put(policies, policy("allow-all", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] }));
    await until("the weakening", () => open().some(({ id }) => id.includes("NetworkPolicy tenant-hr/allow-all")));
    assert.match(renderMetrics(monitor), /^ollama_isolation_violations\{tenant="hr",rule="network\/[a-z-]+"\} \d+$/m);
    server.remove(policies, "allow-all", "tenant-hr");
    await until("its end", () => open().length === 0);
    assert.ok(lines.some((line) => line.startsWith("closed: rules/network/")));
  });

  it("finds what is deleted, and what differs from its declaration", async () => {
    const declared = objects.find(({ kind, metadata }) => kind === "LimitRange" && metadata.namespace === "tenant-hr");
    const quota = objects.find(
      ({ kind, metadata }) =>
        kind === "ResourceQuota" && metadata.namespace === "tenant-hr" && metadata.name === "quota",
    );
    const changed = structuredClone(quota);
    changed.spec.hard.pods = "1000";
    server.remove("/api/v1/limitranges", "limits", "tenant-hr");
    server.put("/api/v1/resourcequotas", withStatus(changed));
    await until("both", () => {
      const ids = open().map(({ id }) => id);
      return (
        ids.includes("declared/LimitRange tenant-hr/limits") &&
        ids.includes("declared/ResourceQuota tenant-hr/quota spec.hard.pods")
      );
    });
    assert.match(renderMetrics(monitor), /rule="declared\/LimitRange"\} 1/);
    server.put("/api/v1/limitranges", declared);
    server.put("/api/v1/resourcequotas", withStatus(quota));
    await until("their end", () => open().length === 0);
  });

  it("raises no alarm about what differs and weakens nothing, as the verifier does not", async () => {
    const quota = objects.find(
      ({ kind, metadata }) =>
        kind === "ResourceQuota" && metadata.namespace === "tenant-hr" && metadata.name === "quota",
    );
    const lowered = structuredClone(quota);
    lowered.spec.hard.services = "5";
    server.put("/api/v1/resourcequotas", withStatus(lowered));
    const compared = () =>
      (monitor.evaluation()?.runs ?? [])
        .flatMap(({ results }) => results)
        .find(({ id }) => id === "declared/ResourceQuota tenant-hr/quota spec.hard.services");
    await until("the lowered limit", () => compared()?.outcome === "isolated");
    assert.match(compared()?.found ?? "", /^it differs, and is not weaker: spec\.hard\.services: declared /);
    assert.deepEqual(open(), []);
    server.put("/api/v1/resourcequotas", withStatus(quota));
    await until("its end", () => compared() === undefined);
  });

  it("does not re-evaluate for what the cluster reports of itself alone", async () => {
    const deployment = objects.find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.namespace === "tenant-hr",
    );
    const asked = () => server.asked.filter((path) => path.includes("limit=1")).length;
    const before = { rounds: asked(), evaluations: monitor.counts().evaluations };
    for (let count = 0; count < 50; count++) {
      const reported = withStatus(deployment);
      reported.status.updatedReplicas = count;
      server.put(placed(deployment), reported);
    }
    await until("two rounds more", () => asked() >= before.rounds + 2 * (resources.length - 1));
    const rounds = (asked() - before.rounds) / (resources.length - 1);
    assert.ok(monitor.counts().evaluations - before.evaluations <= rounds + 2, "one evaluation for each round");
  });

  it("takes what controllers make for routine, and what a hand makes for urgent", () => {
    const owned = (kind: string, controller: boolean) => ({
      kind,
      metadata: { name: "one", ownerReferences: [{ kind: "ReplicaSet", name: "owner", controller }] },
    });
    for (const kind of ["Pod", "ReplicaSet", "EndpointSlice", "Job"]) assert.ok(isRoutine(owned(kind, true)), kind);
    assert.equal(isRoutine({ kind: "Pod", metadata: { name: "by-hand" } }), false);
    assert.equal(isRoutine(owned("Pod", false)), false);
    for (const kind of ["NetworkPolicy", "RoleBinding", "Secret"]) assert.equal(isRoutine(owned(kind, true)), false);
  });

  it("knows nothing while the API server is away, and tells what it has missed", async () => {
    await server.stop();
    await until("that it is away", () => !monitor.isCurrent());
    assert.doesNotMatch(renderMetrics(monitor), /ollama_isolation_tenant_violations\{/);
    assert.match(renderPage(monitor), /Not known: /);
    server.put(policies, policy("meanwhile", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] }));
    server.forgetful = true;
    await server.start();
    await until("what was done meanwhile", () =>
      open().some(({ id }) => id.includes("NetworkPolicy tenant-hr/meanwhile")),
    );
    await until("that all is seen again", () => monitor.isCurrent());
    assert.ok(
      monitor.gaps().some(({ resource, changes }) => resource === "networkpolicies.networking.k8s.io" && changes === 1),
    );
    server.forgetful = false;
    server.remove(policies, "meanwhile", "tenant-hr");
    await until("its end", () => open().length === 0);
  });

  it("knows nothing when a right is taken away while its watch is still open", async () => {
    server.forbidden.add(policies);
    await until("the missing right", () => monitor.whyNot().some((why) => why.includes("networkpolicies")));
    assert.doesNotMatch(renderMetrics(monitor), /ollama_isolation_tenant_violations\{/);
    await until("checks that are not decided", () => {
      // Whether reports are written does not rest on what is read.
      const runs = (monitor.evaluation()?.runs ?? []).filter(({ check }) => check !== "reports");
      return runs.length > 0 && runs.filter(({ decided }) => !decided).length === runs.length;
    });
    const said = "networkpolicies.networking.k8s.io: the right to list and watch is missing";
    await until("a line of it", () => lines.includes(`not known: ${said}`));
    assert.ok(lines.some((line) => line.startsWith("inconclusive: reading/networkpolicies.networking.k8s.io: ")));
    server.forbidden.delete(policies);
    await until("that all is seen again", () => monitor.isCurrent());
    await until(
      "a line of that, too",
      () => lines.lastIndexOf("everything is known again") > lines.indexOf(`not known: ${said}`),
    );
  });

  it("shows names from the cluster as text, whatever is in them", async () => {
    const name = "<script>alert(1)</script>";
    server.put(policies, policy(name, { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] }));
    await until("the weakening", () => open().length > 0);
    assert.ok(!renderPage(monitor).includes(name));
    assert.ok(renderPage(monitor).includes("&lt;script&gt;"));
    server.remove(policies, name, "tenant-hr");
    await until("its end", () => open().length === 0);
  });
});
