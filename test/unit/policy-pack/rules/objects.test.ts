import assert from "node:assert/strict";
import { buildClusterModel } from "../../../../policy-pack/model/cluster-model";
import { fromPulumi } from "../../../../policy-pack/model/from-pulumi";
import { rule as knownValues } from "../../../../policy-pack/rules/objects/known-values";
import { rule as visible } from "../../../../policy-pack/rules/objects/visible";
import { unknownCheckingProxy } from "@pulumi/policy";
import { rules } from "../../../../policy-pack/rules";
import { evaluate } from "../../../../policy-pack/rules/evaluate";
import { describeRule } from "../breaks";
import { resourceOf, UNKNOWN_STRING } from "../crossguard";
import { compliantObjects, find, type Loose, settings } from "../fixture";

const { configuration } = settings;
const resource = (type: string, props: object): Loose => ({ type, props, urn: `urn:${type}`, name: "r" });

describe("objects/visible", () => {
  const findings = (type: string, props: object) =>
    visible.check(buildClusterModel(fromPulumi([resource(type, props)]), configuration), configuration);

  it("refuses a Helm release in a tenant's or an unknown namespace, and one without namespace", () => {
    assert.equal(findings("kubernetes:helm.sh/v3:Release", { namespace: "tenant-hr" }).length, 1);
    assert.equal(findings("kubernetes:helm.sh/v3:Release", { namespace: "elsewhere" }).length, 1);
    assert.equal(findings("kubernetes:helm.sh/v3:Release", {}).length, 1);
  });
  it("refuses patches of every kind", () => {
    const patched = { apiVersion: "v1", kind: "Namespace", metadata: { name: "tenant-hr" } };
    assert.equal(findings("kubernetes:core/v1:NamespacePatch", patched).length, 1);
  });
  it("accepts a Helm release in a platform namespace, and groupings whose members are seen", () => {
    assert.deepEqual(findings("kubernetes:helm.sh/v3:Release", { namespace: "kube-system" }), []);
    assert.deepEqual(findings("kubernetes:helm.sh/v4:Chart", { namespace: "tenant-hr" }), []);
  });
});

describe("objects/known-values", () => {
  const findings = (object: Loose, unknown: string[]) =>
    knownValues.check(buildClusterModel([{ object, origin: "test", unknown }], configuration), configuration);
  const object = (kind: string, namespace?: string, apiVersion = "v1") => ({
    apiVersion,
    kind,
    metadata: { name: "x", namespace },
  });

  it("refuses an unknown value of a tenant's object, of a binding and of what has no namespace", () => {
    assert.equal(findings(object("ConfigMap", "tenant-hr"), ["data.x"]).length, 1);
    assert.equal(findings(object("ClusterRole", undefined, "rbac.authorization.k8s.io/v1"), ["rules"]).length, 1);
    assert.equal(
      findings(object("RoleBinding", "kube-system", "rbac.authorization.k8s.io/v1"), ["subjects"]).length,
      1,
    );
  });
  it("accepts unknown contents of Secrets, annotations of tools and other namespaces' objects", () => {
    assert.deepEqual(findings(object("Secret", "tenant-hr"), ["data.key", "stringData"]), []);
    assert.deepEqual(findings(object("ConfigMap", "tenant-hr"), ["metadata.annotations.checksum"]), []);
    assert.deepEqual(findings(object("ConfigMap", "kube-system"), ["data.x"]), []);
  });
  it("refuses an unknown profile in an annotation", () => {
    const path = "metadata.annotations.container.apparmor.security.beta.kubernetes.io/x";
    assert.equal(findings(object("Pod", "tenant-hr"), [path]).length, 1);
  });
});

describeRule("objects/single-definition", [
  {
    title: "a second Namespace of the same name",
    apply: (o) => o.push({ apiVersion: "v1", kind: "Namespace", metadata: { name: "tenant-hr" } }),
    object: "Namespace tenant-hr",
  },
  {
    title: "the same object in another version of its API",
    apply: (o) =>
      o.push({ ...structuredClone(find(o, "Deployment", "ollama", "tenant-hr")), apiVersion: "apps/v1beta1" }),
    object: "Deployment tenant-hr/ollama",
  },
]);

