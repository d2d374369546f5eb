import { strict as assert } from "node:assert";
import type { ApiObject } from "../../../../verifier/drift/api";
import { ObjectApi } from "../../../../verifier/drift/api";
import { findDrift } from "../../../../verifier/drift/drift";
import { formatDrift } from "../../../../verifier/drift/print";
import { fakeApi, ok } from "../fake-api";

const fieldManager = "pulumi-kubernetes-1";
const revision = "deployment.kubernetes.io/revision";

const declared: ApiObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "ollama", namespace: "tenant-hr" },
  spec: { replicas: 1 },
};

/** The Deployment as it is after so many writes of its controller; the first gives it a revision. */
const after = (writes: number, uid = "1"): ApiObject => ({
  ...declared,
  metadata: {
    ...declared.metadata,
    uid,
    resourceVersion: `${writes}`,
    ...(writes > 0 && { annotations: { [revision]: `${writes}` } }),
    managedFields: [{ manager: fieldManager, operation: "Apply", fieldsV1: { "f:spec": { "f:replicas": {} } } }],
  },
});

/** A cluster whose object is another one for each request, in this order; the last one stays. */
const cluster = (...states: ApiObject[]) =>
  fakeApi(({ path }) => {
    if (path === "/apis/apps/v1")
      return ok({ resources: [{ name: "deployments", kind: "Deployment", namespaced: true }] });
    return ok(states.length > 1 ? states.shift() : states[0]);
  });

const drift = async (...states: ApiObject[]) =>
  formatDrift(await findDrift(new ObjectApi(cluster(...states)), [{ object: declared, fieldManager }]));

describe("drift of an object that a controller works on meanwhile", () => {
  it("is none when the controller writes between a look at the object and the comparison", async () => {
    assert.equal(await drift(after(0), after(1)), "");
    assert.equal(await drift(after(0), after(1), after(2), after(3)), "");
  });

  it("is none when the object was recreated between the two", async () => {
    assert.equal(await drift(after(1), after(1, "2")), "");
  });

  it("is told when it stays (control)", async () => {
    const scaled = { ...after(1), spec: { replicas: 0 } };
    assert.match(await drift(scaled, after(1), scaled, after(1)), /spec\.replicas: declared 1, live 0/);
  });
});
