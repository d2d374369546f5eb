import assert from "node:assert/strict";
import type { V1Namespace, V1NamespaceCondition } from "@kubernetes/client-node";
import { blockedDeletions, heldObjects } from "../../../tools/local/blocked";

const second = 1000;
const condition = (type: string, message: string, status = "True"): V1NamespaceCondition => ({ type, message, status });

function namespace(deletedAt: number | undefined, ...conditions: V1NamespaceCondition[]): V1Namespace {
  const deletionTimestamp = deletedAt === undefined ? undefined : new Date(deletedAt);
  return { metadata: { name: "tenant-hr", deletionTimestamp }, status: { conditions } };
}

describe("a namespace that is not deleted in time", () => {
  const finalizers = condition("NamespaceFinalizersRemaining", "finalizers remaining: example.com/hold in 1 instances");
  const said = (one: V1Namespace) => blockedDeletions([one], 20 * second, 5 * second);

  it("is told with what it waits for, as the cluster says it", () => {
    assert.deepEqual(
      said(namespace(10 * second, finalizers, condition("NamespaceDeletionDiscoveryFailure", "no", "False"))),
      ["namespace tenant-hr is not deleted yet: finalizers remaining: example.com/hold in 1 instances"],
    );
  });

  it("is not told while it may still be on its way, nor when it waits for nothing, nor when it stays", () => {
    assert.deepEqual(said(namespace(16 * second, finalizers)), []);
    assert.deepEqual(said(namespace(10 * second, { ...finalizers, status: "False" })), []);
    assert.deepEqual(said(namespace(undefined, finalizers)), []);
  });
});

describe("an object that goes before its namespace and is not deleted in time", () => {
  const said = (finalizers: string[], deletedAt: number | undefined) => {
    const deletionTimestamp = deletedAt === undefined ? undefined : new Date(deletedAt);
    const metadata = { name: "models", namespace: "tenant-hr", finalizers, deletionTimestamp };
    return heldObjects([{ kind: "PersistentVolumeClaim", metadata }], 20 * second, 5 * second);
  };

  it("is told with the finalizers that hold it", () => {
    assert.deepEqual(said(["kubernetes.io/pvc-protection", "example.com/hold"], 10 * second), [
      "PersistentVolumeClaim tenant-hr/models is not deleted yet: finalizers remaining: kubernetes.io/pvc-protection, example.com/hold",
    ]);
  });

  it("is not told while it may still be on its way, nor while its own pods end, nor when it stays", () => {
    assert.deepEqual(said(["example.com/hold"], 16 * second), []);
    assert.deepEqual(said(["foregroundDeletion"], 10 * second), []);
    assert.deepEqual(said(["example.com/hold"], undefined), []);
  });
});
