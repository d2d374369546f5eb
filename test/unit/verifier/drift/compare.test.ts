import assert from "node:assert/strict";
import type { ApiObject, ManagedFields } from "../../../../verifier/drift/api";
import {
  declaredDriftOf,
  driftOf,
  formatPath,
  withDeclaredFields,
  withoutFields,
} from "../../../../verifier/drift/compare";
import { declaredObjects } from "../../../../verifier/drift/declared";
import { formatDrift, formatField } from "../../../../verifier/drift/print";

const owner = "pulumi-kubernetes-1";
const entry = (manager: string, fieldsV1: object, more: Partial<ManagedFields> = {}): ManagedFields => ({
  manager,
  operation: manager === owner ? "Apply" : "Update",
  fieldsV1,
  ...more,
});

/** A Role as it is declared and owned; `fields` and `managers` change it. */
function role(fields: object = {}, managers: ManagedFields[] = []): ApiObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: {
      name: "viewer",
      namespace: "tenant-hr",
      resourceVersion: String(managers.length),
      managedFields: [entry(owner, { "f:rules": {} }), ...managers],
    },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
    ...fields,
  };
}

const said = (live: ApiObject, applied: ApiObject) =>
  driftOf(live, applied, owner).map(({ path, manager, ...values }) => ({ path: formatPath(path), manager, ...values }));

describe("drift", () => {
  it("is nothing where only the server's own fields differ", () => {
    assert.deepEqual(said({ ...role(), status: { seen: true } }, role()), []);
  });

  it("in a list that is set as a whole is one field, with who set it last", () => {
    const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }];
    const live = role({ rules }, [entry("first", { "f:rules": {} }), entry("kubectl-patch", { "f:rules": {} })]);
    assert.deepEqual(said(live, role()), [
      { path: "rules", manager: "kubectl-patch", declared: role()["rules"], live: rules },
    ]);
  });

  it("inside a named element is told with the element's name", () => {
    const containers = (image: string) => ({ spec: { containers: [{ name: "a" }, { name: "b", image }] } });
    const set = { "f:spec": { "f:containers": { 'k:{"name":"b"}': { ".": {}, "f:image": {} } } } };
    assert.deepEqual(said(role(containers("evil"), [entry("kubectl-edit", set)]), role(containers("good"))), [
      { path: "spec.containers[name=b].image", manager: "kubectl-edit", declared: "good", live: "evil" },
    ]);
  });

  it("is also what someone has added beside the declared fields", () => {
    const labels = { "f:metadata": { "f:labels": { ".": {}, "f:team": {} } } };
    const containers = {
      "f:spec": { "f:containers": { 'k:{"name":"spy"}': { ".": {}, "f:name": {}, "f:image": {} } } },
    };
    const applied = role({ spec: { containers: [{ name: "spy", image: "x" }] } }, [
      entry("m", labels),
      entry("n", containers),
    ]);
    applied.metadata["labels"] = { team: "x" };
    assert.deepEqual(said(applied, applied), [
      { path: "metadata.labels.team", manager: "m", live: "x" },
      { path: "spec.containers[name=spy]", manager: "n", live: { name: "spy", image: "x" } },
    ]);
    const mended = withoutFields(
      applied,
      driftOf(applied, applied, owner).map(({ path }) => path),
    );
    assert.deepEqual([mended.metadata["labels"], mended["spec"]], [undefined, { containers: [] }]);
  });

  it("is not what controllers write where they write, and is it elsewhere", () => {
    const set = {
      "f:metadata": { "f:annotations": { "f:deployment.kubernetes.io/revision": {} } },
      "f:spec": { "f:replicas": {}, "f:paused": {} },
    };
    const applied = role({ spec: { replicas: 2, paused: true } }, [entry("kube-controller-manager", set)]);
    applied.metadata["annotations"] = { "deployment.kubernetes.io/revision": "1" };
    assert.deepEqual(
      said(applied, applied).map(({ path }) => path),
      ["spec.paused"],
    );
    const scaled = role({ spec: { replicas: 2 } }, [
      entry("kubectl", { "f:spec": { "f:replicas": {} } }, { subresource: "scale" }),
    ]);
    assert.deepEqual(said(scaled, scaled), []);
  });

  it("is not the note of a restart, nor a finalizer, which nobody takes away", () => {
    const template = {
      "f:template": { "f:metadata": { "f:annotations": { "f:kubectl.kubernetes.io/restartedAt": {} } } },
    };
    const set = { "f:metadata": { "f:finalizers": { ".": {}, 'v:"x/y"': {} } }, "f:spec": template };
    const annotations = { "kubectl.kubernetes.io/restartedAt": "now" };
    const applied = role({ spec: { template: { metadata: { annotations } } } }, [entry("kubectl-rollout", set)]);
    applied.metadata["finalizers"] = ["x/y"];
    assert.deepEqual(said(applied, applied), []);
  });

  it("is not the old name of a pod's service account, which the server keeps equal to the new one", () => {
    const pod = { "f:serviceAccount": {}, "f:serviceAccountName": {} };
    const applied = role({ spec: { template: { spec: { serviceAccount: "x", serviceAccountName: "x" } } } }, [
      entry("kubectl-edit", { "f:spec": { "f:template": { "f:spec": pod } } }),
    ]);
    assert.deepEqual(
      said(applied, applied).map(({ path }) => path),
      ["spec.template.spec.serviceAccountName"],
    );
  });

  it("is mended in one piece where fields do not go one by one: declared lists replace what is there", () => {
    const live = role({ spec: { kept: 1, ports: [{ name: "http", port: 2 }] } });
    const declared = role({ spec: { ports: [{ name: "http", port: 1 }] } });
    assert.deepEqual(withDeclaredFields(live, declared)["spec"], { kept: 1, ports: [{ name: "http", port: 1 }] });
  });

  it("of an object that cannot be changed in place is what the declaration names", () => {
    const declared = role({ spec: { a: 1 } });
    const fields = declaredDriftOf(role({ spec: { a: 2, defaulted: true } }), declared, owner);
    assert.deepEqual(
      fields.map(({ path }) => formatPath(path)),
      ["spec.a"],
    );
  });

  it("of a list is printed as what was added and taken away, and as a whole where that says nothing", () => {
    const print = (declared: unknown, live: unknown) =>
      formatField({ path: ["rules"], declared, live, manager: "kubectl" }, false);
    assert.equal(print(["a", "b"], ["a", "c", "b"]), 'rules: added ["c"], by kubectl');
    assert.equal(print(["a", "b"], ["a", "c"]), 'rules: added ["c"], taken away ["b"], by kubectl');
    assert.equal(print([{ a: 1 }], [{ a: 2 }]), 'rules: declared [{"a":1}], live [{"a":2}], by kubectl');
    assert.equal(print(["a", "b"], ["b", "a"]), 'rules: declared ["a","b"], live ["b","a"], by kubectl');
    assert.equal(print([], ["a"]), 'rules: declared [], live ["a"], by kubectl');
    assert.equal(
      formatField({ path: ["x"], declared: ["a", "b"], live: ["a"], manager: "" }, true),
      "x: declared (secret), live (secret)",
    );
  });

  it("is printed without the value of any Secret", () => {
    const object: ApiObject = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "client", namespace: "tenant-hr" },
    };
    const fields = [{ path: ["data", "KEY"], declared: "b2xk", live: "bmV3", manager: "kubectl-edit" }];
    assert.equal(
      formatDrift([{ object, fieldManager: owner, fields, isGone: false }]),
      "Secret tenant-hr/client\n  data.KEY: declared (secret), live (secret), by kubectl-edit",
    );
  });
});

