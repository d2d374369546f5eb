import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { buildClusterModel } from "../../../../policy-pack/model/cluster-model";
import { selectorMatches } from "../../../../policy-pack/model/selectors";
import { defaultConfiguration } from "../../../../policy-pack/settings/settings";
import { fromLive } from "../../../../policy-pack/model/from-live";
import { fromManifests, ManifestError } from "../../../../policy-pack/model/from-manifests";
import { fromPulumi } from "../../../../policy-pack/model/from-pulumi";
import { REDACTED } from "../../../../policy-pack/model/kubernetes";
import { compliantObjects, settings, violationsOf } from "../fixture";
import { rules } from "../../../../policy-pack/rules";
import { evaluate } from "../../../../policy-pack/rules/evaluate";
import { resourceOf, urnOf } from "../crossguard";

describe("a model from a folder of manifests", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "manifests-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("gets the same verdict as one from live objects", () => {
    const objects = compliantObjects();
    mkdirSync(join(folder, "sub"));
    writeFileSync(
      join(folder, "a.yaml"),
      objects
        .slice(0, 9)
        .map((o) => stringify(o))
        .join("---\n"),
    );
    writeFileSync(
      join(folder, "sub", "b.yml"),
      stringify({ apiVersion: "v1", kind: "List", items: objects.slice(9, 20) }),
    );
    writeFileSync(join(folder, "c.json"), JSON.stringify({ apiVersion: "v1", kind: "List", items: objects.slice(20) }));
    const model = buildClusterModel(fromManifests(folder), settings.configuration);
    assert.equal(model.objects.length, objects.length);
    assert.deepEqual(evaluate(rules, model, settings.configuration), violationsOf(objects));
    assert.equal(model.objects[0]?.origin, "a.yaml, document 1");
  });

  it("is read as the clients of Kubernetes read YAML: `yes` is true, dates are text, and `<<` merges", () => {
    const text = [
      "apiVersion: v1",
      "kind: Pod",
      "metadata: { name: x, annotations: { day: 2026-03-01, span: 1:30 } }",
      "spec: { <<: { hostNetwork: yes }, containers: [] }",
    ].join("\n");
    writeFileSync(join(folder, "pod.yaml"), text);
    const [source] = fromManifests(join(folder, "pod.yaml"));
    assert.deepEqual(source?.object.spec, { hostNetwork: true, containers: [] });
    assert.deepEqual(source?.object.metadata.annotations, { day: "2026-03-01", span: "1:30" });
  });

  it("as Helm prints it lies in the namespace that is given, where it names none", () => {
    const release = ["apiVersion: v1", "kind: ConfigMap", "metadata:", "  name: a"].join("\n");
    const elsewhere = `${release}\n  namespace: tenant-finance`;
    writeFileSync(
      join(folder, "release.yaml"),
      `---\n# Source: chart/templates/a.yaml\n${release}\n---\n# Source: empty\n---\n${elsewhere}`,
    );
    const namespaces = (given?: string) =>
      buildClusterModel(fromManifests(folder, given), settings.configuration).objects.map(({ namespace }) => namespace);
    assert.deepEqual(namespaces("tenant-hr"), ["tenant-hr", "tenant-finance"]);
    assert.deepEqual(namespaces(), ["default", "tenant-finance"]);
  });

  it("that is missing, empty or refers to an unknown anchor is refused", () => {
    assert.throws(() => fromManifests(join(folder, "nowhere")), /nowhere: there is no such file or folder/);
    assert.throws(() => fromManifests(folder), /holds no Kubernetes object/);
    writeFileSync(join(folder, "a.yaml"), "apiVersion: v1\nkind: Pod\nmetadata: *unknown\n");
    assert.throws(() => fromManifests(folder), ManifestError);
  });

  it("names every fault with file and document", () => {
    writeFileSync(join(folder, "a.yaml"), "kind: Pod\n---\na: [\n");
    writeFileSync(join(folder, "b.yaml"), "apiVersion: v1\nkind: Pod\nkind: Job\nmetadata: {name: x}\n");
    assert.throws(
      () => fromManifests(folder),
      (error: Error) => {
        assert.ok(error instanceof ManifestError);
        assert.match(error.message, /a\.yaml, document 1: not a Kubernetes object: apiVersion, metadata\.name missing/);
        assert.match(error.message, /a\.yaml, document 2: /);
        assert.match(error.message, /b\.yaml, document 1: .*unique/);
        return true;
      },
    );
  });
});

