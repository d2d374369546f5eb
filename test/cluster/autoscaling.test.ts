import { strict as assert } from "node:assert";
import * as path from "node:path";
import { loadStackFile } from "../../components/config/load";
import type { GatewayInput } from "../../components/gateway";
import { gatewayInput } from "../../components/plan/server/gateway";
import { planPlatform } from "../../components/plan/platform";
import { ensureTools } from "../../tools/install";
import { hashOf, RunningGateway } from "../gateway/support/gateway";
import { startUpstream, type Upstream } from "../gateway/support/upstream";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { up } from "../support/update";
import { eventually } from "../support/wait";
import { startAdapter, startPrometheus, type Prometheus, type ScrapeTarget } from "../support/monitoring";

const NAMESPACE = "tenant-finance";
const KEY = "ledger-0123456789abcdefghijklmn";
/** Requests that are held open: with the tenant's target of two for each replica, more than one replica's. */
const REQUESTS = 4;
const HOUR_MS = 3_600_000;

interface Pod {
  metadata: { name: string };
  status: { conditions?: { type: string; status: string }[] };
}

interface Autoscaler {
  spec: { minReplicas: number; maxReplicas: number };
  status: { desiredReplicas: number; currentMetrics?: { pods?: { current: { averageValue: string } } }[] };
}

describe("the autoscaler of a GPU tenant", function () {
  this.timeout(300_000);
  let environment: TestEnvironment;
  let kubectl: Kubectl;
  let upstream: Upstream;
  let prometheus: Prometheus;
  let adapter: { stop(): Promise<void> };
  /** A real gateway in the place of each pod, which is simulated. */
  const gateways = new Map<string, RunningGateway>();

  before("bring up the dev stack, Prometheus and its adapter", async () => {
    environment = await openTestEnvironment("autoscaling");
    const tools = await ensureTools(["prometheus", "prometheus-adapter", "kubectl"]);
    kubectl = kubectlWith(tools, environment.deployerKubeconfig);
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    upstream = await startUpstream();
    await readyPods(1);
    prometheus = await startPrometheus(tools, environment.directory, await targets());
    adapter = await startAdapter(tools, environment.cluster, kubectl, prometheus.url);
  });
  after(async () => {
    await adapter?.stop();
    await prometheus?.stop();
    for (const gateway of gateways.values()) await gateway.stop();
    await upstream?.stop();
    await environment?.close();
  });

  const autoscaler = () => kubectlJson<Autoscaler>(kubectl, "get", "hpa", "ollama", "-n", NAMESPACE);

  async function serverPods(): Promise<Pod[]> {
    const selection = ["-n", NAMESPACE, "-l", "app.kubernetes.io/component=server"];
    return (await kubectlJson<{ items: Pod[] }>(kubectl, "get", "pods", ...selection)).items;
  }

  /** Waits until there are so many pods, each ready; returns their names. */
  const readyPods = (count: number): Promise<string[]> =>
    eventually(`${count} ready pods`, 150, async () => {
      const pods = await serverPods();
      const ready = pods.filter(({ status }) =>
        status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True"),
      );
      const settled = ready.length === count && pods.length === count;
      return settled ? ready.map(({ metadata }) => metadata.name) : undefined;
    });

  /** What the gateway of the stack's tenant is made from; its client may have all requests of the test in flight. */
  function tenantsGateway(): GatewayInput {
    const spec = loadStackFile(path.join(environment.project, "Pulumi.dev.yaml"));
    const plan = planPlatform(spec).tenants.find(({ tenant }) => tenant.namespace === NAMESPACE);
    assert.ok(plan);
    const input = gatewayInput(plan.tenant, [{ client: "ledger", keySha256: [hashOf(KEY)] }]);
    return { ...input, clients: input.clients.map((client) => ({ ...client, maxConcurrent: REQUESTS })) };
  }

  /** A gateway for each pod that there is. */
  async function targets(): Promise<ScrapeTarget[]> {
    const list: ScrapeTarget[] = [];
    for (const { metadata } of await serverPods()) {
      const gateway = gateways.get(metadata.name) ?? (await RunningGateway.start(tenantsGateway(), upstream.port));
      gateways.set(metadata.name, gateway);
      list.push({ metricsPort: gateway.place.metricsPort, labels: { namespace: NAMESPACE, pod: metadata.name } });
    }
    return list;
  }

  /** Average that the autoscaler has last seen. */
  const average = (value: string) =>
    eventually(`an average of ${value} requests in flight`, 90, async () => {
      const { status } = await autoscaler();
      return status.currentMetrics?.[0]?.pods?.current.averageValue === value ? true : undefined;
    });

  it("sees no requests in flight while nobody asks, and keeps its least number of replicas", async () => {
    await average("0");
    assert.equal((await autoscaler()).status.desiredReplicas, 1);
  });

  it("adds a replica while more requests are in flight than one is meant to have, and takes it away after", async () => {
    const [pod] = await readyPods(1);
    const door = gateways.get(pod ?? "");
    assert.ok(door);
    const abort = new AbortController();
    const calls = Array.from({ length: REQUESTS }, () => held(door, abort.signal));
    await eventually("the requests upstream", 30, async () => (upstream.active() > 0 ? true : undefined));
    const pods = await readyPods(2);
    prometheus.scrape(await targets());
    assert.equal((await autoscaler()).status.desiredReplicas, 2);
    await average(String(REQUESTS / pods.length));

    // The product waits five minutes before it gives a replica up; the test does not.
    const impatient = { spec: { behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } } };
    const patched = await kubectl("patch", "hpa", "ollama", "-n", NAMESPACE, "-p", JSON.stringify(impatient));
    assert.equal(patched.code, 0, patched.stderr);
    abort.abort();
    await Promise.allSettled(calls);
    await readyPods(1);
    await average("0");
  });

  /** A request whose answer does not end before it is broken off. */
  async function held(door: RunningGateway, signal: AbortSignal): Promise<void> {
    const behaviour = JSON.stringify({ chunks: 2, pauseMs: HOUR_MS });
    const reply = await fetch(`${door.url}/api/chat`, {
      method: "POST",
      headers: { authorization: `Bearer ${KEY}` },
      body: JSON.stringify({
        model: "llama3.1:8b",
        stream: true,
        messages: [{ role: "user", content: `behave:${behaviour}` }],
      }),
      signal,
    });
    assert.equal(reply.status, 200);
    await reply.text();
  }
});
