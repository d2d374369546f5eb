import * as assert from "node:assert/strict";
import { askQuestions } from "../../tools/local/questions";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { up } from "../support/update";
import { eventually } from "../support/wait";
import { requireRealNode } from "./support/cluster";
import { openStream, type ModelStream } from "./support/streams";

const NAMESPACE = "tenant-hr";
/** Tokens of an answer that takes some seconds. */
const LONG = 160;
/** Tokens of an answer that goes on while another pod starts. */
const LONGER = 600;

describe("the dev stack on a real node", function () {
  this.timeout(900_000);

  let environment: TestEnvironment;
  let kubectl: Kubectl;

  before(async function () {
    await requireRealNode(this);
    environment = await openTestEnvironment("product", { realNode: true });
    kubectl = kubectlWith(environment.tools, environment.cluster.kubeconfig);
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    await ready();
  });
  after(() => environment?.close());

  const inNamespace = (...args: string[]) => kubectl(...args, "--namespace", NAMESPACE);

  async function ready(): Promise<void> {
    await inNamespace("rollout", "status", "deployment/ollama", "--timeout=180s");
  }

  /** A stream of many tokens that has begun. */
  const running = (tokens = LONG): Promise<ModelStream> => openStream(kubectl, tokens);

  /** Waits until the pod is told to end, and says so if the stream has ended before: then nothing was tried. */
  async function endsUnder(stream: ModelStream, pod: string): Promise<void> {
    await eventually(`${pod} to be told to end`, 120, async () => {
      const { stdout } = await inNamespace("get", pod, "--output", "jsonpath={.metadata.deletionTimestamp}");
      return stdout === "" ? undefined : true;
    });
    assert.equal(stream.hasEnded(), false, "the stream was still running when its pod was told to end");
  }

  async function podName(): Promise<string> {
    const selector = "app.kubernetes.io/name=ollama";
    const { stdout } = await inNamespace("get", "pods", "--selector", selector, "--output", "name");
    return stdout.trim().split("\n")[0] ?? "";
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

  it("changes nothing when it runs again", async () => {
    const result = await up(environment.stack, "--expect-no-changes");
    assert.equal(result.code, 0, result.output);
  });

  it("loses a stream when its pod is killed without draining: that is the control", async () => {
    const stream = await running();
    await inNamespace("delete", await podName(), "--grace-period=0", "--force", "--wait=false");
    assert.equal((await stream.end()).whole, false);
    await ready();
  });

  it("loses no stream when its pod is deleted", async () => {
    const stream = await running();
    const pod = await podName();
    await inNamespace("delete", pod, "--wait=false");
    await endsUnder(stream, pod);
    const { whole, tokens } = await stream.end();
    assert.ok(whole, `the stream ended after ${tokens} tokens`);
    await ready();
  });

  it("loses no stream in a rolling update", async () => {
    const stream = await running(LONGER);
    const pod = await podName();
    await inNamespace("rollout", "restart", "deployment/ollama");
    await endsUnder(stream, pod);
    const { whole, tokens } = await stream.end();
    assert.ok(whole, `the stream ended after ${tokens} tokens`);
    await ready();
  });

  it("is scaled out by its load, not beyond its quota, and back", async () => {
    let loaded = true;
    const client = async () => {
      // A pod that comes or goes may refuse: the load goes on.
      while (loaded)
        await openStream(kubectl, LONG).then(
          (stream) => stream.end(),
          () => undefined,
        );
    };
    const clients = [client(), client(), client()];
    try {
      await eventually("a second replica", 300, async () => ((await replicas()) >= 2 ? true : undefined));
    } finally {
      loaded = false;
      await Promise.all(clients);
    }
    const { status } = await kubectlJson<{ status: { hard: Record<string, string>; used: Record<string, string> } }>(
      kubectl,
      ...["get", "resourcequota", "quota", "--namespace", NAMESPACE],
    );
    assert.ok(Number(status.used["pods"]) <= Number(status.hard["pods"]));
    // The autoscaler waits five minutes before it takes a replica away.
    await eventually("one replica again", 540, async () => ((await replicas()) === 1 ? true : undefined));
  });
});
