import assert from "node:assert/strict";
import fc from "fast-check";
import type {
  NetworkInput,
  NetworkPod,
  NetworkPolicySource,
} from "../../../../../policy-pack/analysis/reachability/network";
import { matrix } from "../../../../../policy-pack/analysis/reachability/matrix";
import { crossTenantPaths } from "../../../../../policy-pack/analysis/reachability/paths";
import { hasPort } from "../../../../../policy-pack/analysis/reachability/ports";
import { buildNetwork, canReach, namedRange } from "../../../../../policy-pack/analysis/reachability/reachability";
import { networkInput, outsideAddresses, policySpec, probes } from "./generators";
import { oracleAllows } from "./oracle";

/** The open questions of a network, as `from to protocol/port`. */
function openPaths(input: NetworkInput): Set<string> {
  const open = new Set<string>();
  for (const row of matrix(buildNetwork(input), { ports: probes })) {
    if (row.allowed) open.add(`${String(row.from)} ${String(row.to)} ${row.protocol}/${row.port}`);
  }
  return open;
}

const isSubset = (inner: Set<string>, outer: Set<string>): boolean => [...inner].every((item) => outer.has(item));

describe("reachability, on random networks", () => {
  it("agrees with the plainest reading, pair by pair and port by port", () => {
    fc.assert(
      fc.property(networkInput, (input) => {
        const net = buildNetwork(input);
        const ranges = outsideAddresses.map((address) => namedRange(address, [address]));
        const byId = new Map<unknown, NetworkPod>(input.pods.map((pod) => [pod.id, pod]));
        const ids = input.pods.map((pod) => pod.id);
        for (const row of matrix(net, { from: [...ids, ...ranges], to: [...ids, ...ranges], ports: probes })) {
          const end = (e: typeof row.from) => byId.get(e) ?? (e as { name: string }).name;
          assert.equal(
            row.allowed,
            oracleAllows(input, end(row.from), end(row.to), row.port, row.protocol),
            row.explanation,
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it("finds the same paths by class as pair by pair", () => {
    fc.assert(
      fc.property(networkInput, (input) => {
        const net = buildNetwork(input);
        const ranges = outsideAddresses.map((address) => namedRange(address, [address]));
        const { paths, total, omitted } = crossTenantPaths(net, { ranges, includeSameTenant: true });
        assert.equal(omitted, 0);
        assert.equal(paths.length, total);
        const found = new Set<string>();
        for (const path of paths)
          for (const from of path.from)
            for (const to of path.to)
              for (const { protocol, port } of probes)
                if (from !== to && hasPort(path.ports, protocol, port)) found.add(`${from} ${to} ${protocol}/${port}`);
        const asked = openPaths(input);
        for (const { protocol, port } of probes)
          for (const pod of input.pods)
            for (const range of ranges) {
              if (canReach(net, pod.id, range, port, protocol).allowed)
                asked.add(`${pod.id} ${range.name} ${protocol}/${port}`);
              if (canReach(net, range, pod.id, port, protocol).allowed)
                asked.add(`${range.name} ${pod.id} ${protocol}/${port}`);
            }
        assert.deepEqual([...found].sort(), [...asked].sort());
      }),
      { numRuns: 50 },
    );
  });

  it("never loses a path by a further rule, nor gains one by a policy without rules", () => {
    fc.assert(
      fc.property(networkInput, policySpec, fc.constantFrom("a", "b", "c"), (input, spec, namespace) => {
        const isolating: NetworkPolicySource = {
          namespace,
          name: "more",
          spec: { podSelector: spec.podSelector, policyTypes: ["Ingress", "Egress"] },
        };
        const isolated = { ...input, policies: [...input.policies, isolating] };
        assert.ok(isSubset(openPaths(isolated), openPaths(input)), "isolation opened a path");
        const allowing = { ...isolating, spec: { ...isolating.spec, ingress: spec.ingress, egress: spec.egress } };
        const allowed = { ...input, policies: [...input.policies, allowing] };
        assert.ok(isSubset(openPaths(isolated), openPaths(allowed)), "a rule closed a path");
      }),
      { numRuns: 40 },
    );
  });

  it("opens nothing when every namespace denies by default and no policy has a rule", () => {
    fc.assert(
      fc.property(networkInput, (input) => {
        const policies = input.namespaces.map(({ name }) => ({
          namespace: name,
          name: "default-deny",
          spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
        }));
        assert.deepEqual(openPaths({ ...input, policies }), new Set());
      }),
      { numRuns: 30 },
    );
  });

  it("only ever admits more when a label's value is left open", () => {
    fc.assert(
      fc.property(networkInput, (input) => {
        const opened = { ...input, pods: input.pods.map((pod) => ({ ...pod, openLabels: ["app"] })) };
        assert.ok(isSubset(openPaths(input), openPaths(opened)));
      }),
      { numRuns: 40 },
    );
  });

  it("gives a pod that someone could create every path that a declared pod of the namespace has", () => {
    fc.assert(
      fc.property(networkInput, (input) => {
        const any: NetworkPod[] = input.namespaces.map(({ name }) => ({
          id: `${name}/any`,
          namespace: name,
          labels: {},
          ports: [],
          arbitrary: true,
        }));
        const open = openPaths({ ...input, pods: [...input.pods, ...any] });
        for (const path of openPaths(input)) {
          const [from = "", to = "", port = ""] = path.split(" ");
          const generic = (id: string) => `${id.split("/")[0]}/any`;
          assert.ok(open.has(`${generic(from)} ${to} ${port}`), path);
          assert.ok(open.has(`${from} ${generic(to)} ${port}`), path);
        }
      }),
      { numRuns: 40 },
    );
  });
});
