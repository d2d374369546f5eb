import { strict as assert } from "node:assert";
import * as path from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { readFileSync } from "node:fs";
import { dashboards, TENANT_VARIABLE } from "../../tools/dashboards/dashboards";
import { ensureTools } from "../../tools/install";
import { startCluster } from "../../tools/local-cluster/cluster";
import { clusterProcesses, endProcesses, mainProcess } from "../../tools/local-cluster/processes";
import { repositoryRoot } from "../../tools/local/paths";
import { bundleMonitor } from "../../tools/monitor/bundle";
import { apply } from "../cluster/pods";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { isLongForm } from "../support/long-form";
import { MONITOR_PATH, startPrometheus } from "../support/monitoring";
import { startMonitorProcess, type MonitorProcess } from "../support/monitor";
import { editYaml } from "../support/project";
import { up, update } from "../support/update";
import { eventually } from "../support/wait";
import { verifyDev } from "../support/verify";
import { clusterApi } from "../../verifier/cluster-api";
import { isNoPass } from "../../verifier/result";
import { ACTS, TWIN_PODS, type Call } from "./acts";
import { churn } from "./churn";
import { REPORT_KIND, type LiveReport } from "./report-kind";

/** Seconds for what the monitor does within five on an idle machine. */
const PATIENCE = 90;
/** In the long form as much as an hour brings where each kind of object changes every five seconds. */
const CHURN_ROUNDS = isLongForm ? 720 : 12;
/** Seconds between them: 5 make an hour of the long form. */
const CHURN_PAUSE = Number(process.env["CHURN_PAUSE"] ?? 0);
const ALL = 'ollama_isolation_tenant_violations{tenant=""}';
const OF = (tenant: string) => `ollama_isolation_tenant_violations{tenant="${tenant}"}`;

