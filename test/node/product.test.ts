import * as assert from "node:assert/strict";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { userKubeconfig } from "../../tools/local-cluster/cluster";
import { command } from "../../tools/local-cluster/node/command";
import { registryAddress } from "../../tools/local-cluster/node/registry-address";
import { repositoryRoot } from "../../tools/local/paths";
import { askQuestions } from "../../tools/local/questions";
import { syncPods } from "../../tools/local/sync-pods";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { inLongForm } from "../support/long-form";
import { editYaml, tenantFile } from "../support/project";
import { up } from "../support/update";
import { eventually } from "../support/wait";
import { requireRealNode } from "./support/cluster";
import { forwardPort } from "./support/forward";
import { modelClient, steadyStreams, type ModelClient } from "./support/streams";

const NAMESPACE = "tenant-hr";
/** Tokens of an answer that takes some seconds. */
const LONG = 300;

interface Pod {
  metadata: { name: string; deletionTimestamp?: string };
  status: { conditions?: { type: string; status: string; lastTransitionTime: string }[] };
}

describe("the dev stack on a real node", function () {
  this.timeout(900_000);

  let environment: TestEnvironment;
  let kubectl: Kubectl;
  let client: ModelClient;

  before(async function () {
    await requireRealNode(this);
    environment = await openTestEnvironment("product", { realNode: true });
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    await declareWorkspace();
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    await ready();
    client = await modelClient(kubectl);
  });
  after(() => environment?.close());

  /** Gives hr's developers a workspace, and the platform the keys that sign the cluster's tokens. */
  async function declareWorkspace(): Promise<void> {
    const read = async <T>(at: string) => JSON.parse((await kubectl("get", "--raw", at)).stdout) as T;
    const { issuer } = await read<{ issuer: string }>("/.well-known/openid-configuration");
    const jwks = await read<object>("/openid/v1/jwks");
    editYaml(environment.project, "Pulumi.dev.yaml", ({ config }) => {
      config["ollama-platform:cluster"].serviceAccountIssuer = { url: issuer, jwks };
    });
    editYaml(environment.project, tenantFile("hr"), ({ spec }) => {
      spec.workspace = {
        developers: ["hr-developers"],
        images: ["docker.io/library/node"],
        serviceAccounts: ["chat"],
        quota: { cpu: "1", memory: "512Mi" },
      };
    });
  }

  const inNamespace = (...args: string[]) => kubectl(...args, "--namespace", NAMESPACE);

  async function ready(): Promise<void> {
    await inNamespace("rollout", "status", "deployment/ollama", "--timeout=180s");
  }

  /** The server's pods; of those that are ready, since when. */
  async function pods(): Promise<{ name: string; ending: boolean; readySince?: number }[]> {
    const selector = "app.kubernetes.io/name=ollama";
    const { items } = await kubectlJson<{ items: Pod[] }>(
      kubectl,
      ...["get", "pods", "--selector", selector, "--namespace", NAMESPACE],
    );
    return items.map(({ metadata, status }) => {
      const ready = status.conditions?.find((condition) => condition.type === "Ready" && condition.status === "True");
      return {
        name: metadata.name,
        ending: metadata.deletionTimestamp !== undefined,
        ...(ready ? { readySince: Date.parse(ready.lastTransitionTime) } : {}),
      };
    });
  }

  /** The server's pod, once it is ready and those before it are gone. */
  function onlyPod(): Promise<string> {
    return eventually("one pod that is ready", 180, async () => {
      const [pod, ...others] = await pods();
      return pod?.readySince !== undefined && !pod.ending && others.length === 0 ? pod.name : undefined;
    });
  }

  /**
   * Has the only pod ended by `act` while clients go on asking: every stream that began comes to its end. At least one was open on this
   * pod when it was told to end: it was connected before another pod was ready.
   */
  async function losesNoStream(act: (pod: string) => Promise<unknown>): Promise<void> {
    const old = await onlyPod();
    const streams = await steadyStreams(client, 2, LONG);
    await act(old);
    const open = await eventually(`${old} to be told to end`, 300, async () => {
      const found = await pods();
      if (found.some(({ name, ending }) => name === old && !ending)) return undefined;
      const others = found.filter(({ name }) => name !== old);
      const otherReady = Math.min(...others.map(({ readySince = Infinity }) => readySince));
      return streams.open().filter((stream) => (stream.connectedAt() ?? Infinity) < otherReady);
    });
    const ends = await streams.stop();
    assert.notEqual(open.length, 0, "no stream ran on the pod when it was told to end");
    assert.deepEqual(
      ends.filter(({ whole }) => !whole),
      [],
    );
    await ready();
  }

  const replicas = async (): Promise<number> => {
    const { status } = await kubectlJson<{ status: { readyReplicas?: number } }>(
      kubectl,
      ...["get", "deployment", "ollama", "--namespace", NAMESPACE],
    );
    return status.readyReplicas ?? 0;
  };

  it("answers the tenant's client with the model that the loader brought, and nobody else", async () => {
    const table = await askQuestions(environment.cluster.kubeconfig);
    assert.match(table, /hr's client\s+smollm2:135m\s+200: \S/);
  });

  it("answers through a web application that the tenant's developers deploy themselves, which has no key", async () => {
    const { directory, cluster, tools } = environment;
    const dee = { user: "dee", groups: ["hr-developers"] };
    const kubeconfig = await userKubeconfig(
      { directory: path.join(directory, "cluster"), server: cluster.server },
      dee,
    );
    const workspace = "tenant-hr-apps";
    const asDeveloper = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await kubectlWith(tools, kubeconfig)("--namespace", workspace, ...args);
      assert.equal(code, 0, `kubectl ${args.join(" ")}: ${stderr}`);
      return stdout;
    };
    const file = (name: string): string => path.join(repositoryRoot, "examples", "workspace", name);
    const files = ["server.mjs", "page.html"].map((name) => `--from-file=${file(name)}`);
    await asDeveloper("create", "configmap", "chat", ...files);
    await asDeveloper("apply", "--filename", file("chat.yaml"));
    await asDeveloper("rollout", "status", "deployment/chat", "--timeout=180s");
    const forwarded = await forwardPort(tools, kubeconfig, workspace, "deployment/chat", 8080);
    try {
      assert.match(await (await fetch(forwarded.address)).text(), /<h1>Ask our model<\/h1>/);
      const answer = await fetch(`${forwarded.address}/chat`, {
        method: "POST",
        body: "What is the capital of France?",
      });
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      assert.match(text, /"message":\{"role":"assistant","content":"[^"]/);
      assert.match(text, /"done":true/);
    } finally {
      await forwarded.close();
    }
    const ask =
      "fetch(process.env.OLLAMA_HOST + '/api/tags').then(({ status }) => console.log(JSON.stringify([status, Object.keys(process.env)])))";
    const [status, variables] = JSON.parse(
      await asDeveloper("exec", "deployment/chat", "--", "node", "--eval", ask),
    ) as [number, string[]];
    assert.equal(status, 401, "the model answers without the token too");
    assert.ok(variables.every((name) => !/KEY|TOKEN|SECRET|PASSWORD/.test(name)));
  });

  it("changes nothing when it runs again", async () => {
    const result = await up(environment.stack, "--expect-no-changes");
    assert.equal(result.code, 0, result.output);
  });

  it("loses a stream when its pod is killed without draining: that is the control", async () => {
    const pod = await onlyPod();
    const stream = client(LONG);
    await stream.begun();
    await inNamespace("delete", "pod", pod, "--grace-period=0", "--force", "--wait=false");
    assert.equal((await stream.end()).whole, false);
    await ready();
  });

  it("loses no stream when its pod is deleted", () =>
    losesNoStream((pod) => inNamespace("delete", "pod", pod, "--wait=false")));

  it("loses no stream in a rolling update", () =>
    losesNoStream(() => inNamespace("rollout", "restart", "deployment/ollama")));

  it("is scaled out by its load, not beyond its quota, and back", async () => {
    const streams = await steadyStreams(client, 3, LONG);
    try {
      await eventually("a second replica", 300, async () => ((await replicas()) >= 2 ? true : undefined));
    } finally {
      await streams.stop();
    }
    const { status } = await kubectlJson<{ status: { hard: Record<string, string>; used: Record<string, string> } }>(
      kubectl,
      ...["get", "resourcequota", "quota", "--namespace", NAMESPACE],
    );
    assert.ok(Number(status.used["pods"]) <= Number(status.hard["pods"]));
    // The autoscaler waits five minutes before it takes a replica away.
    await eventually("one replica again", 540, async () => ((await replicas()) === 1 ? true : undefined));
  });

  inLongForm?.(
    "says in an update which model its registry does not have, and brings it with the next one once it does",
    async () => {
      const { project, stack, tools } = environment;
      const host = "registry.model-registry.svc.cluster.local:5000";
      editYaml(project, "Pulumi.dev.yaml", ({ config }) => {
        const models = config["ollama-platform:models"] as { name: string; digest: string }[];
        const { digest } = models.find(({ name }) => name === "smollm2:135m") ?? assert.fail();
        const figures = { parametersBillions: 0.135, layers: 30, kvHeads: 3, headSize: 64, contextLength: 2048 };
        models.push({
          name: "late:1b",
          source: `${host}/library/late:1b`,
          digest,
          ...figures,
        } as (typeof models)[number]);
      });
      editYaml(project, tenantFile("hr"), ({ spec }) => spec.models.allow.push("late:1b"));
      const failed = await up(stack, "--skip-preview");
      assert.notEqual(failed.code, 0);
      assert.match(failed.output, / has no library\/late:1b \(status 404\)/);
      const logs = await kubectl(
        ...["logs", "--selector", "app.kubernetes.io/name=model-loader", "--tail=-1"],
        ...["--namespace", "ollama-platform-system"],
      );
      assert.match(logs.stdout, / has no library\/late:1b \(status 404\)/, logs.stderr);
      const published = (name: string) => `${registryAddress}/library/${name}`;
      await command(tools.path("crane"), ["copy", "--insecure", published("smollm2:135m"), published("late:1b")]);
      // No file is changed: the Job that failed is recreated.
      const next = await up(stack, "--skip-preview");
      assert.equal(next.code, 0, next.output);
      assert.ok(
        next.changes.some(({ op, type }) => /create|replace/.test(op) && type === "kubernetes:batch/v1:Job"),
        next.output,
      );
    },
  );

  inLongForm?.("takes a key away with the update that revokes it", async () => {
    const { project, stack, cluster } = environment;
    const { status } = await (await modelClient(kubectl))(1).end();
    assert.equal(status, 200);
    const revoked = await modelClient(kubectl);
    editYaml(project, tenantFile("hr"), ({ spec }) => (spec.access.clients[0].name = "window"));
    const result = await up(stack, "--skip-preview");
    assert.equal(result.code, 0, result.output);
    assert.equal(await syncPods(cluster.kubeconfig), 1);
    await eventually("the old key to be refused", 120, async () =>
      (await revoked(1).end()).status === 401 ? true : undefined,
    );
  });

  inLongForm?.("ends an idle tenant's server before its namespace, which waits for nothing then", async () => {
    rmSync(path.join(environment.project, tenantFile("hr")));
    const retired = await up(environment.stack, "--skip-preview");
    assert.equal(retired.code, 0, retired.output);
    assert.equal((await kubectl("get", "namespace", NAMESPACE)).code, 1);
    const order = retired.changes.filter(({ op }) => op === "delete").map(({ type }) => type.split(":").pop() ?? "");
    assert.ok(order.indexOf("Deployment") < order.indexOf("PersistentVolumeClaim"), order.join());
    assert.ok(order.indexOf("PersistentVolumeClaim") < order.indexOf("Namespace"), order.join());
  });
});