describeRule("objects/explicit-namespace", [
  {
    title: "a workload without namespace",
    apply: (o) => delete find(o, "Deployment", "ollama", "tenant-hr").metadata.namespace,
    object: "Deployment default/ollama",
  },
]);

const custom =
  (apiVersion: string, kind = "Widget") =>
  (o: Loose[]) =>
    o.push({ apiVersion, kind, metadata: { name: "w", namespace: "tenant-hr" } });
describeRule(
  "objects/custom-resources",
  [
    { title: "an unlisted kind", apply: custom("example.com/v1"), object: "Widget tenant-hr/w" },
    {
      title: "an unlisted extension of the Kubernetes project",
      apply: custom("kueue.x-k8s.io/v1beta1"),
      object: "Widget tenant-hr/w",
    },
    {
      title: "an extension in a group like Kubernetes' own, such as the vertical autoscaler's",
      apply: custom("autoscaling.k8s.io/v1"),
      object: "Widget tenant-hr/w",
    },
    {
      title: "a kind of Kubernetes that no rule knows, such as a group of pods with a priority of its own",
      apply: custom("scheduling.k8s.io/v1beta1", "PodGroup"),
      object: "PodGroup tenant-hr/w",
    },
    {
      title: "an object that places a pod on a node",
      apply: custom("v1", "Binding"),
      object: "Binding tenant-hr/w",
    },
    {
      title: "a stored revision, whose pods no rule reads",
      apply: custom("apps/v1", "ControllerRevision"),
      object: "ControllerRevision tenant-hr/w",
    },
  ],
  [
    { title: "a kind of Kubernetes that does nothing to isolation", apply: custom("coordination.k8s.io/v1", "Lease") },
    {
      title: "a listed kind",
      apply: custom("example.com/v1"),
      settings: { ...settings, configuration: { ...configuration, knownCustomResources: ["Widget.example.com"] } },
    },
  ],
);

describe("objects/one-cluster", () => {
  const provider = (name: string, props: object) => ({ name, urn: `urn:pulumi:dev::x::provider::${name}`, props });
  const judge = (providerOf: (object: Loose, index: number) => object | undefined) => {
    const resources = compliantObjects().map((object, index) => ({
      ...resourceOf(object),
      urn: `urn:pulumi:dev::x::y::${index}`,
      provider: providerOf(object, index),
    }));
    return evaluate(rules, buildClusterModel(fromPulumi(resources as Loose[]), configuration), configuration);
  };
  const isHrs = ({ metadata }: Loose) => metadata.namespace === "tenant-hr" || metadata.name === "tenant-hr";
  const one = provider("one", { kubeconfig: "server: one" });

  for (const [title, other] of Object.entries({
    "another kubeconfig": provider("two", { kubeconfig: "server: two" }),
    "another context": provider("two", { kubeconfig: "server: one", context: "two" }),
    "another cluster entry": provider("two", { kubeconfig: "server: one", cluster: "two" }),
    "the environment's cluster": undefined,
    "a cluster that is not there yet": provider("two", unknownCheckingProxy({ kubeconfig: UNKNOWN_STRING })),
  }))
    it(`refuses two clusters by one message, and says nothing else: ${title}`, () => {
      const found = judge((object) => (isHrs(object) ? other : one));
      assert.deepEqual(
        found.map(({ rule }) => rule),
        ["objects/one-cluster"],
      );
      assert.match(found[0]?.message ?? "", /^goes to the cluster of /);
      assert.doesNotMatch(JSON.stringify(found), /server: /, "keeps the connection secret");
    });

  it("accepts one cluster by several providers that differ in other settings", () => {
    const settingsOnly = provider("two", { kubeconfig: "server: one", namespace: "x", enableServerSideApply: true });
    assert.deepEqual(
      judge((object) => (isHrs(object) ? settingsOnly : one)),
      [],
    );
    assert.deepEqual(
      judge((object) => (isHrs(object) ? provider("two", { kubeClientSettings: {} }) : undefined)),
      [],
    );
  });
});
