import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { IngressSpec } from "../../components/spec/index";
import type { KubernetesObject } from "../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../components/plan/platform";
import { ensureDataFiles, ensureTools } from "../../tools/install";
import { localClusterTools, startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { scratchDirectory } from "../support/environment";
import { kubectlWith, type Kubectl, type KubectlResult } from "../support/kubectl";

const GATEWAY = { gateway: { name: "public", namespace: "gateways", sectionName: "https" } };

const HTTP_ROUTES = "crd/httproutes.gateway.networking.k8s.io";

/** The route or Ingress of a tenant. */
function routeOf(ingress: IngressSpec, tlsSecret?: string): KubernetesObject {
  const hosts = ["hr.models.example.com", "people.models.example.com"];
  const plan = planPlatform({
    environment: "test",
    cluster: { ingressControllers: [{ namespace: "gateways", podLabels: { app: "proxy" } }] },
    ingress: { domain: "models.example.com", ...ingress },
    models: [{ name: "llama3.1:8b" }],
    tenants: [{ name: "hr", models: { allow: ["llama3.1:8b"] }, ingress: { hosts, tlsSecret } }],
  });
  const found = platformObjects(plan).find(({ kind }) => kind === "HTTPRoute" || kind === "Ingress");
  assert.ok(found !== undefined);
  return found;
}

/** Ways to break an object that the API server has to refuse: else acceptance would mean nothing. */
const BROKEN: [string, () => KubernetesObject, (text: string) => string][] = [
  ["an HTTPRoute with an unknown field", () => routeOf(GATEWAY), (text) => text.replace('"hostnames"', '"hosts"')],
  ["an HTTPRoute without the unit of a time", () => routeOf(GATEWAY), (text) => text.replace('"0s"', '"0"')],
  [
    "an HTTPRoute whose backend may take longer than the request",
    () => routeOf(GATEWAY),
    (text) => text.replace('"request":"0s","backendRequest":"0s"', '"request":"1s","backendRequest":"2s"'),
  ],
  [
    "an HTTPRoute of an address",
    () => routeOf(GATEWAY),
    (text) => text.replace("hr.models.example.com", "203.0.113.7."),
  ],
  [
    "an Ingress of a malformed host",
    () => routeOf({ ingressClass: "nginx" }, "ingress-tls"),
    (text) => text.replaceAll("hr.models.example.com", "HR_1"),
  ],
];

describe("Routes to tenants on the API server, by the Gateway API's own definitions", () => {
  let directory: string;
  let kubectl: Kubectl;

  before("start a cluster and define the kinds", async () => {
    const tools = await ensureTools([...localClusterTools, "kubectl"]);
    const definitions = (await ensureDataFiles(["gateway-api-crds"])).get("gateway-api-crds");
    assert.ok(definitions !== undefined);
    directory = scratchDirectory("ingress");
    const { kubeconfig } = await startCluster({ directory: path.join(directory, "cluster"), tools });
    kubectl = kubectlWith(tools, kubeconfig);
    await succeeds(kubectl("create", "namespace", "tenant-hr"));
    await succeeds(kubectl("apply", "--server-side", "-f", definitions));
    await succeeds(kubectl("wait", "--for=condition=Established", "--timeout=60s", HTTP_ROUTES));
  });
  after(async () => {
    if (directory === undefined) return;
    await stopCluster({ directory: path.join(directory, "cluster") });
    rmSync(directory, { recursive: true, force: true });
  });

  /** What the API server says to an object when it is asked without making it; unknown fields are refused. */
  async function dryRun(text: string): Promise<KubectlResult> {
    const file = path.join(directory, "object.json");
    writeFileSync(file, text);
    return kubectl("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", file);
  }

  it("are accepted: an HTTPRoute", async () => {
    await succeeds(dryRun(JSON.stringify(routeOf(GATEWAY))));
  });

  it("are accepted: an Ingress", async () => {
    const object = routeOf({ ingressClass: "nginx", clusterIssuer: "letsencrypt" }, "ingress-tls");
    await succeeds(dryRun(JSON.stringify(object)));
  });

  for (const [what, object, breakIt] of BROKEN) {
    it(`are refused: ${what}`, async () => {
      const text = JSON.stringify(object());
      const broken = breakIt(text);
      assert.notEqual(broken, text, "nothing was broken");
      const { code, stderr } = await dryRun(broken);
      assert.notEqual(code, 0, "accepted");
      assert.match(stderr, /invalid|not declared in schema/i);
    });
  }
});

async function succeeds(call: Promise<KubectlResult>): Promise<void> {
  const { code, stderr } = await call;
  assert.equal(code, 0, stderr);
}
