import * as assert from "node:assert/strict";
import { kubectlJson } from "../support/kubectl";
import { killComponents } from "../support/processes";
import { eventually } from "../support/wait";
import { openNodeCluster, requireRealNode, type NodeCluster } from "./support/cluster";
import {
  plannedEnvironment,
  plannedNamespaces,
  plannedPolicies,
  probedPorts,
  serverLabels,
} from "./support/environment";
import { probePod, startProbes, tryFrom, type Attempt, type RunningProbe } from "./support/probes";
import { processOf, startProber } from "./support/prober";

describe("tenants on a real node while parts of the cluster fail", function () {
  this.timeout(600_000);

  const plan = plannedEnvironment();
  const policies = plannedPolicies(plan);
  /** The port that a tenant's own pods may call. */
  const port = probedPorts(policies).find((number) => number !== 7777 && number !== 9090) ?? 0;
  let cluster: NodeCluster;
  let own: RunningProbe;
  let neighbour: RunningProbe;
  let client: RunningProbe;

  before(async function () {
    await requireRealNode(this);
    cluster = await openNodeCluster("behaviour");
    const items = [...plannedNamespaces(plan), ...policies];
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    await cluster.kubectlWithInput(list, "apply", "--server-side", "-f", "-");
    const servers = plan.tenants.map((tenant) =>
      probePod(tenant.namespace.metadata.name, "server", serverLabels(tenant)),
    );
    [own, neighbour, client] = (await startProbes(
      cluster,
      [...servers, probePod("tenant-finance", "client")],
      [port],
    )) as [RunningProbe, RunningProbe, RunningProbe];
    await eventually("the packet filter to know the pods", 60, async () => {
      const outcomes = await tryFrom(cluster, client, attempts());
      return outcomes.map(({ result }) => result).join() === "open,open,refused,refused" ? true : undefined;
    });
  });

  after(() => cluster?.close());

  /** The tenant's own server by pod and Service, and the neighbour's by both. */
  const attempts = (): Attempt[] =>
    [own, neighbour].flatMap(({ podAddress, serviceAddress }) =>
      [podAddress, serviceAddress].map((host) => ({ protocol: "TCP" as const, host, port })),
    );

  /** Kills components hard, all if none is named, starts the cluster again, and returns what connections met all the while. */
  async function probedWhileKilled(components: string[]): Promise<string[]> {
    const prober = startProber(cluster, client, attempts());
    const atLeast = (rounds: number) =>
      eventually("the prober to go on", 60, async () => (prober.rounds() >= rounds ? true : undefined));
    await atLeast(3);
    killComponents(cluster.directory, components.length === 0 ? undefined : components);
    await atLeast(prober.rounds() + 5);
    await cluster.start();
    await atLeast(prober.rounds() + 5);
    return (await prober.stop()).map((results) => [...results].sort().join());
  }

  const undisturbed = ["open", "open", "refused", "refused"];

  for (const components of [
    ["kube-router"],
    ["kube-proxy"],
    ["kubelet"],
    ["containerd"],
    ["kube-apiserver", "etcd"],
    [],
  ]) {
    const killed = components.length === 0 ? "every process of the cluster" : components.join(", ");
    it(`lose no connection and gain none when ${killed} is killed and started again`, async () => {
      const process = processOf(client);
      assert.deepEqual(await probedWhileKilled(components), undisturbed);
      assert.equal(processOf(client), process, "the pod was restarted");
    });
  }

  it("stay closed to a pod that starts while the enforcer is down, as soon as it is back", async () => {
    killComponents(cluster.directory, ["kube-router"]);
    const [late] = (await startProbes(cluster, [probePod("tenant-finance", "late")], [port])) as [RunningProbe];
    await cluster.start();
    await eventually("the enforcer to know the new pod", 60, async () => {
      const outcomes = await tryFrom(cluster, late, attempts());
      return outcomes.map(({ result }) => result).join() === undisturbed.join() ? true : undefined;
    });
  });

  it("are refused a privileged pod, and served one that differs in nothing else", async () => {
    const pod = (privileged: boolean) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "attempt", namespace: "tenant-finance" },
      spec: {
        securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "probe",
            image: "localhost/probe:1",
            args: ["pause"],
            securityContext: {
              ...(privileged ? { privileged } : { allowPrivilegeEscalation: false }),
              capabilities: { drop: ["ALL"] },
            },
          },
        ],
      },
    });
    const create = (privileged: boolean) =>
      cluster.kubectlWithInput(JSON.stringify(pod(privileged)), "create", "-f", "-");
    await assert.rejects(create(true), /violates PodSecurity "restricted/);
    await create(false);
    await eventually("the permitted pod to run", 60, async () => {
      const found = await kubectlJson<{ status: { phase: string } }>(
        cluster.kubectl,
        ...["get", "pod", "attempt", "-n", "tenant-finance"],
      );
      return found.status.phase === "Running" ? true : undefined;
    });
  });

  it("have their use of CPU measured, which the autoscaler reads", async () => {
    await eventually("the measurements of the pods", 120, async () => {
      const answer = await cluster.kubectl(
        "get",
        "--raw",
        "/apis/metrics.k8s.io/v1beta1/namespaces/tenant-finance/pods",
      );
      const { items } = JSON.parse(answer.stdout) as { items: { metadata: { name: string } }[] };
      return items.some(({ metadata }) => metadata.name === own.name) ? true : undefined;
    });
  });

  it("are seen as open when someone opens them for a moment: that is the control of the prober", async () => {
    const prober = startProber(cluster, client, attempts());
    for (const { namespace } of plan.tenants) {
      await cluster.kubectl("delete", "networkpolicy", "--all", "--namespace", namespace.metadata.name);
    }
    const opened = prober.rounds();
    await eventually("the prober to go on", 60, async () => (prober.rounds() > opened + 20 ? true : undefined));
    const seen = await prober.stop();
    assert.deepEqual(
      seen.map((results) => results.has("open")),
      [true, true, true, true],
    );
  });
});
