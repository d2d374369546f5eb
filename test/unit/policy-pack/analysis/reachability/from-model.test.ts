import assert from "node:assert/strict";
import {
  UNLISTED_NAMESPACE,
  networkInput,
  networkOf,
} from "../../../../../policy-pack/analysis/reachability/from-model";
import { crossTenantPaths } from "../../../../../policy-pack/analysis/reachability/paths";
import {
  type ClusterModel,
  type SourceObject,
  buildClusterModel,
} from "../../../../../policy-pack/model/cluster-model";
import { type PackConfiguration, defaultConfiguration } from "../../../../../policy-pack/settings/settings";
import { UNKNOWN } from "../../../../../policy-pack/model/kubernetes";

const configuration: PackConfiguration = {
  ...defaultConfiguration,
  cluster: { ...defaultConfiguration.cluster, nodeCidrs: ["192.168.0.0/24"] },
};

type Fields = Record<string, unknown>;

function object(
  kind: string,
  namespace: string | undefined,
  name: string,
  fields: Fields = {},
  more: Partial<SourceObject> = {},
): SourceObject {
  const apiVersion =
    { Namespace: "v1", Pod: "v1", NetworkPolicy: "networking.k8s.io/v1", CronJob: "batch/v1" }[kind] ?? "apps/v1";
  return {
    object: { apiVersion, kind, metadata: { name, namespace }, ...fields },
    origin: "test",
    unknown: [],
    ...more,
  };
}

const template = (labels: Fields, spec: Fields = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: "main", ports: [{ name: "http", containerPort: 8080 }] }], ...spec },
});

const deny = (namespace: string): SourceObject =>
  object("NetworkPolicy", namespace, "default-deny", { spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } });

const tenants: SourceObject[] = ["tenant-a", "tenant-b"].flatMap((namespace) => [
  object("Namespace", undefined, namespace),
  object("Deployment", namespace, "ollama", { spec: { template: template({ app: "ollama" }) } }),
  deny(namespace),
]);

const modelOf = (...more: SourceObject[]): ClusterModel => buildClusterModel([...tenants, ...more], configuration);

