import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import * as path from "node:path";
import type { PlatformSpec, ServiceAccountIssuerSpec } from "../../components/spec/index";
import { gatewayInput } from "../../components/plan/server/gateway";
import { planPlatform } from "../../components/plan/platform";
import { ensureTools } from "../../tools/install";
import { writePrivateFile } from "../../tools/local-cluster/files";
import { localClusterTools, resetCluster, startCluster } from "../../tools/local-cluster/cluster";
import { RunningGateway } from "../gateway/support/gateway";
import { exchange, type RawReply } from "../gateway/support/http";
import { startUpstream, type Upstream } from "../gateway/support/upstream";
import { scratchDirectory } from "../support/environment";
import { kubectlWith, type Kubectl } from "../support/kubectl";
import { eventually } from "../support/wait";

const MODEL = "llama3.1:8b";
const AUDIENCE = "ollama.tenant-finance.svc";

/** Two tenants, each with a client that is a ServiceAccount of the same name in a namespace of its own. */
function platform(issuer: ServiceAccountIssuerSpec): PlatformSpec {
  const tenant = (name: string) => ({
    name,
    models: { allow: [MODEL] },
    access: { clients: [{ name: "assistant", serviceAccount: { namespace: `${name}-apps`, name: "assistant" } }] },
  });
  return {
    environment: "test",
    cluster: { serviceAccountIssuer: issuer },
    nodePools: [],
    models: [{ name: MODEL }],
    tenants: [tenant("finance"), tenant("hr")],
  };
}

/** What the gateway of a tenant is made from, as the platform plans it. */
function planned(spec: PlatformSpec, name: string) {
  const plan = planPlatform(spec).tenants.find(({ tenant }) => tenant.name === name);
  assert.ok(plan);
  return gatewayInput(plan.tenant, []);
}