describe("what a stack's state declares", () => {
  const sign = "4dabf18193072939515e22adb298388d";
  const secret = { [sign]: "1b47061264138c4ac30d75fd1eb44270", plaintext: '"a2V5"' };
  const resource = (more: object) => ({
    type: "kubernetes:core/v1:Secret",
    custom: true,
    inputs: { apiVersion: "v1", kind: "Secret", metadata: { name: "client" }, data: { KEY: secret } },
    outputs: { __fieldManager: owner },
    ...more,
  });
  const exported = (...resources: object[]) => JSON.stringify({ deployment: { resources } });

  it("is each managed object with its secrets in plain text, and the cluster that they are in", () => {
    const stack = { type: "pulumi:pulumi:Stack", custom: false, outputs: { clusterIdentity: "uid" } };
    const provider = { type: "pulumi:providers:kubernetes", custom: true, inputs: { context: "eu" } };
    const read = declaredObjects(exported(stack, provider, resource({})));
    assert.deepEqual([read.clusterIdentity, read.context, read.objects.length], ["uid", "eu", 1]);
    assert.deepEqual(read.objects[0], {
      fieldManager: owner,
      object: { apiVersion: "v1", kind: "Secret", metadata: { name: "client" }, data: { KEY: "a2V5" } },
    });
  });

  it("leaves out what is read only and what is about to be deleted", () => {
    assert.deepEqual(declaredObjects(exported(resource({ external: true }), resource({ delete: true }))).objects, []);
  });

  it("is not read from an export with encrypted values", () => {
    const encrypted = { [sign]: secret[sign], ciphertext: "x" };
    const inputs = { apiVersion: "v1", kind: "Secret", metadata: { name: "client" }, data: { KEY: encrypted } };
    assert.throws(() => declaredObjects(exported(resource({ inputs }))), /export it with --show-secrets/);
  });
});
