import * as assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { PLATFORM_NAMESPACE } from "../../components/spec/names";
import { LOADER_SELECTOR } from "../../components/plan/store/loader";
import { command } from "../../tools/local-cluster/node/command";
import { bridgeName } from "../../tools/local-cluster/node/places";
import { nodeAddress } from "../../tools/local-cluster/node/node";
import { registryPort } from "../../tools/local-cluster/node/registry-address";
import { apiServerServiceAddress } from "../../tools/local-cluster/network";
import { kubectlJson } from "../support/kubectl";
import { eventually } from "../support/wait";
import { openNodeCluster, requireRealNode, type NodeCluster } from "./support/cluster";
import {
  ingressLabels,
  monitoringLabels,
  plannedEnvironment,
  plannedNamespaces,
  plannedPolicies,
  probedPorts,
  serverLabels,
} from "./support/environment";
import { plannedNetwork, policyDrift } from "./support/expected";
import { probePod, startProbes, tryFrom, type Attempt, type RunningProbe } from "./support/probes";
import { disagreements, observed, tryAll, withoutTwin, type Trial } from "./support/traffic";

/** Address under which clouds hand out the credentials of a machine to whoever asks from it. */
const metadataAddress = "169.254.169.254";

describe("packets between tenants on a real node", function () {
  this.timeout(600_000);

  const plan = plannedEnvironment();
  const policies = plannedPolicies(plan);
  const ports = probedPorts(policies);
  let cluster: NodeCluster;
  let pods: RunningProbe[];
  let trials: Trial[];

  before(async function () {
    await requireRealNode(this);
    cluster = await openNodeCluster("traffic");
    const others = ["stranger", "ingress-nginx", "monitoring"].map((name) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    }));
    const items = [...plannedNamespaces(plan), ...others, ...policies];
    await cluster.kubectlWithInput(
      JSON.stringify({ apiVersion: "v1", kind: "List", items }),
      ...["apply", "--server-side", "-f", "-"],
    );
    const tenantPods = plan.tenants.flatMap((tenant) => {
      const namespace = tenant.namespace.metadata.name;
      return [probePod(namespace, "server", serverLabels(tenant)), probePod(namespace, "client")];
    });
    pods = await startProbes(
      cluster,
      [
        ...tenantPods,
        probePod("stranger", "client"),
        // Each beside a pod of the same namespace that lacks the labels.
        probePod("ingress-nginx", "controller", ingressLabels),
        probePod("ingress-nginx", "other"),
        probePod("monitoring", "prometheus", monitoringLabels),
        probePod("monitoring", "other"),
        probePod(PLATFORM_NAMESPACE, "loader", LOADER_SELECTOR),
        { ...probePod(PLATFORM_NAMESPACE, "other"), withoutNames: true },
      ],
      ports,
    );
    await enforced();
    trials = await tryAll(cluster, await plannedNetwork(cluster.kubectl, policies, pods, ports), pods, ports);
  });

  after(() => cluster?.close());

  const pod = (id: string): RunningProbe => {
    const found = pods.find((candidate) => candidate.id === id);
    assert.ok(found, `no pod ${id}`);
    return found;
  };

  /** The packet filter follows the pods within a moment; from then on nothing may waver. */
  async function enforced(): Promise<void> {
    const [from, to] = [pod("stranger/client"), pod("tenant-hr/server")];
    await eventually("the packet filter to know the last pods", 60, async () => {
      const [outcome] = await tryFrom(cluster, from, [{ protocol: "TCP", host: to.podAddress, port: ports[0] ?? 0 }]);
      return outcome?.result === "refused" ? true : undefined;
    });
  }

  it("are let through or refused exactly as the analysis of the planned policies says", () => {
    assert.deepEqual(disagreements(trials), []);
  });

  it("come in numbers that mean something: at least 60 let through and 60 refused", () => {
    const counts = { open: 0, refused: 0 };
    for (const trial of trials) counts[observed(trial) === true ? "open" : "refused"]++;
    assert.ok(counts.open >= 60 && counts.refused >= 60, JSON.stringify(counts));
  });

  it("cover tenants that look into each other, strangers, and what the platform's ingress and monitoring may", () => {
    const between = (from: string, to: string) =>
      trials.filter((trial) => trial.from.id.startsWith(from) && trial.to.id.startsWith(to));
    for (const [from, to] of [
      ["tenant-finance/", "tenant-hr/"],
      ["tenant-hr/", "tenant-finance/"],
      ["stranger/", "tenant-"],
      ["ingress-nginx/other", "tenant-"],
      ["monitoring/other", "tenant-"],
      [`${PLATFORM_NAMESPACE}/`, "tenant-"],
      ["tenant-", `${PLATFORM_NAMESPACE}/`],
      ["stranger/", `${PLATFORM_NAMESPACE}/`],
    ] as const) {
      const found = between(from, to);
      assert.ok(
        found.length > 0 && found.every(({ expected }) => !expected),
        `${from} to ${to} is expected to be closed`,
      );
    }
    for (const from of ["ingress-nginx/controller", "monitoring/prometheus", "tenant-hr/client"]) {
      const open = between(from, "tenant-hr/server").filter(({ expected }) => expected);
      assert.ok(open.length > 0, `${from} is expected to reach something of the server`);
    }
  });

  it("find the planned policies and no others in the cluster", async () => {
    assert.deepEqual(await policyDrift(cluster.kubectl, policies), []);
  });

  describe("to what belongs to the machine", () => {
    let metadata: Server;
    let doors: Record<string, Attempt>;

    before(async () => {
      await command("ip", ["address", "replace", `${metadataAddress}/32`, "dev", bridgeName]);
      metadata = createServer((_, response) => response.end("credentials"));
      await new Promise<void>((resolve) => metadata.listen(80, metadataAddress, resolve));
      const node = await kubectlJson<{ status: { daemonEndpoints: { kubeletEndpoint: { Port: number } } } }>(
        cluster.kubectl,
        ...["get", "node", "node-1"],
      );
      const tcp = (host: string, port: number): Attempt => ({ protocol: "TCP", host, port, silent: true });
      doors = {
        "metadata address": tcp(metadataAddress, 80),
        "API server by service": tcp(apiServerServiceAddress, 443),
        "API server": tcp(nodeAddress, Number(new URL(cluster.cluster.server).port)),
        kubelet: tcp(nodeAddress, node.status.daemonEndpoints.kubeletEndpoint.Port),
        registry: tcp(nodeAddress, registryPort),
        "registry by name": tcp("registry.model-registry.svc.cluster.local", registryPort),
      };
    });

    after(() => metadata?.close());

    /** Names of the doors by how they met a pod. */
    async function triedFrom(id: string): Promise<Record<string, string[]>> {
      const outcomes = await tryFrom(cluster, pod(id), Object.values(doors));
      const found: Record<string, string[]> = { open: [], refused: [] };
      for (const [index, name] of Object.keys(doors).entries()) {
        const { result } = outcomes[index] ?? { result: "error" };
        (found[result] ??= []).push(name);
      }
      return found;
    }

    it("reach it from a pod without policies: that is the control", async () => {
      assert.deepEqual(await triedFrom("stranger/client"), { open: Object.keys(doors), refused: [] });
    });

    it("are refused from a tenant's pods", async () => {
      for (const name of ["server", "client"]) {
        assert.deepEqual(await triedFrom(`tenant-finance/${name}`), { open: [], refused: Object.keys(doors) }, name);
      }
    });

    for (const [id, whose] of [
      ["tenant-hr/client", "a tenant with a grant"],
      [`${PLATFORM_NAMESPACE}/loader`, "the model loader"],
    ] as const) {
      it(`reach the registry, and nothing else, from ${whose}`, async () => {
        const granted = ["registry", "registry by name"];
        const closed = Object.keys(doors).filter((name) => !granted.includes(name));
        assert.deepEqual(await triedFrom(id), { open: granted, refused: closed });
      });
    }

    it("are refused from another pod of the loader's namespace, and so is DNS", async () => {
      const unresolved = ["registry by name"];
      const refused = Object.keys(doors).filter((name) => !unresolved.includes(name));
      assert.deepEqual(await triedFrom(`${PLATFORM_NAMESPACE}/other`), { open: [], refused, unresolved });
    });
  });

  // Last, since it takes the policies away.
  describe("when someone removes policies by hand", () => {
    it("are compared so that the missing policy is named", async () => {
      const [namespace, name] = ["tenant-hr", "allow-same-tenant"];
      const removed = policies.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
      assert.ok(removed);
      await cluster.kubectl("delete", "networkpolicy", name, "--namespace", namespace);
      const own = [pod("tenant-hr/client"), pod("tenant-hr/server")];
      const network = await plannedNetwork(cluster.kubectl, policies, pods, ports);
      const found = await eventually("the packet filter to follow", 60, async () => {
        const faults = disagreements(await tryAll(cluster, network, own, ports));
        return faults.length > 0 ? faults : undefined;
      });
      assert.ok(
        found.every((fault) => fault.includes(`${namespace}/${name}`)),
        found.join("\n"),
      );
      assert.match(
        (await policyDrift(cluster.kubectl, policies)).join("\n"),
        new RegExp(`${namespace}/${name} is planned`),
      );
    });

    it("are refused because of the policies and for no other reason: without them each refused connection is open", async () => {
      for (const { metadata } of plannedNamespaces(plan)) {
        await cluster.kubectl("delete", "networkpolicy", "--all", "--namespace", metadata.name);
      }
      const network = await plannedNetwork(cluster.kubectl, policies, pods, ports);
      await eventually("every refused connection to be open", 120, async () => {
        const found = withoutTwin(trials, await tryAll(cluster, network, pods, ports));
        if (found.length > 0) throw new Error(`${found.length} are not, the first is ${found[0]}`);
        return true;
      });
    });
  });
});
