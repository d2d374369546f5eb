import { strict as assert } from "node:assert";
import { userKubeconfig } from "../../tools/local-cluster/cluster";
import type { LocalCluster } from "../../tools/local-cluster/cluster";
import { authorities } from "../../tools/local-cluster/pki";
import { readIfPresent } from "../../tools/local-cluster/files";
import { type Kubectl, kubectlJson, kubectlWith } from "../support/kubectl";
import { eventually } from "../support/wait";
import { type LifecycleFixture, openLifecycleFixture, rawEtcdValue, rawRequest } from "./lifecycle-fixture";
import { apply, gpuDeployment, nodePool, privilegedPod, restrictedPod } from "./lifecycle-manifests";

describe("what the local cluster enforces and simulates", () => {
  let fixture: LifecycleFixture;
  let cluster: LocalCluster;
  let kubectl: Kubectl;

  before("start a cluster", async () => {
    fixture = await openLifecycleFixture();
    cluster = await fixture.start();
    kubectl = kubectlWith(fixture.tools, cluster.kubeconfig);
    await succeed("create", "namespace", "red");
    await succeed("create", "namespace", "blue");
  });
  after(() => fixture?.close());

  const succeed = async (...args: string[]) => {
    const result = await kubectl(...args);
    assert.equal(result.code, 0, `kubectl ${args.join(" ")}: ${result.stderr}`);
    return result.stdout;
  };

  describe("data at rest", () => {
    const text = "text-to-look-for-in-etcd";

    it("holds Secrets encrypted, while a ConfigMap can be read as plain text", async () => {
      await succeed("-n", "red", "create", "secret", "generic", "s", `--from-literal=key=${text}`);
      await succeed("-n", "red", "create", "configmap", "c", `--from-literal=key=${text}`);
      const secret = await rawEtcdValue(fixture, "/registry/secrets/red/s");
      assert.match(secret, /^k8s:enc:secretbox:v1:key1:/);
      assert.ok(!secret.includes(text));
      assert.ok((await rawEtcdValue(fixture, "/registry/configmaps/red/c")).includes(text));
    });

    it("is closed to clients without etcd's own certificate", async () => {
      const url = `https://127.0.0.1:${fixture.port("etcd")}/health`;
      const etcd = { authority: authorities.etcd };
      assert.equal((await rawRequest(fixture.layout, url, { name: "etcd-client" }, etcd)).status, 200);
      await assert.rejects(rawRequest(fixture.layout, url, {}, etcd));
      await assert.rejects(rawRequest(fixture.layout, url, { name: "admin" }, etcd));
    });
  });

  it("writes who did what into the audit log, without the content", async () => {
    const text = "text-that-no-log-may-hold";
    await succeed("-n", "red", "create", "secret", "generic", "audited", `--from-literal=key=${text}`);
    const line = await eventually("the audit entry", 10, async () =>
      readIfPresent(fixture.layout.auditLog)
        ?.split("\n")
        .find((entry) => entry.includes('"name":"audited"') && entry.includes('"verb":"create"')),
    );
    const event = JSON.parse(line) as {
      user: { username: string };
      objectRef: object;
      responseStatus: { code: number };
    };
    assert.equal(event.user.username, "local-admin");
    assert.equal(event.responseStatus.code, 201);
    assert.ok(!line.includes(text) && !line.includes(Buffer.from(text).toString("base64")));
  });

  it("lets a user with a certificate do what RBAC gives the groups in it, and nothing else", async () => {
    const member = await userKubeconfig(cluster, { user: "ada", groups: ["team:red", "everyone"] });
    const stranger = await userKubeconfig(cluster, { user: "bob", groups: ["team:blue"] });
    await succeed("-n", "red", "create", "rolebinding", "viewers", "--clusterrole=view", "--group=team:red");
    const can = async (kubeconfig: string, namespace: string, verb: string, resource: string) =>
      (await kubectlWith(fixture.tools, kubeconfig)("auth", "can-i", verb, resource, "-n", namespace)).stdout.trim();
    // The authorizer learns of the binding a moment after the API server has stored it.
    await eventually("the binding to take effect", 30, async () =>
      (await can(member, "red", "list", "pods")) === "yes" ? true : undefined,
    );
    assert.equal(await can(member, "red", "list", "secrets"), "no");
    assert.equal(await can(member, "blue", "list", "pods"), "no");
    assert.equal(await can(stranger, "red", "list", "pods"), "no");
    const pods = await kubectlWith(fixture.tools, member)("get", "pods", "-n", "red");
    assert.equal(pods.code, 0, pods.stderr);
    const refused = await kubectlWith(fixture.tools, stranger)("get", "pods", "-n", "red");
    assert.match(refused.stderr, /User "bob" cannot list resource "pods"/);
  });

  it("refuses a user name that no certificate can carry", async () => {
    await assert.rejects(userKubeconfig(cluster, { user: "" }), /user or group "": must not be empty/);
    await assert.rejects(userKubeconfig(cluster, { user: "a", groups: ["b\n"] }), /user or group "b\\n"/);
  });

  it("gives service accounts tokens that the API server accepts", async () => {
    // The controllers make the account a moment after the namespace.
    const token = await eventually("the account's token", 30, async () =>
      (await succeed("-n", "red", "create", "token", "default")).trim(),
    );
    const review = await kubectlWith(fixture.tools, "/dev/null")(
      "auth",
      "whoami",
      `--server=${cluster.server}`,
      `--certificate-authority=${fixture.layout.certificate(authorities.cluster)}`,
      `--token=${token}`,
      "-o",
      "jsonpath={.status.userInfo.username}",
    );
    assert.equal(review.stdout, "system:serviceaccount:red:default", review.stderr);
  });

  it("enforces Pod Security where a namespace asks for it", async () => {
    await succeed("label", "namespace", "blue", "pod-security.kubernetes.io/enforce=restricted");
    assert.match((await apply(fixture, privilegedPod("blue"))).stderr, /violates PodSecurity "restricted:latest"/);
    assert.equal((await apply(fixture, restrictedPod("blue"))).code, 0);
    assert.equal((await apply(fixture, privilegedPod("red"))).code, 0);
  });

  it("makes a GPU node with the pool's taint and label for a pod that only tolerates the pool, and removes it afterwards", async () => {
    assert.equal((await apply(fixture, nodePool("red-gpu"))).code, 0);
    assert.equal((await apply(fixture, gpuDeployment("red", "red-gpu"))).code, 0);
    const pod = await eventually("a Running GPU pod", 90, async () => {
      const { items } = await kubectlJson<{ items: GpuPod[] }>(kubectl, "-n", "red", "get", "pods", "-l", "app=gpu");
      return items.find(({ status }) => status.phase === "Running");
    });
    const node = await kubectlJson<GpuNode>(kubectl, "get", "node", pod.spec.nodeName);
    assert.equal(node.metadata.labels["node-restriction.kubernetes.io/ollama-pool"], "red-gpu");
    assert.equal(node.metadata.labels["karpenter.kwok.sh/instance-gpu-name"], "l4");
    assert.equal(node.metadata.labels["node.kubernetes.io/instance-type"], "l4-1");
    assert.equal(node.status.allocatable["nvidia.com/gpu"], "1");
    assert.deepEqual(node.spec.taints, [
      { key: "node-restriction.kubernetes.io/ollama-pool", value: "red-gpu", effect: "NoSchedule" },
    ]);
    const sidecar = pod.status.initContainerStatuses.find(({ name }) => name === "sidecar");
    assert.deepEqual([sidecar?.ready, sidecar?.started], [true, true]);
    const claim = await kubectlJson<{ status: { phase: string } }>(kubectl, "-n", "red", "get", "pvc", "data");
    assert.equal(claim.status.phase, "Bound");

    await succeed("-n", "red", "delete", "deployment/gpu", "pvc/data");
    await eventually("the GPU node to be removed", 180, async () =>
      (await kubectl("get", "node", pod.spec.nodeName)).code === 0 ? undefined : true,
    );
    assert.equal(await succeed("get", "persistentvolumes,nodeclaims"), "");
  });
});

interface GpuPod {
  spec: { nodeName: string };
  status: { phase: string; initContainerStatuses: { name: string; ready: boolean; started?: boolean }[] };
}

interface GpuNode {
  metadata: { labels: Record<string, string> };
  spec: { taints?: object[] };
  status: { allocatable: Record<string, string> };
}
