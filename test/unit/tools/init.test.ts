import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { repositoryRoot } from "../../../tools/local/paths";
import { factsOf, type Facts } from "../../../tools/init/facts";
import { observe, type Live } from "../../../tools/init/observe";
import { filesOfStack } from "../../../tools/init/write";
import { settingsOf } from "../../../tools/report/settings";
import { judgeObjects, objectsOf } from "../../../tools/report/state";
import { fakeApi, ok, refused } from "../verifier/fake-api";

const named = (name: string, rest: object = {}, namespace?: string): Live => ({
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...rest,
});
const template = (labels: Record<string, string>, spec: object = {}) => ({
  spec: { template: { metadata: { labels }, spec } },
});
const dnsService = (name: string, namespace: string, selector: object, targetPort: number | string) =>
  named(
    name,
    { spec: { clusterIP: "10.96.0.10", clusterIPs: ["10.96.0.10"], selector, ports: [{ port: 53, targetPort }] } },
    namespace,
  );
const node = (name: string, address: string, rest: object = {}) =>
  named(name, { status: { addresses: [{ type: "InternalIP", address }] }, ...rest });

/** What a cluster answers, by path; other lists are empty. */
type Answers = Record<string, Live[]>;

const KUBEADM: Answers = {
  "/api/v1/namespaces": [{ metadata: { name: "kube-system", uid: "4dca2b0e-0000-4000-8000-000000000001" } }],
  "/api/v1/nodes": [node("a", "192.168.7.10"), node("b", "192.168.7.11")],
  "/api/v1/services": [dnsService("kube-dns", "kube-system", { "k8s-app": "kube-dns" }, "dns")],
  "/api/v1/namespaces/kube-system/configmaps": [
    named("kubeadm-config", {
      data: { ClusterConfiguration: "networking:\n  podSubnet: 10.32.0.0/14\n  serviceSubnet: 10.96.0.0/12\n" },
    }),
  ],
  "/apis/apps/v1/deployments": [
    named(
      "coredns",
      template({ "k8s-app": "kube-dns" }, { containers: [{ ports: [{ name: "dns", containerPort: 53 }] }] }),
      "kube-system",
    ),
  ],
  "/apis/apps/v1/daemonsets": [
    named("calico-node", template({}), "calico-system"),
    named(
      "node-local-dns",
      template({}, { containers: [{ args: ["-localip", "169.254.20.10,10.96.0.10"] }] }),
      "kube-system",
    ),
    named(
      "ingress-nginx-controller",
      template(
        { "app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller" },
        { hostNetwork: true },
      ),
      "ingress-nginx",
    ),
  ],
  "/apis/networking.k8s.io/v1/ingressclasses": [named("nginx")],
  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": [named("ec2nodeclasses.karpenter.k8s.aws")],
};

const OPENSHIFT: Answers = {
  "/api/v1/nodes": [
    node("a", "10.0.1.10", {
      metadata: { name: "a", labels: { "nvidia.com/gpu.product": "NVIDIA-L4", "nvidia.com/gpu.memory": "23034" } },
      spec: { taints: [{ key: "sku", value: "gpu", effect: "NoSchedule" }] },
      status: { addresses: [{ type: "InternalIP", address: "10.0.1.10" }], allocatable: { "nvidia.com/gpu": "2" } },
    }),
  ],
  "/api/v1/services": [
    dnsService("dns-default", "openshift-dns", { "dns.operator.openshift.io/daemonset-dns": "default" }, "dns"),
  ],
  "/apis/config.openshift.io/v1/networks": [
    named("cluster", { status: { clusterNetwork: [{ cidr: "10.128.0.0/14" }], serviceNetwork: ["172.30.0.0/16"] } }),
  ],
  "/apis/apps/v1/daemonsets": [
    named(
      "dns-default",
      template({}, { containers: [{ ports: [{ name: "dns", containerPort: 5353 }] }] }),
      "openshift-dns",
    ),
    named("ovnkube-node", template({}), "openshift-ovn-kubernetes"),
  ],
  "/apis/apps/v1/deployments": [
    named(
      "router-default",
      template({ "ingresscontroller.operator.openshift.io/deployment-ingresscontroller": "default" }),
      "openshift-ingress",
    ),
  ],
};

async function factsFrom(answers: Answers): Promise<{ facts: Facts; unread: string[]; asked: string[] }> {
  const api = fakeApi(({ path: place }) =>
    place === "/version" ? ok({ gitVersion: "v1.35.2+k3s1" }) : ok({ items: answers[place] ?? [] }),
  );
  const observed = await observe(api);
  return { facts: factsOf(observed), unread: observed.unread, asked: api.asked.map(({ method = "GET" }) => method) };
}

