import assert from "node:assert/strict";
import type { NetworkPolicySpec } from "../../../../../policy-pack/model/kubernetes";
import { UNKNOWN } from "../../../../../policy-pack/model/kubernetes";
import { ReachabilityRefusal } from "../../../../../policy-pack/analysis/reachability/network";
import { canReach, namedRange } from "../../../../../policy-pack/analysis/reachability/reachability";
import { ask, network, pod, pods } from "./network-builder";

const allowed = (policies: Record<string, NetworkPolicySpec>, from: string, to: string, port = 8080): boolean =>
  ask(network(policies), from, to, port).allowed;

describe("NetworkPolicy semantics", () => {
  it("leaves pods open that no policy selects", () => {
    assert.equal(allowed({}, "tenant-a/web", "tenant-b/web"), true);
  });

  describe("directions", () => {
    it("isolates ingress but not egress with an empty spec", () => {
      const policies = { "tenant-a/p": { podSelector: {} } };
      assert.equal(allowed(policies, "tenant-b/web", "tenant-a/web"), false);
      assert.equal(allowed(policies, "tenant-a/web", "tenant-b/web"), true);
    });

    it("governs egress by default only when there is an egress rule", () => {
      assert.equal(allowed({ "tenant-a/p": { podSelector: {}, egress: [] } }, "tenant-a/web", "tenant-b/web"), true);
      const policies = { "tenant-a/p": { podSelector: {}, egress: [{ to: [{ podSelector: {} }] }] } };
      assert.equal(allowed(policies, "tenant-a/web", "tenant-b/web"), false);
      assert.equal(allowed(policies, "tenant-b/web", "tenant-a/web"), false);
    });

    it("treats an empty policyTypes like an absent one", () => {
      const policies = { "tenant-a/p": { podSelector: {}, policyTypes: [], egress: [] } };
      assert.equal(allowed(policies, "tenant-a/web", "tenant-b/web"), true);
      assert.equal(allowed(policies, "tenant-b/web", "tenant-a/web"), false);
    });

    it("ignores rules of a direction that policyTypes leaves out", () => {
      const policies = { "tenant-a/p": { podSelector: {}, policyTypes: ["Egress"], ingress: [], egress: [{}] } };
      assert.equal(allowed(policies, "tenant-b/web", "tenant-a/web"), true);
      assert.equal(allowed(policies, "tenant-a/web", "tenant-b/web"), true);
      const closed = { "tenant-a/p": { podSelector: {}, policyTypes: ["Ingress"], egress: [{}] } };
      assert.equal(allowed(closed, "tenant-b/web", "tenant-a/web"), false);
    });

    it("needs both ends to agree", () => {
      const egress = { "tenant-a/p": { podSelector: {}, policyTypes: ["Egress"], egress: [{}] } };
      const deny = { "tenant-b/p": { podSelector: {}, policyTypes: ["Ingress"] } };
      assert.equal(allowed({ ...egress, ...deny }, "tenant-a/web", "tenant-b/web"), false);
    });
  });

  describe("peers", () => {
    const ingress = (rule: NonNullable<NetworkPolicySpec["ingress"]>[number]): Record<string, NetworkPolicySpec> => ({
      "tenant-b/p": { podSelector: {}, policyTypes: ["Ingress"], ingress: [rule] },
    });

    it("admits everybody when from is absent, empty or null", () => {
      for (const rule of [{}, { from: [] }, { from: null as never }])
        assert.equal(allowed(ingress(rule), "tenant-a/web", "tenant-b/web"), true);
    });

    it("admits nobody without a rule", () => {
      const none = { "tenant-b/p": { podSelector: {}, policyTypes: ["Ingress"], ingress: [] } };
      assert.equal(allowed(none, "tenant-a/web", "tenant-b/web"), false);
    });

    it("looks for a podSelector in the policy's own namespace", () => {
      const policies = ingress({ from: [{ podSelector: {} }] });
      assert.equal(allowed(policies, "tenant-a/web", "tenant-b/web"), false);
      const net = network(policies, { pods: [...pods, pod("tenant-b/cron")] });
      assert.equal(ask(net, "tenant-b/cron", "tenant-b/web").allowed, true);
    });

    it("takes every pod of the namespaces with a namespaceSelector alone", () => {
      const policies = ingress({ from: [{ namespaceSelector: { matchLabels: { team: "a" } } }] });
      assert.equal(allowed(policies, "tenant-a/db", "tenant-b/web"), true);
      assert.equal(allowed(policies, "platform/door", "tenant-b/web"), false);
      assert.equal(allowed(ingress({ from: [{ namespaceSelector: {} }] }), "platform/door", "tenant-b/web"), true);
    });

    it("wants both selectors of one peer, but either of two peers", () => {
      const team = { namespaceSelector: { matchLabels: { team: "a" } } };
      const app = { podSelector: { matchLabels: { app: "web" } } };
      assert.equal(allowed(ingress({ from: [{ ...team, ...app }] }), "tenant-a/web", "tenant-b/web"), true);
      assert.equal(allowed(ingress({ from: [{ ...team, ...app }] }), "tenant-a/db", "tenant-b/web"), false);
      assert.equal(allowed(ingress({ from: [team, app] }), "tenant-a/db", "tenant-b/web"), true);
    });

    it("knows the name label that the API server sets, and no object can forge", () => {
      const named = (name: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });
      const forged = { name: "evil", labels: { "kubernetes.io/metadata.name": "tenant-a" } };
      const policies = ingress({ from: [named("tenant-a")] });
      assert.equal(allowed(policies, "tenant-a/web", "tenant-b/web"), true);
      const net = network(policies, {
        namespaces: [...["tenant-a", "tenant-b", "platform"].map((name) => ({ name, labels: {} })), forged],
        pods: [...pods, pod("evil/x")],
      });
      assert.equal(ask(net, "evil/x", "tenant-b/web").allowed, false);
    });
  });

  describe("matchExpressions", () => {
    const cases: [string, { operator: string; values?: string[] }, string | undefined, boolean][] = [
      ["In with the value", { operator: "In", values: ["x", "y"] }, "y", true],
      ["In with another value", { operator: "In", values: ["x"] }, "z", false],
      ["In without the label", { operator: "In", values: ["x"] }, undefined, false],
      ["NotIn with the value", { operator: "NotIn", values: ["x"] }, "x", false],
      ["NotIn with another value", { operator: "NotIn", values: ["x"] }, "y", true],
      ["NotIn without the label", { operator: "NotIn", values: ["x"] }, undefined, true],
      ["Exists with the label", { operator: "Exists" }, "", true],
      ["Exists without the label", { operator: "Exists" }, undefined, false],
      ["DoesNotExist with the label", { operator: "DoesNotExist" }, "x", false],
      ["DoesNotExist without the label", { operator: "DoesNotExist" }, undefined, true],
    ];
    for (const [title, expression, value, selected] of cases) {
      it(`${title} ${selected ? "selects" : "does not select"}`, () => {
        const labels: Record<string, string> = value === undefined ? {} : { tier: value };
        const podSelector = { matchExpressions: [{ key: "tier", ...expression }] };
        const net = network(
          { "tenant-b/p": { podSelector } },
          { pods: [pod("tenant-a/x"), pod("tenant-b/y", { labels })] },
        );
        assert.equal(ask(net, "tenant-a/x", "tenant-b/y").allowed, !selected);
      });
    }

    it("combines labels and expressions with and", () => {
      const podSelector = {
        matchLabels: { app: "web" },
        matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }],
      };
      assert.equal(allowed({ "tenant-b/p": { podSelector } }, "tenant-a/web", "tenant-b/web"), true);
    });
  });

  it("adds policies up: one that allows is enough", () => {
    const deny: NetworkPolicySpec = { podSelector: {}, policyTypes: ["Ingress"] };
    const allow: NetworkPolicySpec = { podSelector: { matchLabels: { app: "web" } }, ingress: [{}] };
    assert.equal(allowed({ "tenant-b/deny": deny, "tenant-b/allow": allow }, "tenant-a/web", "tenant-b/web"), true);
  });

  it("does not govern pods in their node's network, at either end", () => {
    const deny: NetworkPolicySpec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
    const net = network(
      { "tenant-a/deny": deny, "tenant-b/deny": deny },
      { pods: [...pods, pod("tenant-a/host", { hostNetwork: true })] },
    );
    assert.equal(ask(net, "tenant-a/host", "tenant-b/web").allowed, true);
    assert.equal(ask(net, "tenant-b/web", "tenant-a/host").allowed, true);
    assert.match(ask(net, "tenant-a/host", "tenant-b/web").explanation, /do not govern pods with hostNetwork/);
  });

  it("lets a pod reach itself through any policy", () => {
    const deny: NetworkPolicySpec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
    assert.equal(allowed({ "tenant-a/deny": deny }, "tenant-a/web", "tenant-a/web"), true);
    assert.equal(allowed({ "tenant-a/deny": deny }, "tenant-a/web", "tenant-a/db"), false);
  });

  it("names the policies that allow, those that deny, or their absence", () => {
    const egress: NetworkPolicySpec = {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ ports: [{ port: 9 }] }, { to: [] }],
    };
    const open = ask(network({ "tenant-a/out": egress }), "tenant-a/web", "tenant-b/web").explanation;
    assert.equal(
      open,
      "tenant-a/web can open TCP 8080 on tenant-b/web: egress is allowed by NetworkPolicy tenant-a/out egress[1]; " +
        "ingress is allowed because no NetworkPolicy selects the pod for ingress",
    );
    const closed = ask(network({ "tenant-b/deny": { podSelector: {} } }), "tenant-a/web", "tenant-b/web").explanation;
    assert.match(closed, /cannot open .* ingress is denied: NetworkPolicy tenant-b\/deny isolates the pod/);
  });

  describe("input that cannot be trusted", () => {
    const refusal = (spec: unknown): string => {
      try {
        network({ "tenant-a/p": spec as NetworkPolicySpec });
      } catch (error) {
        assert.ok(error instanceof ReachabilityRefusal);
        return error.message;
      }
      return assert.fail("the input was accepted");
    };

    const faults: [string, unknown, RegExp][] = [
      ["an unknown spec", UNKNOWN, /spec is "\[unknown until deployed\]", which is no object/],
      ["an unknown selector", { podSelector: UNKNOWN }, /spec\.podSelector/],
      ["an unknown label", { podSelector: { matchLabels: { app: UNKNOWN } } }, /matchLabels\["app"\]/],
      ["unknown rules", { podSelector: {}, ingress: UNKNOWN }, /spec\.ingress is .* no list/],
      ["an empty peer", { podSelector: {}, ingress: [{ from: [{}] }] }, /ingress\[0\]\.from\[0\] names nobody/],
      [
        "an ipBlock with a selector",
        { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" }, podSelector: {} }] }] },
        /ipBlock beside selectors/,
      ],
      ["a bad CIDR", { egress: [{ to: [{ ipBlock: { cidr: "10.0.0/8" } }] }] }, /egress\[0\]\.to\[0\]\.ipBlock\.cidr/],
      [
        "an exception outside",
        { egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/9"] } }] }] },
        /except\[0\]/,
      ],
      ["a port 0", { ingress: [{ ports: [{ port: 0 }] }] }, /ports\[0\]\.port is 0, which is no port/],
      ["an endPort below the port", { ingress: [{ ports: [{ port: 90, endPort: 80 }] }] }, /endPort/],
      ["an endPort with a name", { ingress: [{ ports: [{ port: "http", endPort: 80 }] }] }, /endPort/],
      ["an endPort alone", { ingress: [{ ports: [{ endPort: 80 }] }] }, /endPort/],
      ["a foreign protocol", { ingress: [{ ports: [{ protocol: "ICMP" }] }] }, /protocol is "ICMP"/],
      ["a foreign policy type", { podSelector: {}, policyTypes: ["ingress"] }, /policyTypes contains "ingress"/],
      ["a misspelt field", { podSelector: {}, ingres: [] }, /spec\.ingres is not a field/],
      ["a misspelt peer", { ingress: [{ from: [{ podSelectors: {} }] }] }, /podSelectors is not a field/],
      [
        "In without values",
        { podSelector: { matchExpressions: [{ key: "a", operator: "In", values: [] }] } },
        /In needs a value/,
      ],
      [
        "Exists with values",
        { podSelector: { matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] } },
        /no values/,
      ],
      [
        "an unknown operator",
        { podSelector: { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] } },
        /operator/,
      ],
    ];
    for (const [title, spec, pattern] of faults) it(`refuses ${title}`, () => assert.match(refusal(spec), pattern));

    it("lists every fault at once", () => {
      const message = refusal({ policyTypes: ["x"], ingress: [{ ports: [{ port: 0 }] }, { from: [{}] }] });
      assert.equal(message.split("\n").length, 4);
    });

    it("refuses pods of unlisted namespaces and reasons given by the caller", () => {
      assert.throws(() => network({}, { pods: [pod("nowhere/x")] }), /is nowhere, which is not known/);
      assert.throws(
        () => network({}, { refusals: [{ field: "kind", problem: "hides policies", fix: "Remove it." }] }),
        /kind hides policies/,
      );
    });
  });

  it("keeps ranges outside the cluster away from selectors", () => {
    const policies = {
      "tenant-a/p": { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ namespaceSelector: {} }] }] },
    };
    const outside = namedRange("example", ["203.0.113.7/32"]);
    assert.equal(canReach(network(policies), "tenant-a/web", outside, 443, "TCP").allowed, false);
  });
});