describe("a model's lookups", () => {
  const object = (apiVersion: string, kind: string, namespace: string | undefined, name: string) => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
  });
  const sources = fromLive([
    object("v1", "ConfigMap", "tenant-a", "first"),
    object("v1", "ConfigMap", "tenant-a", "second"),
    object("v1", "ConfigMap", "tenant-b", "first"),
    object("example.com/v1", "ConfigMap", "tenant-a", "second"),
    object("rbac.authorization.k8s.io/v1", "ClusterRole", undefined, "view"),
    object("v1", "Pod", "tenant-b", "p"),
  ]);
  const [opaque, ...visible] = sources;
  const model = buildClusterModel(
    [...(opaque === undefined ? [] : [{ ...opaque, opaque: "a patch" }]), ...visible],
    defaultConfiguration,
  );
  const named = (found: readonly { namespace: string; object: { metadata: { name: string } } }[]) =>
    found.map(({ namespace, object }) => `${namespace}/${object.metadata.name}`);

  it("find what looking at every object finds, opaque objects left out", () => {
    for (const namespace of ["tenant-a", "tenant-b", "tenant-c", ""])
      for (const group of [undefined, "", "example.com"]) {
        const slow = model.of("ConfigMap", group).filter((o) => o.namespace === namespace);
        assert.deepEqual(named(model.ofIn(namespace, "ConfigMap", group)), named(slow));
      }
    assert.deepEqual(named(model.ofIn("tenant-a", "ConfigMap")), ["tenant-a/second", "tenant-a/second"]);
  });

  it("find one object by its name and group", () => {
    assert.equal(model.find("tenant-a", "ConfigMap", "", "first"), undefined);
    assert.equal(model.find("tenant-a", "ConfigMap", "example.com", "second")?.object.apiVersion, "example.com/v1");
    assert.equal(model.find("tenant-b", "ConfigMap", "", "first")?.namespace, "tenant-b");
    assert.equal(model.find("", "ClusterRole", "rbac.authorization.k8s.io", "view")?.object.kind, "ClusterRole");
    assert.equal(model.find("tenant-b", "ConfigMap", "", "second"), undefined);
  });

  it("find the pods of a namespace", () => {
    assert.deepEqual(
      ["tenant-a", "tenant-b"].map((namespace) => model.podsIn(namespace).length),
      [0, 1],
    );
  });
});

describe("a model from Pulumi resources", () => {
  const objectsOf = (type: string, props: object, provider?: { props: Record<string, unknown> }) =>
    buildClusterModel(
      fromPulumi([{ type, props: { ...props }, urn: "urn:x", name: "x", provider }]),
      defaultConfiguration,
    ).objects;

  it("gets the same verdict as one from live objects", () => {
    const resources = compliantObjects()
      .map(resourceOf)
      .map((r) => ({ ...r, urn: urnOf(r) }));
    const model = buildClusterModel(fromPulumi(resources), settings.configuration);
    assert.deepEqual(evaluate(rules, model, settings.configuration), []);
  });

  it("takes the kind from the type where the properties do not say it", () => {
    const [found] = objectsOf("kubernetes:core/v1:Pod", { metadata: { name: "p" } });
    assert.deepEqual([found?.object.apiVersion, found?.object.kind, found?.namespace], ["v1", "Pod", "default"]);
  });

  it("puts objects without namespace into the provider's", () => {
    const [found] = objectsOf(
      "kubernetes:core/v1:Pod",
      { metadata: { name: "p" } },
      { props: { namespace: "tenant-hr" } },
    );
    assert.equal(found?.namespace, "tenant-hr");
  });

  it("leaves out resources of other providers, providers and groupings", () => {
    for (const type of [
      "random:index/randomPassword:RandomPassword",
      "pulumi:providers:kubernetes",
      "kubernetes:helm.sh/v4:Chart",
    ])
      assert.deepEqual(objectsOf(type, {}), []);
  });

  it("holds no value of a Secret", () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      data: { a: "eA==" },
      stringData: { b: "x" },
    };
    const [found] = objectsOf("kubernetes:core/v1:Secret", secret);
    assert.deepEqual([found?.object.data, found?.object.stringData], [{ a: REDACTED }, { b: REDACTED }]);
  });
});

describe("the model", () => {
  const namespace = (name: string, labels: object = {}) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels },
  });
  const model = (...objects: object[]) => buildClusterModel(fromLive(objects), defaultConfiguration);

  it("knows tenants by label, by name, and never in platform namespaces", () => {
    const built = model(
      namespace("a", { "ollama-platform.io/tenant": "red" }),
      namespace("tenant-blue"),
      namespace("kube-system", { "ollama-platform.io/tenant": "red" }),
    );
    assert.deepEqual([...built.tenants.keys()], ["red", "blue"]);
    assert.equal(built.tenantOf("kube-system"), undefined);
    assert.equal(built.tenantOf("tenant-green"), "green");
  });

  it("gives every namespace the label that the API server sets, whatever the object says", () => {
    const built = model(namespace("a", { "kubernetes.io/metadata.name": "b" }));
    assert.equal(built.namespaces.get("a")?.labels["kubernetes.io/metadata.name"], "a");
  });

  it("takes the scope of a custom resource from its definition", () => {
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "widgets.example.com" },
      spec: { scope: "Cluster", group: "example.com", names: { kind: "Widget" } },
    };
    const built = model(definition, { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" } });
    assert.equal(built.objects[1]?.namespace, "");
  });

  it("matches selectors as the API does", () => {
    const labels = { a: "1" };
    const expression = (operator: string, values?: string[], key = "a") => ({
      matchExpressions: [{ key, operator, values }],
    });
    assert.ok(selectorMatches({}, labels));
    assert.ok(selectorMatches({ matchLabels: { a: "1" } }, labels));
    assert.ok(selectorMatches(expression("In", ["1", "2"]), labels));
    assert.ok(selectorMatches(expression("NotIn", ["2"]), labels));
    assert.ok(selectorMatches(expression("NotIn", ["2"], "b"), labels));
    assert.ok(selectorMatches(expression("DoesNotExist", undefined, "b"), labels));
    assert.ok(!selectorMatches(expression("Exists", undefined, "b"), labels));
    assert.ok(!selectorMatches(expression("Near", ["1"]), labels));
    assert.ok(!selectorMatches({ matchLabels: { toString: "x" } }, labels));
  });
});