describe("tokens of a real API server at the gateway", function () {
  this.timeout(180_000);
  const directory = scratchDirectory("tokens");
  const cluster = path.join(directory, "cluster");
  let kubectl: Kubectl;
  let spec: PlatformSpec;
  let upstream: Upstream;
  let gateway: RunningGateway;

  before("start the cluster and a gateway that trusts its API server", async () => {
    const tools = await ensureTools([...localClusterTools, "kubectl"]);
    const { kubeconfig } = await startCluster({ directory: cluster, tools });
    kubectl = kubectlWith(tools, kubeconfig);
    for (const namespace of ["finance-apps", "hr-apps"]) {
      await output("create", "namespace", namespace);
      for (const name of ["assistant", "batch"]) await output("create", "serviceaccount", name, "-n", namespace);
    }
    spec = platform(await issuerOfCluster());
    upstream = await startUpstream();
    gateway = await RunningGateway.start(planned(spec, "finance"), upstream.port);
  });
  after(async () => {
    await gateway?.stop();
    await upstream?.stop();
    await resetCluster({ directory: cluster });
    rmSync(directory, { recursive: true, force: true });
  });

  async function output(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await kubectl(...args);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  /** The issuer as docs/clients.md has people ask for it. */
  async function issuerOfCluster(): Promise<ServiceAccountIssuerSpec> {
    const configuration = await output("get", "--raw", "/.well-known/openid-configuration");
    const jwks = await output("get", "--raw", "/openid/v1/jwks");
    return {
      url: (JSON.parse(configuration) as { issuer: string }).issuer,
      jwks: JSON.parse(jwks) as ServiceAccountIssuerSpec["jwks"],
    };
  }

  /** Asks the TokenRequest API for a token. */
  const token = (namespace: string, account: string, ...more: string[]) =>
    output("create", "token", account, "-n", namespace, "--duration", "10m", ...more);
  const forTenant = ["--audience", AUDIENCE];

  /** Sends a chat request with the token; the server behind is reached when it is accepted, and only then. */
  async function call(bearer: string, door = gateway): Promise<RawReply & { rule: unknown }> {
    upstream.clear();
    const reply = await exchange(door, {
      method: "POST",
      target: "/api/chat",
      headers: [
        ["host", "gateway"],
        ["authorization", `Bearer ${bearer}`],
      ],
      body: JSON.stringify({ model: MODEL, messages: [{ role: "user", content: "hi" }], stream: false }),
    });
    assert.equal(upstream.recorded.length, reply.status === 200 ? 1 : 0);
    const line = await door.auditOf(reply.headers["x-request-id"] ?? "");
    return { ...reply, rule: line["rule"] };
  }

  const accepted = async (bearer: string) => assert.equal((await call(bearer)).status, 200);
  async function refused(bearer: string, rule: string): Promise<void> {
    const reply = await call(bearer);
    assert.deepEqual([reply.status, reply.rule], [401, rule], reply.body);
  }

  /** Whether the API server itself takes the token for what it says, by a TokenReview. */
  async function isAuthentic(bearer: string, audience: string): Promise<boolean> {
    const review = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenReview",
      spec: { token: bearer, audiences: [audience] },
    };
    const file = path.join(directory, "review.json");
    writePrivateFile(file, JSON.stringify(review));
    const answer = await output("create", "-f", file, "-o", "json");
    rmSync(file);
    return (JSON.parse(answer) as { status: { authenticated?: boolean } }).status.authenticated === true;
  }

  it("are accepted for the client's ServiceAccount and the tenant's audience", async () => {
    await accepted(await token("finance-apps", "assistant", ...forTenant));
  });

  it("are accepted when bound to a pod, as the kubelet's are", async () => {
    const overrides = JSON.stringify({ spec: { serviceAccountName: "assistant" } });
    await output("run", "caller", "-n", "finance-apps", "--image=example.com/caller:1", `--overrides=${overrides}`);
    const bound = ["--bound-object-kind", "Pod", "--bound-object-name", "caller"];
    await accepted(await token("finance-apps", "assistant", ...forTenant, ...bound));
  });

  it("are refused for another audience: the API server's own, and another tenant's", async () => {
    await refused(await token("finance-apps", "assistant"), "token_audience");
    await refused(await token("finance-apps", "assistant", "--audience", "ollama.tenant-hr.svc"), "token_audience");
  });

  it("are refused for another account: the namespace's other one, and another tenant's of the same name", async () => {
    await refused(await token("finance-apps", "batch", ...forTenant), "token_unknown");
    await refused(await token("hr-apps", "assistant", ...forTenant), "token_unknown");
  });

  it("of another tenant open that tenant's gateway, and not this one (control)", async () => {
    const other = await RunningGateway.start(planned(spec, "hr"), upstream.port);
    try {
      const own = await token("hr-apps", "assistant", "--audience", "ollama.tenant-hr.svc");
      assert.equal((await call(own, other)).status, 200);
      await refused(own, "token_audience");
      const finances = await call(await token("finance-apps", "assistant", ...forTenant), other);
      assert.deepEqual([finances.status, finances.rule], [401, "token_audience"]);
    } finally {
      await other.stop();
    }
  });

  it("are refused when they live longer than a day, which the API server would grant", async () => {
    const long = await output("create", "token", "assistant", "-n", "finance-apps", "--duration", "48h", ...forTenant);
    assert.ok(await isAuthentic(long, AUDIENCE));
    await refused(long, "token_invalid");
  });

  it("are refused in the old form without an end, which a Secret holds", async () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/service-account-token",
      metadata: {
        name: "old",
        namespace: "finance-apps",
        annotations: { "kubernetes.io/service-account.name": "assistant" },
      },
    };
    const file = path.join(directory, "secret.json");
    writePrivateFile(file, JSON.stringify(secret));
    await output("create", "-f", file);
    const encoded = await eventually("the token in the Secret", 60, async () => {
      const found = await output("get", "secret", "old", "-n", "finance-apps", "-o", "jsonpath={.data.token}");
      return found === "" ? undefined : found;
    });
    await refused(Buffer.from(encoded, "base64").toString(), "token_issuer");
  });

  it("of a deleted account stay valid to their end, which is why the client is removed to end them at once", async () => {
    const orphan = await token("finance-apps", "assistant", ...forTenant);
    assert.ok(await isAuthentic(orphan, AUDIENCE));
    await output("delete", "serviceaccount", "assistant", "-n", "finance-apps");
    await eventually("the API server to refuse the token", 60, async () =>
      (await isAuthentic(orphan, AUDIENCE)) ? undefined : true,
    );
    // The gateway verifies by the issuer's keys alone: it cannot know.
    await accepted(orphan);
    const others = { name: "batch", serviceAccount: { namespace: "finance-apps", name: "batch" } };
    const tenants = spec.tenants.map((tenant) => ({ ...tenant, access: { clients: [others] } }));
    await gateway.update(planned({ ...spec, tenants: tenants.slice(0, 1) }, "finance"));
    await refused(orphan, "token_unknown");
    await gateway.update(planned(spec, "finance"));
    await accepted(orphan);
  });
});
