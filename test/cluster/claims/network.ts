/** NetworkPolicies, Services and routes. */
import assert from "node:assert/strict";
import { type Claim, ELSEWHERE, IN_THE_NETWORK } from "./claim";
import { type Loose, object } from "./objects";

const policy = (namespace: string, spec: Loose): Loose =>
  object("networking.k8s.io/v1", "NetworkPolicy", namespace, "policy", { spec: { podSelector: {}, ...spec } });
const toBlock = (namespace: string, ipBlock: Loose, more: Loose = {}): Loose =>
  policy(namespace, { egress: [{ to: [{ ipBlock, ...more }] }] });
const service = (namespace: string, spec: Loose): Loose =>
  object("v1", "Service", namespace, "service", { spec: { ports: [{ port: 80 }], ...spec } });

export const networkClaims: Claim[] = [
  {
    of: "network/ip-blocks",
    says: "the API server refuses the policy",
    tried: async (server) => {
      const namespace = await server.namespace();
      const cidr = "203.0.113.0/24";
      for (const hole of [cidr, "203.0.0.0/16", "198.51.100.0/28", "203.0.113.7", "2001:db8::/64", "everything"])
        await server.refuses(toBlock(namespace, { cidr, except: [hole] }), /except/);
      await server.admits(toBlock(namespace, { cidr, except: ["203.0.113.0/28"] }));
    },
  },
  {
    of: "analysis/reachability/policies",
    says: "has an ipBlock beside selectors, which the API server refuses",
    tried: async (server) => {
      const namespace = await server.namespace();
      const block = { cidr: "203.0.113.0/24" };
      for (const selector of ["podSelector", "namespaceSelector"])
        await server.refuses(toBlock(namespace, block, { [selector]: {} }), /may not be specified when both|ipBlock/);
      await server.admits(toBlock(namespace, block));
    },
  },
  {
    of: "network/default-deny",
    says: "has no policy that isolates every pod for ${type}",
    tried: async (server) => {
      // Which directions a policy isolates where it does not say, and whom it selects where it names nobody.
      const namespace = await server.namespace();
      const stored = async (spec: Loose) => (await server.admits(policy(namespace, spec))).spec;
      assert.deepEqual((await stored({})).policyTypes, ["Ingress"]);
      assert.deepEqual((await stored({ egress: [{}] })).policyTypes, ["Ingress", "Egress"]);
      assert.deepEqual((await stored({ policyTypes: ["Egress"] })).policyTypes, ["Egress"]);
      for (const podSelector of [undefined, null, {}])
        assert.deepEqual((await stored({ podSelector })).podSelector, {});
    },
  },
  { of: "network/default-deny", says: "for pods that no other policy selects", untried: IN_THE_NETWORK },
  {
    of: "network/dns-allowed",
    says: "under default-deny no name resolves, and large answers need TCP",
    untried: IN_THE_NETWORK,
  },
  {
    of: "network/endpoints",
    says: "whoever writes its endpoints decides where calls go, other tenants' pods included",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(service(namespace, {}));
      const slice = (address: string): Loose =>
        object("discovery.k8s.io/v1", "EndpointSlice", namespace, "by-hand", {
          metadata: { labels: { "kubernetes.io/service-name": "service" } },
          addressType: "IPv4",
          endpoints: [{ addresses: [address] }],
          ports: [{ port: 80 }],
        });
      // Any pod's address, whosever it is; loopback and link-local addresses alone are refused.
      await server.admits(slice("10.244.99.99"));
      await server.refuses(slice("127.0.0.1"), /loopback/);
      await server.refuses(slice("169.254.169.254"), /link-local/);
    },
  },
  {
    of: "network/endpoints",
    says: "so an ingress controller would forward calls to pods of any tenant",
    untried: ELSEWHERE,
  },
  { of: "network/host-network-peers", says: "policies do not see the labels of such pods", untried: IN_THE_NETWORK },
  { of: "network/overriding-policies", says: "which wins over every tenant's default-deny", untried: IN_THE_NETWORK },
  { of: "network/open-rules", says: "which means everybody", untried: IN_THE_NETWORK },
  { of: "network/ports-named", says: "which means every port", untried: IN_THE_NETWORK },
  {
    of: "network/ip-blocks",
    says: "what comes in from elsewhere may arrive with a node's address",
    untried: IN_THE_NETWORK,
  },
  {
    of: "network/ip-blocks",
    says: "the nodes, their kubelets and the pods in their network may be among",
    untried: IN_THE_NETWORK,
  },
  {
    of: "network/ip-blocks",
    says: "the service network, the API server included",
    tried: async (server) => {
      const own = object("v1", "Service", "default", "kubernetes");
      const { spec } = await server.read(own);
      const other = await server.admits(service(await server.namespace(), {}));
      const network = (address: string) => address.split(".").slice(0, 2).join(".");
      assert.equal(network(spec.clusterIP), network(other.spec.clusterIP));
    },
  },
  { of: "network/external-ranges", says: "data could leave for the rest", untried: IN_THE_NETWORK },
  { of: "network/no-cross-tenant-peer", says: "another tenant's pods would be open", untried: IN_THE_NETWORK },
  {
    of: "network/selectors",
    says: "other labels can be put on a namespace by whoever may edit it",
    tried: async (server) => {
      const key = "kubernetes.io/metadata.name";
      const named = await server.namespace({ [key]: "tenant-finance" });
      const own = { apiVersion: "v1", kind: "Namespace", metadata: { name: named } };
      assert.equal((await server.read(own)).metadata.labels[key], named);
      for (const value of ["tenant-finance", null])
        await server.patch(own, { metadata: { labels: { [key]: value, other: "any-value" } } });
      const { labels } = (await server.read(own)).metadata;
      assert.deepEqual([labels[key], labels.other], [named, "any-value"]);
    },
  },
  {
    of: "network/selectors",
    says: "which is not set by the API server",
    tried: async (server) => {
      const named = await server.namespace({ team: "anything" });
      const { labels } = (await server.read({ apiVersion: "v1", kind: "Namespace", metadata: { name: named } }))
        .metadata;
      assert.deepEqual(Object.keys(labels).sort(), ["kubernetes.io/metadata.name", "team"]);
    },
  },
  {
    of: "network/service-types",
    says: "it would open a port on every node",
    tried: async (server) => {
      const namespace = await server.namespace();
      for (const type of ["NodePort", "LoadBalancer"])
        assert.ok((await server.admits(service(namespace, { type }))).spec.ports[0].nodePort > 0, type);
      assert.equal((await server.admits(service(namespace, {}))).spec.ports[0].nodePort, undefined);
    },
  },
  {
    of: "network/service-types",
    says: "with it a Service can take over traffic to an address that is not its own",
    tried: async (server) => {
      const namespace = await server.namespace();
      const { spec } = await server.admits(service(namespace, { externalIPs: ["203.0.113.7"] }));
      assert.deepEqual(spec.externalIPs, ["203.0.113.7"]);
    },
  },
  {
    of: "network/service-types",
    says: "it would lead callers to a name outside the tenant's policies",
    untried: IN_THE_NETWORK,
  },
  { of: "network/host-names", says: "one of them would get the other's calls", untried: ELSEWHERE },
  { of: "network/ingress-annotations", says: "controllers mirror calls, claim further hosts", untried: ELSEWHERE },
  { of: "network/ingress-tls", says: "keys would cross the network in plain text", untried: ELSEWHERE },
  { of: "network/listeners", says: "open addresses outside the cluster", untried: ELSEWHERE },
  { of: "network/route-paths", says: "controllers write it into their proxy's configuration", untried: ELSEWHERE },
  { of: "network/routes", says: "calls to this tenant would be forwarded", untried: ELSEWHERE },
];
