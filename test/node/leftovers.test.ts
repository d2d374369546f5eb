import * as assert from "node:assert/strict";
import { resetCluster } from "../../tools/local-cluster/cluster";
import { command } from "../../tools/local-cluster/node/command";
import { podProcesses } from "../../tools/local-cluster/node/control-groups";
import { realNodeAvailable } from "../../tools/local-cluster/node/node";
import { bridgeName } from "../../tools/local-cluster/node/places";
import { clusterProcesses } from "../../tools/local-cluster/processes";
import { killComponents } from "../support/processes";
import { eventually } from "../support/wait";
import { openNodeCluster, requireRealNode, type NodeCluster } from "./support/cluster";
import { machineState, type MachineState } from "./support/machine";
import { probePod, startProbes, tryFrom, type RunningProbe } from "./support/probes";

/** Makes the enforcer write rules and address sets, and lets the pods of the namespace reach each other. */
const policy = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "same-namespace", namespace: "default" },
  spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: {} }] }] },
};

describe("a real node on a machine that is used for other things too", function () {
  this.timeout(600_000);

  let initial: MachineState;
  let cluster: NodeCluster;
  let probe: RunningProbe;

  before("start", async function () {
    await requireRealNode(this);
    initial = await machineState();
    // Longer than the path of a socket may be: checkouts lie where people put them.
    cluster = await openNodeCluster(`leftovers-${"of-a-node-".repeat(10)}`);
    await cluster.kubectlWithInput(JSON.stringify(policy), "apply", "-f", "-");
    [probe] = (await startProbes(cluster, [probePod("default", "probe")], [7777])) as [RunningProbe];
  });

  after(() => cluster?.close());

  const answers = async (): Promise<boolean> => {
    const [outcome] = await tryFrom(cluster, probe, [
      { protocol: "TCP", host: "probe.default.svc.cluster.local", port: 7777 },
    ]);
    return outcome?.result === "open";
  };

  /** Control groups that others have ended meanwhile are not the cluster's to keep. */
  function assertAsBefore(now: MachineState): void {
    const kept = initial.cgroups.filter((group) => now.cgroups.includes(group));
    assert.deepEqual(now, { ...initial, cgroups: kept });
  }

  it("changes it in every respect that is compared afterwards: that is the control", async () => {
    const during = await machineState();
    for (const aspect of Object.keys(initial) as (keyof MachineState)[]) {
      assert.notDeepEqual(during[aspect], initial[aspect], aspect);
    }
  });

  it("is refused to a second cluster, which is told who has it", async () => {
    const { available, reason } = await realNodeAvailable("/another/cluster");
    assert.equal(available, false);
    assert.ok(reason?.includes(cluster.directory), reason);
  });

  it("keeps the pods when the container runtime and the kubelet are killed, and a second start brings them back", async () => {
    const pods = podProcesses();
    killComponents(cluster.directory, ["containerd", "kubelet"]);
    await cluster.start();
    // A kubelet that has just started learns its pods a moment later.
    await eventually("the probe to answer under its name", 60, async () => ((await answers()) ? true : undefined));
    assert.deepEqual(
      pods.filter((pid) => !podProcesses().includes(pid)),
      [],
      "processes of pods have ended",
    );
  });

  it("is repaired by a second start when bridge, packet filter and enforcer are gone", async () => {
    killComponents(cluster.directory, ["kube-router", "kube-proxy"]);
    await command("ip", ["link", "delete", bridgeName]);
    for (const table of ["nat", "filter", "mangle"]) await command("iptables", ["-t", table, "-F"]);
    await cluster.start();
    await eventually("the probe to answer under its name", 60, async () => ((await answers()) ? true : undefined));
  });

  it("leaves nothing behind when it is stopped", async () => {
    await cluster.stop();
    assertAsBefore(await machineState());
    assert.deepEqual(clusterProcesses(cluster.directory), []);
  });

  it("runs its pods again after the next start", async () => {
    await cluster.start();
    await eventually("the probe to answer under its name", 120, async () => ((await answers()) ? true : undefined));
  });

  it("leaves nothing behind when every process was killed before the reset", async () => {
    killComponents(cluster.directory);
    await resetCluster({ directory: cluster.directory });
    assertAsBefore(await machineState());
  });
});
