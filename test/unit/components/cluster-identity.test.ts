import { strict as assert } from "node:assert";
import { type ClusterKnowledge, identifyCluster } from "../../../components/cluster-identity";
import { DeclarationError } from "../../../components/spec/fault";

const place = "context eu, https://10.0.0.1:6443";
const identify = (known: Partial<ClusterKnowledge>) =>
  identifyCluster({ stack: "prod", asked: { place, identity: "a" }, isPreview: false, ...known });

/** Message of the refusal. */
function refusal(known: Partial<ClusterKnowledge>): string {
  try {
    identify(known);
  } catch (error) {
    assert.ok(error instanceof DeclarationError);
    return error.message;
  }
  return assert.fail("not refused");
}

describe("the identity of a stack's cluster", () => {
  it("is what the cluster says, before the stack's first update and ever after", () => {
    assert.equal(identify({}), "a");
    assert.equal(identify({ remembered: "a" }), "a");
    assert.equal(identify({ remembered: "a", pinned: "a" }), "a");
  });

  it("of another cluster is refused, with both identities and the ways to go on, in a preview too", () => {
    for (const isPreview of [true, false]) {
      const message = refusal({ remembered: "b", isPreview });
      assert.ok(message.includes(place), message);
      assert.match(message, /value: +cluster a\n/);
      assert.match(message, /the objects of stack prod are in cluster b/);
      assert.match(message, /point KUBECONFIG or `kubernetes:context` at it/);
      assert.match(message, /pulumi config set kubernetes:clusterIdentifier a`, then `pulumi up --refresh`/);
    }
  });

  it("that is pinned holds against the cluster and against what the stack remembers", () => {
    assert.match(refusal({ pinned: "b" }), /`kubernetes:clusterIdentifier` of stack prod names cluster b/);
    assert.match(refusal({ pinned: "b", remembered: "a" }), /names cluster b/);
    assert.equal(identify({ pinned: "a", remembered: "b" }), "a");
  });

  describe("of a cluster that does not answer", () => {
    const asked = { place, reason: "connect ECONNREFUSED" };

    it("is the one that is known in a preview, and unknown when none is", () => {
      assert.equal(identify({ asked, isPreview: true, remembered: "a" }), "a");
      assert.equal(identify({ asked, isPreview: true, remembered: "a", pinned: "b" }), "b");
      assert.equal(identify({ asked, isPreview: true }), undefined);
    });

    it("stops an update before it begins, unless the config pins it", () => {
      const message = refusal({ asked, remembered: "a" });
      assert.match(message, /the cluster is unreachable: connect ECONNREFUSED/);
      assert.match(message, /pulumi config set kubernetes:clusterIdentifier <UID of the namespace kube-system>/);
      assert.equal(identify({ asked, pinned: "b", remembered: "a" }), "b");
    });
  });
});
