import { strict as assert } from "node:assert";
import { spawn, type ChildProcess } from "node:child_process";
import * as path from "node:path";
import { repositoryRoot } from "../../tools/local/paths";
import { pulumiOnStack } from "../../tools/local/stack";
import type { ClientKeys } from "../../verifier/client-keys";
import { summarize, type Result } from "../../verifier/result";
import { PROBE_LABEL } from "../../verifier/traffic/places";
import { apply } from "../cluster/pods";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { killComponents } from "../support/processes";
import { editYaml, tenantFile } from "../support/project";
import { up } from "../support/update";
import { sendTrafficTo, verifyDevWithTraffic } from "../support/verify";
import { eventually } from "../support/wait";
import { requireRealNode } from "./support/cluster";

const told = ({ id, outcome, found, disagreement = "" }: Result) => `${outcome} ${id}: ${found} ${disagreement}`;

describe("the verifier's traffic on a real node", function () {
  this.timeout(600_000);

  let environment: TestEnvironment;
  let kubectl: Kubectl;
  let deployer: Kubectl;
  let keys: ClientKeys;

  before("bring up two tenants whose servers really run, under the guard", async function () {
    await requireRealNode(this);
    environment = await openTestEnvironment("verifier-traffic", { realNode: true });
    const { tools, cluster, deployerKubeconfig, project, stack } = environment;
    kubectl = kubectlWith(tools, cluster.kubeconfig);
    deployer = kubectlWith(tools, deployerKubeconfig);
    editYaml(project, "Pulumi.dev.yaml", ({ config }) => {
      delete config["ollama-platform:nodePools"];
    });
    editYaml(project, tenantFile("finance"), ({ spec }) => {
      delete spec.isolationLevel;
      spec.models = { allow: ["smollm2:135m"] };
      spec.access.clients = [{ name: "ledger" }];
      spec.server = { cpu: "500m", memory: "2Gi" };
      spec.autoscaling = { minReplicas: 1, maxReplicas: 1 };
      spec.quota = "auto";
    });
    const result = await up(stack);
    assert.equal(result.code, 0, result.output);
    for (const namespace of ["tenant-finance", "tenant-hr"]) {
      const rollout = await kubectl("rollout", "status", "deployment/ollama", "-n", namespace, "--timeout=240s");
      assert.equal(rollout.code, 0, rollout.stderr);
    }
    const output = await pulumiOnStack(stack, "stack", ["output", "clientKeys", "--show-secrets", "--json"]);
    keys = JSON.parse(output.stdout) as ClientKeys;
  });
  after(() => environment?.close());

  const traffic = () => sendTrafficTo(environment.cluster.kubeconfig, environment.project, keys);

  /** Everything that probes consist of, wherever it is. */
  async function probes(): Promise<string[]> {
    const { items } = await kubectlJson<{ items: { kind: string; metadata: { name: string } }[] }>(
      kubectl,
      ...["get", "namespaces,pods,services,secrets,networkpolicies", "--all-namespaces", "--selector", PROBE_LABEL],
    );
    return items.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  }

  /** Keys go with their pods, which the cluster's garbage collector sees to. */
  async function gone(): Promise<void> {
    await eventually("everything that was made to be gone", 60, async () => {
      assert.deepEqual(await probes(), []);
      return true;
    });
  }

  /** The command, as a user starts it, once its probes are in a tenant's namespace. */
  async function startedCommand(): Promise<{ child: ChildProcess; ended: Promise<number | null> }> {
    const { cluster } = environment;
    const args = [path.join(repositoryRoot, "node_modules", "ts-node", "dist", "bin.js"), "verifier/cli.ts"];
    const child = spawn(
      process.execPath,
      [...args, "--stack", "dev", "--traffic", "--kubeconfig", cluster.kubeconfig],
      { cwd: repositoryRoot, stdio: "ignore" },
    );
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    await eventually("probes in a tenant's namespace", 240, async () => {
      const { stdout } = await kubectl("get", "pods", "-n", "tenant-hr", "-l", PROBE_LABEL, "-o", "name");
      return stdout.trim() === "" ? undefined : true;
    });
    return { child, ended };
  }

  it("leaves nothing when someone ends it, which is no pass", async () => {
    const { child, ended } = await startedCommand();
    child.kill("SIGINT");
    assert.notEqual(await ended, 0);
    await gone();
  });

  it("proves every connection as the analysis foresees it, after a run that was killed has left its probes", async () => {
    const { child, ended } = await startedCommand();
    child.kill("SIGKILL");
    await ended;
    assert.notDeepEqual(await probes(), []);
    const results = await verifyDevWithTraffic(environment.cluster.kubeconfig, environment.project, keys);
    const unproven = results.filter(
      ({ outcome, disagreement }) => outcome !== "isolated" || disagreement !== undefined,
    );
    assert.deepEqual(unproven.map(told), []);
    assert.equal(summarize(results, {}).exitCode, 0);
    for (const [check, least] of [
      ["traffic/tenant-finance/tenant-hr", 5],
      ["traffic/tenant-hr/tenant-finance", 5],
      ["traffic/stranger/tenant-", 10],
      ["traffic/tenant-hr/machine/", 4],
      ["traffic/control/fenced/", 2],
      ["traffic/muted/control/", 2],
      ["gateway/tenant-hr/", 14],
      ["gateway/tenant-finance/", 14],
    ] as const)
      assert.ok(results.filter(({ id }) => id.startsWith(check)).length >= least, check);
    await gone();
  });

  it("says that a connection is open as the policies have it, when a policy lets everybody in", async () => {
    const open = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "allow-all", namespace: "tenant-hr" },
      spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
    };
    const made = await apply(deployer, open);
    assert.equal(made.code, 0, made.stderr);
    try {
      const results = await traffic();
      const found = results.find(({ id }) => id === "traffic/stranger/tenant-hr/pod-tcp");
      assert.equal(found?.outcome, "open");
      assert.deepEqual(results.filter(({ disagreement }) => disagreement !== undefined).map(told), []);
    } finally {
      await deployer("delete", "networkpolicy", "allow-all", "-n", "tenant-hr");
    }
  });

  // Last, since nothing is enforced any more.
  it("never passes when the network plugin does not enforce policies", async () => {
    killComponents(path.join(environment.directory, "cluster"), ["kube-router"]);
    const results = await traffic();
    assert.equal(summarize(results, {}).exitCode, 1);
    const fenced = results.find(({ id }) => id === "traffic/control/fenced/pod-tcp");
    assert.equal(fenced?.outcome, "open");
    assert.match(fenced?.disagreement ?? "", /the policies close it/);
    assert.match(fenced?.fix ?? "", /network plugin enforces/);
  });
});