describe("npm run init", () => {
  const root = mkdtempSync(path.join(tmpdir(), "ollama-init-"));
  after(() => rmSync(root, { recursive: true, force: true }));

  it("only reads", async () => {
    const { asked } = await factsFrom(KUBEADM);
    assert.deepEqual([...new Set(asked)], ["GET"]);
  });

  it("finds what a cluster of kubeadm says of itself", async () => {
    const { facts } = await factsFrom(KUBEADM);
    assert.equal(facts.podSecurityVersion, "v1.35");
    assert.equal(facts.clusterId, "4dca2b0e-0000-4000-8000-000000000001");
    assert.deepEqual(facts.podCidrs, { value: ["10.32.0.0/14"], from: "kubeadm's configuration", isGuess: false });
    assert.deepEqual(facts.serviceCidrs.value, ["10.96.0.0/12"]);
    assert.deepEqual(facts.nodeCidrs.value, ["192.168.7.0/24"]);
    assert.deepEqual(facts.ipFamilies, ["IPv4"]);
    assert.deepEqual(facts.dns.value, {
      namespace: "kube-system",
      podLabels: { "k8s-app": "kube-dns" },
      nodeLocalAddresses: ["169.254.20.10"],
    });
    assert.deepEqual(facts.ingressControllers, [
      {
        namespace: "ingress-nginx",
        podLabels: { "app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller" },
        hostNetwork: true,
      },
    ]);
    assert.deepEqual(facts.network, { name: "Calico", enforces: true });
    assert.deepEqual(facts.backends, ["karpenter-aws"]);
  });

  it("finds OpenShift's ranges, DNS port, router and GPUs", async () => {
    const { facts } = await factsFrom(OPENSHIFT);
    assert.deepEqual(facts.podCidrs.value, ["10.128.0.0/14"]);
    assert.deepEqual(facts.serviceCidrs.value, ["172.30.0.0/16"]);
    assert.equal(facts.dns.value.port, 5353);
    assert.equal(facts.dns.value.namespace, "openshift-dns");
    assert.equal(facts.ingressControllers[0]?.namespace, "openshift-ingress");
    assert.deepEqual(facts.gpus, [
      {
        resource: "nvidia.com/gpu",
        product: "NVIDIA-L4",
        perNode: 2,
        nodes: 1,
        memoryGiB: 22,
        taints: ["sku=gpu:NoSchedule"],
      },
    ]);
  });

  it("finds GPUs that drivers give out by claims, which are among no node's resources", async () => {
    const slice = (node: string, devices: number, generation: number) =>
      named(`${node}-${generation}`, {
        spec: {
          driver: "gpu.nvidia.com",
          nodeName: node,
          pool: { name: node, generation },
          devices: Array.from({ length: devices }, (_, index) => ({ name: `gpu-${index}` })),
        },
      });
    const { facts } = await factsFrom({
      "/apis/resource.k8s.io/v1/deviceclasses": [
        named("mig.nvidia.com", { spec: {} }),
        named("gpu.nvidia.com", { spec: { extendedResourceName: "nvidia.com/gpu" } }),
      ],
      "/apis/resource.k8s.io/v1/resourceslices": [slice("a", 8, 1), slice("a", 4, 2), slice("b", 2, 1)],
    });
    assert.deepEqual(facts.deviceClasses, [
      { name: "gpu.nvidia.com", resource: "nvidia.com/gpu" },
      { name: "mig.nvidia.com" },
    ]);
    assert.deepEqual(facts.devices, [{ driver: "gpu.nvidia.com", devices: 6, nodes: 2 }]);
    const [stack] = filesOfStack("claims", "first", "my-cluster", facts);
    assert.match(
      stack?.text ?? "",
      /gpu\.nvidia\.com \(offered as nvidia\.com\/gpu: write that as `gpu\.resource` too\)/,
    );
    assert.match(stack?.text ?? "", /Devices: 6 of gpu\.nvidia\.com on 2 nodes/);
  });

  it("guesses, and says so, where the cluster does not tell", async () => {
    const { facts } = await factsFrom({
      "/api/v1/nodes": [node("a", "10.1.2.3", { spec: { podCIDRs: ["10.42.3.0/24"] } })],
    });
    assert.deepEqual(facts.podCidrs.value, ["10.42.0.0/16"]);
    for (const found of [facts.podCidrs, facts.serviceCidrs, facts.nodeCidrs, facts.dns])
      assert.equal(found.isGuess, true);
    assert.equal(facts.network, undefined);
  });

  it("refuses a folder without a program, and names without form, before it asks anybody", () => {
    for (const [args, message] of [
      [["--stack", "mine", "--project", root], /--project .* has no Pulumi\.yaml: name the folder of the program/],
      [["--stack", "Mine"], /--stack "Mine" is no name: write lower-case letters/],
      [["--stack", "mine", "--tenant", "a_b"], /--tenant "a_b" is no name/],
    ] as const) {
      const node = ["-r", "ts-node/register/transpile-only", path.join(repositoryRoot, "tools", "init", "cli.ts")];
      const { status, stderr } = spawnSync(process.execPath, [...node, ...args], {
        encoding: "utf8",
        cwd: repositoryRoot,
        env: { ...process.env, KUBECONFIG: path.join(root, "no-kubeconfig") },
      });
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /asking/);
    }
  }).timeout(60_000);

  it("goes on without what it may not read, and names it", async () => {
    const api = fakeApi(({ path: place }) =>
      place === "/version" ? ok({ gitVersion: "v1.34.1" }) : refused(403, "nodes is forbidden"),
    );
    const { unread } = await observe(api);
    assert.ok(unread.includes("/api/v1/nodes: nodes is forbidden"));
    await assert.rejects(
      observe(fakeApi(() => refused(401, "Unauthorized"))),
      /does not tell its version: Unauthorized/,
    );
  });

  for (const [name, answers] of Object.entries({ kubeadm: KUBEADM, openshift: OPENSHIFT, bare: {} })) {
    it(`writes a stack that is accepted as it is, and that breaks no rule which blocks: ${name}`, async () => {
      const { facts } = await factsFrom(answers);
      for (const file of filesOfStack(name, "first", "my-cluster", facts)) {
        mkdirSync(path.dirname(path.join(root, file.path)), { recursive: true });
        writeFileSync(path.join(root, file.path), file.text);
      }
      const { judgement } = judgeObjects(objectsOf(root, name), settingsOf(root, name), "2026-01-01");
      assert.deepEqual(judgement.violations, []);
    });
  }
});
