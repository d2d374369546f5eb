/** Random small networks: few labels, namespaces and ports, so that policies often meet the pods they mean. */
import fc from "fast-check";
import type { NetworkPolicySpec } from "../../../../../policy-pack/model/kubernetes";
import type {
  NetworkInput,
  NetworkPod,
  NetworkPolicySource,
  Protocol,
} from "../../../../../policy-pack/analysis/reachability/network";

const namespaceNames = ["a", "b", "c"];

/** Labels of pods and namespaces. */
export const labels = fc.dictionary(fc.constantFrom("app", "tier"), fc.constantFrom("x", "y"), { maxKeys: 2 });

const values = fc.uniqueArray(fc.constantFrom("x", "y", "z"), { minLength: 1, maxLength: 2 });

const expression = fc.oneof(
  fc.record({ key: fc.constantFrom("app", "tier"), operator: fc.constantFrom("In", "NotIn"), values }),
  fc.record({ key: fc.constantFrom("app", "tier"), operator: fc.constantFrom("Exists", "DoesNotExist") }),
);

/** Selectors of pods; `matchLabels` and `matchExpressions` may be absent, empty or both given. */
export const selector = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 5,
    arbitrary: fc.record(
      { matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 2 }) },
      { requiredKeys: [] },
    ),
  },
);

const namespaceSelector = fc.oneof(
  { weight: 3, arbitrary: selector },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...namespaceNames, "nowhere")
      .map((name) => ({ matchLabels: { "kubernetes.io/metadata.name": name } })),
  },
);

/** Blocks around the addresses that pods and outside ends have below, exceptions strictly inside. */
const ipBlock = fc.constantFrom(
  { cidr: "10.244.0.0/16" },
  { cidr: "10.244.1.0/24", except: ["10.244.1.0/28"] },
  { cidr: "10.244.1.2/32" },
  { cidr: "0.0.0.0/0", except: ["10.244.0.0/17", "203.0.113.0/25"] },
  { cidr: "203.0.113.0/24", except: ["203.0.113.128/26"] },
  { cidr: "0.0.0.0/0" },
  { cidr: "2001:db8::/32", except: ["2001:db8:1::/48"] },
);

const peer = fc.oneof(
  { weight: 4, arbitrary: fc.record({ podSelector: selector }) },
  { weight: 4, arbitrary: fc.record({ namespaceSelector }) },
  { weight: 4, arbitrary: fc.record({ podSelector: selector, namespaceSelector }) },
  { weight: 3, arbitrary: fc.record({ ipBlock }) },
);

const protocol = fc.constantFrom<Protocol>("TCP", "UDP", "SCTP");

const port = fc.oneof(
  fc.record({ port: fc.constantFrom<number | string>(80, 81, 443, "http", "dns"), protocol }, { requiredKeys: [] }),
  fc.record(
    { port: fc.constantFrom(79, 80), endPort: fc.constantFrom(80, 81, 500), protocol },
    { requiredKeys: ["port", "endPort"] },
  ),
);

const peers = fc.option(fc.array(peer, { maxLength: 3 }), { nil: undefined });
const ports = fc.option(fc.array(port, { maxLength: 3 }), { nil: undefined });

/** NetworkPolicy specs that the API server accepts. */
export const policySpec: fc.Arbitrary<NetworkPolicySpec> = fc
  .record(
    {
      podSelector: selector,
      policyTypes: fc.uniqueArray(fc.constantFrom("Ingress", "Egress"), { maxLength: 2 }),
      ingress: fc.array(fc.record({ from: peers, ports }, { requiredKeys: [] }), { maxLength: 2 }),
      egress: fc.array(fc.record({ to: peers, ports }, { requiredKeys: [] }), { maxLength: 2 }),
    },
    { requiredKeys: ["podSelector"] },
  )
  .map(withoutUndefined);

export const policies: fc.Arbitrary<NetworkPolicySource[]> = fc
  .array(fc.record({ namespace: fc.constantFrom(...namespaceNames), spec: policySpec }), { maxLength: 6 })
  .map((list) => list.map((policy, index) => ({ ...policy, name: `p${index}` })));

const containerPorts = fc.constantFrom<NetworkPod["ports"]>(
  [{ name: "http", port: 80 }],
  [
    { name: "http", port: 81 },
    { name: "dns", port: 80, protocol: "UDP" },
  ],
  [{ name: "dns", port: 443, protocol: "SCTP" }],
  [{ port: 443 }],
);

/** Pods with fixed addresses, so that ipBlocks have one answer. */
const pods: fc.Arbitrary<NetworkPod[]> = fc
  .array(fc.record({ namespace: fc.constantFrom(...namespaceNames), labels, ports: containerPorts }), {
    minLength: 2,
    maxLength: 6,
  })
  .map((list) =>
    list.map((pod, index) => ({
      ...pod,
      id: `${pod.namespace}/pod${index}`,
      addresses: [`10.244.${index % 2}.${index}`],
    })),
  );

/** A whole network whose every question has one answer: addresses are fixed, and no block covers the nodes. */
export const networkInput: fc.Arbitrary<NetworkInput> = fc
  .record({ pods, policies, namespaceLabels: fc.tuple(labels, labels, labels) })
  .map(({ pods, policies, namespaceLabels }) => ({
    namespaces: namespaceNames.map((name, index) => ({ name, labels: namespaceLabels[index] ?? {}, tenant: name })),
    pods,
    policies,
    ranges: { pods: ["10.244.0.0/16"], services: ["10.96.0.0/16"], nodes: ["fd00:1::/64"] },
  }));

/** Single addresses outside the cluster that the blocks above tell apart. */
export const outsideAddresses = [
  "203.0.113.1",
  "203.0.113.130",
  "203.0.113.200",
  "192.0.2.1",
  "2001:db8::1",
  "2001:db8:1::1",
];

/** Ports that the policies above tell apart. */
export const probes = (["TCP", "UDP", "SCTP"] as const).flatMap((protocol) =>
  [79, 80, 81, 82, 443, 501].map((port) => ({ protocol, port })),
);

/** Absent fields are really absent, as in an object read from YAML. */
function withoutUndefined(value: unknown): NetworkPolicySpec {
  return JSON.parse(JSON.stringify(value)) as NetworkPolicySpec;
}