describe("the monitor on a live cluster", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;
  let monitor: MonitorProcess;

  before("bring up the dev stack with a monitor, and start the monitor's program", async () => {
    bundleMonitor();
    environment = await openTestEnvironment("monitor");
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    editYaml(environment.project, "Pulumi.dev.yaml", ({ config }) => {
      config["ollama-platform:cluster"] = {
        ...config["ollama-platform:cluster"],
        guard: { deployers: ["local-deployer"] },
        monitor: { apiServerCidrs: ["10.0.0.1/32"] },
      };
    });
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    monitor = await started();
  });
  after(async () => {
    await monitor?.stop();
    await environment?.close();
  });

  /** The monitor with what is declared now. */
  const started = () =>
    startMonitorProcess(environment.directory, environment.cluster.kubeconfig, kubectl, { intervalSeconds: 3 });
  const call = async ({ args, input }: Call): Promise<void> => {
    const done = input === undefined ? await kubectl(...args) : await apply(kubectl, input);
    assert.equal(done.code, 0, `${args.join(" ")}: ${done.stderr}`);
  };
  const becomes = (sample: string, value: number | undefined) =>
    eventually(`${sample} to be ${value}`, PATIENCE, async () => {
      assert.equal(await monitor.metric(sample), value, `${monitor.log()}\n${await monitor.metrics()}`);
      return true;
    });
  const shows = (text: RegExp, read: () => Promise<string>) =>
    eventually(`${text}`, PATIENCE, async () => {
      assert.match(await read(), text);
      return true;
    });
  const opened = () =>
    monitor
      .log()
      .split("\n")
      .flatMap((line) => /"open: (.*)"\}/.exec(line)?.[1] ?? []);
  /** Waits until the monitor has evaluated what is there now. */
  const evaluatedAgain = async () => {
    const before = (await monitor.metric("ollama_monitor_evaluations_total")) ?? 0;
    await eventually("two more evaluations", PATIENCE, async () =>
      ((await monitor.metric("ollama_monitor_evaluations_total")) ?? 0) >= before + 2 ? true : undefined,
    );
  };

  it("finds nothing on the platform as it was brought up, and has decided everything", async () => {
    await becomes("ollama_monitor_current", 1);
    await becomes(ALL, 0);
    for (const tenant of ["hr", "finance"]) await becomes(OF(tenant), 0);
    for (const check of ["reading", "presence", "rules", "declared", "quotas", "health"])
      await eventually(`a success of ${check}`, PATIENCE, async () => {
        const time = await monitor.metric(`ollama_monitor_check_last_success_timestamp_seconds{check="${check}"}`);
        assert.ok((time ?? 0) > 0, `${monitor.log()}\n${await monitor.page()}`);
        return true;
      });
    // Servers that are not ready yet are open, too.
    await shows(/Nothing is open, as of/, monitor.page);
  });

  it("raises no alarm about harmless acts", async () => {
    for (const { twin } of ACTS) await call(twin);
    await evaluatedAgain();
    assert.deepEqual(
      opened().filter((line) => !line.startsWith("health/")),
      [],
    );
    await call({ args: ["delete", "pod", ...TWIN_PODS, "--namespace", "tenant-hr", "--now"] });
  });

  it("raises no alarm while pods come and go, servers scale and restart, and controllers report, nor does the verifier", async function () {
    if (CHURN_PAUSE > 0) this.timeout(0);
    const before = monitor.log().length;
    const config = new KubeConfig();
    config.loadFromFile(environment.cluster.kubeconfig);
    const api = clusterApi(config);
    try {
      await churn(api, CHURN_ROUNDS, CHURN_PAUSE);
    } finally {
      api.close();
    }
    if (isLongForm) {
      const again = await update(environment.stack, "up", ["--yes"]);
      assert.equal(again.code, 0, again.output);
      assert.deepEqual(again.changes, []);
    }
    await evaluatedAgain();
    for (const tenant of ["", "hr", "finance"]) await becomes(OF(tenant), 0);
    // A server that restarts is not ready for a moment, which weakens nothing.
    const alarms = monitor
      .log()
      .slice(before)
      .split("\n")
      .filter((line) => /"(open|inconclusive): /.test(line) && !line.includes(": health/"));
    assert.deepEqual(alarms, []);
    await eventually("a verification without a finding", 2 * PATIENCE, async () => {
      const results = await verifyDev(environment.cluster.kubeconfig, environment.project);
      assert.deepEqual(
        results.filter((result) => isNoPass(result)).map(({ id, found }) => `${id}: ${found}`),
        [],
      );
      return true;
    });
  });

  it("keeps a policy report for each tenant where the cluster has a kind for them, and puts back what a hand changed", async () => {
    await call({ args: ["create"], input: REPORT_KIND });
    const reports = async () => {
      const { items } = await kubectlJson<{ items: LiveReport[] }>(
        kubectl,
        ...["get", "policyreports.wgpolicyk8s.io", "--all-namespaces"],
      );
      return new Map(items.map((report) => [`${report.metadata.namespace}/${report.metadata.name}`, report]));
    };
    const hr = "ollama-platform-monitor/tenant-hr";
    const healthy = () =>
      eventually("reports without a failure", PATIENCE, async () => {
        const all = await reports();
        assert.deepEqual(
          [...all.keys()].sort(),
          ["platform", "tenant-finance", "tenant-hr"].map((name) => `ollama-platform-monitor/${name}`),
        );
        for (const { summary } of all.values())
          assert.ok(summary.fail === 0 && summary.error === 0 && summary.pass > 0);
        return all;
      });
    const first = await healthy();
    const versions = (all: Map<string, LiveReport>) =>
      [...all].map(([name, one]) => [name, one.metadata.resourceVersion]);
    await evaluatedAgain();
    assert.deepEqual(versions(await reports()), versions(first), "nothing is written while nothing changes");
    const fake = JSON.stringify({ summary: { pass: 0, fail: 8 } });
    await call({
      args: [
        "patch",
        "policyreports.wgpolicyk8s.io",
        "tenant-hr",
        "--namespace",
        "ollama-platform-monitor",
        "--type=merge",
        "--patch",
        fake,
      ],
    });
    await healthy();
    const deployer = kubectlWith(environment.tools, environment.deployerKubeconfig);
    const opening = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "for-a-moment", namespace: "tenant-hr" },
      spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
    };
    assert.equal((await apply(deployer, opening)).code, 0);
    await eventually("the failure in the tenant's report alone", PATIENCE, async () => {
      const all = await reports();
      assert.ok((all.get(hr)?.summary.fail ?? 0) > 0);
      assert.equal(all.get("ollama-platform-monitor/tenant-finance")?.summary.fail, 0);
      return true;
    });
    const removed = await deployer("delete", "networkpolicy", "for-a-moment", "--namespace", "tenant-hr");
    assert.equal(removed.code, 0, removed.stderr);
    await healthy();
  });

  it("finds every weakening, says which tenant's it is, and forgets none while it lasts", async () => {
    // The guard refuses them all: on trial it lets them pass.
    editYaml(environment.project, "Pulumi.dev.yaml", ({ config }) => {
      config["ollama-platform:cluster"].guard.mode = "warn";
    });
    const trial = await update(environment.stack, "up", ["--yes"]);
    assert.equal(trial.code, 0, trial.output);
    await monitor.stop();
    monitor = await started();
    await becomes("ollama_monitor_current", 1);
    for (const { act } of ACTS)
      await eventually("an act that the guard on trial lets pass", 30, async () => {
        await call(act);
        return true;
      });
    await eventually("every weakening", PATIENCE, async () => {
      const found = opened();
      const missed = ACTS.filter((act) => !found.some((line) => act.found.test(`${line} `)));
      assert.deepEqual(
        missed.map(({ what }) => what),
        [],
        found.join("\n"),
      );
      return true;
    });
    // On a machine that is busy there are moments in which the last evaluation is too old.
    for (const tenant of ["hr", "finance"])
      await shows(
        new RegExp(`^ollama_isolation_tenant_violations\\{tenant="${tenant}"\\} [1-9]`, "m"),
        monitor.metrics,
      );
    await shows(
      /^ollama_isolation_violations\{tenant="finance",rule="network\/default-deny"\} [1-9]/m,
      monitor.metrics,
    );
    assert.match(await monitor.page(), /last written by kubectl/);
  });

  it("is asked by dashboards and alerts, which all have an answer", async () => {
    const directory = path.join(environment.directory);
    const target = { metricsPort: Number(new URL(monitor.url).port), path: MONITOR_PATH };
    const labels = { namespace: "ollama-platform-monitor", pod: "monitor-1" };
    const tools = await ensureTools(["prometheus"]);
    const prometheus = await startPrometheus(tools, directory, [{ ...target, labels }]);
    try {
      const expressions = Object.values(dashboards)
        .flatMap(({ panels }) => panels.flatMap(({ queries }) => queries))
        .map(({ expr }) => expr.replaceAll(TENANT_VARIABLE, "finance"))
        // No client of the dev stack has a last day.
        .filter((expression) => expression.includes("ollama_") && !expression.includes("expiry"))
        .concat("count(count by (declaration) (last_over_time(ollama_monitor_info[15m])))");
      for (const expression of expressions)
        await eventually(`an answer to ${expression}`, PATIENCE, async () =>
          (await prometheus.query(expression)).length > 0 ? true : undefined,
        );
      await eventually("alerts on rules and drift, with tenant and rule", PATIENCE, async () => {
        const names = (await prometheus.alerts()).map(({ labels: own }) => `${own["alertname"]} ${own["tenant"]}`);
        for (const name of ["OllamaIsolationViolation hr", "OllamaIsolationViolation finance", "OllamaDrift hr"])
          assert.ok(names.includes(name), names.join());
        return true;
      });
      prometheus.scrape([]);
      await eventually("the alert on silence", 400, async () =>
        (await prometheus.alerts()).find(({ labels: own }) => own["alertname"] === "OllamaMonitorSilent"),
      );
    } finally {
      await prometheus.stop();
    }
  });

  it("is troubleshot by commands that work", async () => {
    const page = readFileSync(path.join(repositoryRoot, "docs", "troubleshooting.md"), "utf8");
    const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = ""]) => block.trim().split("\n"));
    const commands = blocks.map((line) => line.split(" ")).filter(([program]) => program === "kubectl");
    assert.ok(commands.length >= 15);
    for (const [, ...args] of commands) {
      // Simulated pods have no logs; whether someone may do something is an answer, whatever it is.
      if (args[0] === "logs" || args[0] === "auth") continue;
      const { code, stderr } = await kubectl(...args);
      assert.equal(code, 0, `kubectl ${args.join(" ")}: ${stderr}`);
    }
  });

  it("finds a limit that was raised, be it little, and raises no alarm about one that was lowered", async () => {
    const limit = (resource: string, amount: string): Call => {
      const patch = JSON.stringify({ spec: { hard: { [resource]: amount } } });
      return {
        args: ["patch", "resourcequota", "quota", "--namespace", "tenant-finance", "--type=merge", "--patch", patch],
      };
    };
    await call(limit("services", "3"));
    await call(limit("persistentvolumeclaims", "11"));
    await eventually("the raised limit", PATIENCE, async () =>
      opened().find(
        (line) => line.includes("spec.hard.persistentvolumeclaims: declared") && line.includes('live \\"11\\"'),
      ),
    );
    await evaluatedAgain();
    assert.deepEqual(
      opened().filter((line) => line.includes("spec.hard.services:")),
      [],
    );
  });

  it("knows nothing while the API server is away, and says what it has missed when it is back", async () => {
    const directory = path.join(environment.directory, "cluster");
    const server = mainProcess(clusterProcesses(directory), "kube-apiserver");
    assert.ok(server);
    await endProcesses([server]);
    await becomes("ollama_monitor_current", 0);
    await becomes(OF("hr"), undefined);
    assert.match(await monitor.page(), /Not known: /);
    await startCluster({ directory, tools: environment.tools });
    await becomes("ollama_monitor_current", 1);
    assert.ok(((await monitor.metric("ollama_monitor_gaps_total")) ?? 0) > 0);
    assert.match(monitor.log(), /was not seen for/);
    await call({
      args: ["create"],
      input: {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "after-the-restart", namespace: "tenant-hr" },
        spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
      },
    });
    await eventually("what was done after the restart", PATIENCE, async () =>
      opened().find((line) => line.includes("NetworkPolicy tenant-hr/after-the-restart")),
    );
  });

  it("knows nothing without its rights, whatever it has seen before", async () => {
    await call({ args: ["delete", "clusterrolebinding", "ollama-platform-monitor"] });
    await becomes("ollama_monitor_current", 0);
    await becomes(OF("hr"), undefined);
    assert.match(await monitor.page(), /the right to list and watch is missing/);
  });
});
