import { strict as assert } from "node:assert";
import { isGoneAfterDeletion } from "../../../../tools/drift/deletion";
import { type ApiObject, ObjectApi } from "../../../../verifier/drift/api";
import { fakeApi, ok, refused } from "../../verifier/fake-api";

const claim: ApiObject = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "models", namespace: "tenant-hr" },
};
const lives = (uid: string, more: object = {}): ApiObject => ({
  ...claim,
  metadata: { ...claim.metadata, uid, ...more },
});
const going = (uid: string) =>
  lives(uid, { deletionTimestamp: "2030-01-01T00:00:00Z", finalizers: ["example.com/hold"] });

/** A cluster that answers with one state after the other; the last one stays. */
const cluster = (...states: (ApiObject | undefined)[]) =>
  new ObjectApi(
    fakeApi(({ path }) => {
      if (path === "/api/v1")
        return ok({ resources: [{ name: "persistentvolumeclaims", kind: "PersistentVolumeClaim", namespaced: true }] });
      const state = states.length > 1 ? states.shift() : states[0];
      return state === undefined ? refused(404, "not found") : ok(state);
    }),
  );

describe("the deletion of an object", () => {
  it("is waited for, and that is said once", async () => {
    let told = 0;
    assert.equal(await isGoneAfterDeletion(cluster(going("1"), going("1"), undefined), claim, 60, () => told++), true);
    assert.equal(told, 1);
  });

  it("has come to its end when another object has the name", async () => {
    assert.equal(await isGoneAfterDeletion(cluster(going("1"), lives("2")), claim, 60), true);
  });

  it("is not waited for when there is none, or nobody has begun it", async () => {
    const told = () => assert.fail("nothing is waited for");
    assert.equal(await isGoneAfterDeletion(cluster(undefined), claim, 60, told), true);
    assert.equal(await isGoneAfterDeletion(cluster(lives("1")), claim, 60, told), false);
  });

  it("that does not end in time is an error that names the finalizers", async () => {
    await assert.rejects(
      isGoneAfterDeletion(cluster(going("1")), claim, 0),
      /PersistentVolumeClaim models is not deleted after 0 s; its finalizers: example\.com\/hold/,
    );
  });
});