describe("the network of a cluster model", () => {
  it("has no path across borders when every tenant denies by default", () => {
    assert.deepEqual(crossTenantPaths(networkOf(modelOf(), configuration)).paths, []);
  });

  it("finds the path that one policy in each of two tenants opens", () => {
    const peer = (name: string) => [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } }];
    const model = modelOf(
      object("NetworkPolicy", "tenant-a", "out", {
        spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: peer("tenant-b") }] },
      }),
      object("NetworkPolicy", "tenant-b", "in", { spec: { podSelector: {}, ingress: [{ from: peer("tenant-a") }] } }),
    );
    const explanations = crossTenantPaths(networkOf(model, configuration)).paths.map((path) => path.explanation);
    assert.deepEqual(explanations, [
      "Deployment tenant-a/ollama can open all ports on Deployment tenant-b/ollama: egress is allowed by NetworkPolicy " +
        "tenant-a/out egress[0]; ingress is allowed by NetworkPolicy tenant-b/in ingress[0]",
    ]);
  });

  it("reads pods of every controller, with named ports of every container", () => {
    const cron = object("CronJob", "tenant-a", "nightly", {
      spec: {
        jobTemplate: {
          spec: {
            template: template(
              { app: "nightly" },
              { initContainers: [{ ports: [{ containerPort: 9, protocol: "UDP" }] }] },
            ),
          },
        },
      },
    });
    const { pods } = networkInput(modelOf(cron), configuration, { hypotheticalPods: false });
    const pod = pods.find(({ id }) => id === "CronJob tenant-a/nightly");
    assert.deepEqual(pod?.labels, { app: "nightly" });
    assert.deepEqual(pod?.ports, [
      { name: undefined, port: 9, protocol: "UDP" },
      { name: "http", port: 8080, protocol: "TCP" },
    ]);
  });

  it("does not trust a selector on labels that controllers set", () => {
    const selector = { matchLabels: { "pod-template-hash": "abc" } };
    const model = buildClusterModel(
      [
        ...tenants.filter(({ object }) => object.metadata.namespace !== "tenant-b"),
        object("Namespace", undefined, "tenant-b"),
        object("Deployment", "tenant-b", "ollama", { spec: { template: template({}) } }),
        object("NetworkPolicy", "tenant-b", "deny", {
          spec: { podSelector: selector, policyTypes: ["Ingress", "Egress"] },
        }),
      ],
      configuration,
    );
    const { paths } = crossTenantPaths(networkOf(model, configuration, { hypotheticalPods: false }));
    assert.ok(paths.some((path) => path.explanation.includes("no NetworkPolicy selects the pod for egress")));
  });

  it("counts namespaces that nothing lists, unless selected by their name", () => {
    const into = (from: Fields) =>
      object("NetworkPolicy", "tenant-b", "in", { spec: { podSelector: {}, ingress: [{ from: [from] }] } });
    const sources = (from: Fields) =>
      crossTenantPaths(networkOf(modelOf(into(from)), configuration)).paths.map((path) => path.fromNamespace);
    assert.deepEqual(sources({ namespaceSelector: { matchLabels: { name: "monitoring" } } }), [UNLISTED_NAMESPACE]);
    assert.deepEqual(
      sources({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }),
      ["kube-system"],
    );
  });

  describe("is refused", () => {
    const refusals: [string, SourceObject, RegExp][] = [
      [
        "for an unknown policy",
        object("NetworkPolicy", "tenant-a", "p", { spec: UNKNOWN }, { unknown: ["spec"] }),
        /NetworkPolicy tenant-a\/p: spec is unknown/,
      ],
      [
        "for an unknown rule of a policy",
        object("NetworkPolicy", "tenant-a", "p", { spec: { podSelector: {} } }, { unknown: ["spec.ingress[0].from"] }),
        /spec\.ingress\[0\]\.from is unknown/,
      ],
      [
        "for a policy in an unknown namespace",
        object("NetworkPolicy", UNKNOWN, "p", { spec: { podSelector: {} } }),
        /namespace is unknown/,
      ],
      [
        "for unknown pod labels",
        object(
          "Deployment",
          "tenant-a",
          "x",
          { spec: { template: template({}) } },
          { unknown: ["spec.template.metadata.labels"] },
        ),
        /labels is unknown/,
      ],
      [
        "for a wholly unknown pod template",
        object("Deployment", "tenant-a", "x", { spec: UNKNOWN }, { unknown: ["spec"] }),
        /Deployment tenant-a\/x: spec is unknown/,
      ],
      [
        "for an unknown hostNetwork",
        object("Pod", "tenant-a", "x", { spec: { hostNetwork: UNKNOWN } }, { unknown: ["spec.hostNetwork"] }),
        /hostNetwork is unknown/,
      ],
      [
        "for unknown namespace labels",
        object("Namespace", undefined, "tenant-c", {}, { unknown: ["metadata.labels.team"] }),
        /Namespace tenant-c: metadata\.labels\.team/,
      ],
      [
        "for a patch of a policy",
        object("NetworkPolicy", "tenant-a", "p", {}, { opaque: "a patch" }),
        /hides what it does to the network: a patch/,
      ],
      [
        "for a chart in a tenant namespace",
        object("Release", "tenant-a", "chart", {}, { opaque: "a Helm release" }),
        /a Helm release/,
      ],
    ];
    for (const [title, source, pattern] of refusals)
      it(title, () => assert.throws(() => networkOf(modelOf(source), configuration), pattern));

    it("for policies of another engine", () => {
      const cilium = object("CiliumNetworkPolicy", "tenant-a", "p");
      cilium.object.apiVersion = "cilium.io/v2";
      assert.throws(() => networkOf(modelOf(cilium), configuration), /a policy of cilium\.io, which can overrule/);
    });
  });

  it("ignores unknown values that the network does not depend on", () => {
    const image = object(
      "Deployment",
      "tenant-a",
      "x",
      { spec: { template: template({}) } },
      { unknown: ["spec.template.spec.containers[0].image", "spec.replicas"] },
    );
    assert.doesNotThrow(() => networkOf(modelOf(image), configuration));
  });
});
