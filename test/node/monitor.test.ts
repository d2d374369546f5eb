import * as assert from "node:assert/strict";
import { bundleMonitor } from "../../tools/monitor/bundle";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { editYaml } from "../support/project";
import { up } from "../support/update";
import { eventually } from "../support/wait";
import { requireRealNode } from "./support/cluster";

const NAMESPACE = "ollama-platform-monitor";
const PATIENCE = 180;

interface Slices {
  items: { endpoints: { addresses: string[] }[]; ports: { port: number }[] }[];
}

describe("the monitor as a pod on a real node", function () {
  this.timeout(900_000);

  let environment: TestEnvironment;
  let kubectl: Kubectl;

  before(async function () {
    await requireRealNode(this);
    bundleMonitor();
    environment = await openTestEnvironment("monitor-pod", { realNode: true });
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    const { items } = await kubectlJson<Slices>(
      kubectl,
      ...["get", "endpointslices", "--namespace", "default", "--selector", "kubernetes.io/service-name=kubernetes"],
    );
    const apiServerCidrs = items.flatMap(({ endpoints }) =>
      endpoints.flatMap(({ addresses }) => addresses.map((ip) => `${ip}/32`)),
    );
    editYaml(environment.project, "Pulumi.dev.yaml", ({ config }) => {
      const monitor = { apiServerCidrs, apiServerPort: items[0]?.ports[0]?.port, intervalSeconds: 10 };
      config["ollama-platform:cluster"] = { ...config["ollama-platform:cluster"], monitor };
    });
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
  });
  after(() => environment?.close());

  const metrics = async (): Promise<string> => {
    const path = `/api/v1/namespaces/${NAMESPACE}/services/monitor:metrics/proxy/metrics`;
    const { code, stdout, stderr } = await kubectl("get", "--raw", path);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const shows = (line: RegExp) =>
    eventually(`${line}`, PATIENCE, async () => {
      const text = await metrics();
      const logs = await kubectl("logs", "deployment/monitor", "--namespace", NAMESPACE, "--tail=30");
      assert.match(text, line, logs.stdout);
      return true;
    });

  it("unpacks its program, reaches the API server through its fences, and finds the platform as declared", async () => {
    await shows(/^ollama_monitor_current 1$/m);
    await shows(/^ollama_isolation_tenant_violations\{tenant=""\} 0$/m);
    await shows(/^ollama_isolation_tenant_violations\{tenant="hr"\} 0$/m);
  });

  it("tells of a limit that was raised by hand, and of its end", async () => {
    const quota = ["patch", "resourcequota", "quota", "--namespace", "tenant-hr", "--type=merge", "--patch"];
    const { spec } = await kubectlJson<{ spec: { hard: Record<string, string> } }>(
      kubectl,
      ...["get", "resourcequota", "quota", "--namespace", "tenant-hr"],
    );
    const services = (value: string | undefined) => JSON.stringify({ spec: { hard: { services: value } } });
    const deployer = kubectlWith(environment.tools, environment.deployerKubeconfig);
    const raised = await deployer(...quota, services(`${Number(spec.hard["services"]) + 1}`));
    assert.equal(raised.code, 0, raised.stderr);
    await shows(/^ollama_isolation_violations\{tenant="hr",rule="declared\/ResourceQuota"\} 1$/m);
    const back = await deployer(...quota, services(spec.hard["services"]));
    assert.equal(back.code, 0, back.stderr);
    await shows(/^ollama_isolation_tenant_violations\{tenant="hr"\} 0$/m);
  });

  it("is not believed any more when its right is taken away", async () => {
    const deployer = kubectlWith(environment.tools, environment.deployerKubeconfig);
    const gone = await deployer("delete", "clusterrolebinding", "ollama-platform-monitor");
    assert.equal(gone.code, 0, gone.stderr);
    await shows(/^ollama_monitor_current 0$/m);
    assert.doesNotMatch(await metrics(), /ollama_isolation_tenant_violations\{/);
  });
});
