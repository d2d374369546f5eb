import { Protocol, type ClusterPeer, type PodPeer } from "../../spec/index";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "../kubernetes";
import { NAMESPACE_NAME_LABEL, serverSelector, tenantLabels } from "../labels";
import { LIMITS_NAMESPACE, TENANT_OBJECT } from "../../spec/names";
import { LIMITS_PORT, METRICS_PORT, SERVER_PORT } from "../ports";
import { LIMITS_SELECTOR } from "../shared-limits/names";
import { addressRange, DNS_PORT } from "../../spec/dns";
import type { Cluster } from "../../spec/cluster";
import type { Environment } from "../../spec/environment";
import type { Tenant } from "../../spec/tenant";

/**
 * Default-deny in both directions, then each exception as a policy of its own. An exception without peers has no
 * policy: an empty peer list would mean everybody. A suspended tenant has no exceptions at all.
 */
export function planNetworkPolicies(tenant: Tenant, environment: Environment): NetworkPolicy[] {
  const deny = denyAll(tenant);
  return tenant.suspended ? [deny] : [deny, ...exceptions(tenant, environment)];
}

/** Default-deny in both directions. */
export function denyAll(tenant: Tenant): NetworkPolicy {
  return networkPolicy(tenant, TENANT_OBJECT.defaultDeny, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
}

function exceptions(tenant: Tenant, { cluster, ingress }: Environment): NetworkPolicy[] {
  // Where the platform makes the routes, nobody else leads calls from outside to a tenant without hosts.
  const unserved = ingress !== undefined && tenant.ingress.hosts.length === 0;
  const clients = [...(unserved ? [] : cluster.ingressControllers), ...tenant.network.ingressFrom];
  const from = (peers: (PodPeer | ClusterPeer)[]) => peers.flatMap((peer) => sourcesOf(peer, cluster));
  return [
    networkPolicy(tenant, TENANT_OBJECT.allowDns, dnsEgress(cluster, {})),
    ...allowSameTenant(tenant),
    ...allowToServer(tenant, TENANT_OBJECT.allowClients, from(clients), SERVER_PORT),
    ...allowToServer(tenant, TENANT_OBJECT.allowMonitoring, from(cluster.monitoring), METRICS_PORT),
    ...allowWorkspace(tenant),
    ...allowSharedLimits(tenant),
    ...allowEgress(tenant),
  ];
}

/**
 * Lets pods ask for names. DNS answers over UDP, and over TCP when they are long. A cache on the node is reached by its
 * address, and the rest of link-local stays closed.
 *
 * @param podSelector The pods of the policy's namespace that may ask.
 */
export function dnsEgress({ dns }: Cluster, podSelector: NetworkPolicySpec["podSelector"]): NetworkPolicySpec {
  const ports = (number: number) => [Protocol.UDP, Protocol.TCP].map((protocol) => port(number, protocol));
  const caches = dns.nodeLocalAddresses.map((address) => ({ ipBlock: { cidr: addressRange(address) } }));
  return {
    podSelector,
    policyTypes: ["Egress"],
    egress: [
      { to: [podPeer(dns)], ports: ports(dns.port) },
      ...(caches.length === 0 ? [] : [{ to: caches, ports: ports(DNS_PORT) }]),
    ],
  };
}

/**
 * The tenant's own pods call its servers as all clients do: at the gateway, with a key. One policy a direction: there are
 * enforcers (kube-router) for which a policy with both lets its peers of one direction through in the other.
 */
function allowSameTenant(tenant: Tenant): NetworkPolicy[] {
  const ports = [gatewayPort()];
  const server = { matchLabels: serverSelector(tenant) };
  return [
    networkPolicy(tenant, TENANT_OBJECT.allowSameTenant, {
      podSelector: server,
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ podSelector: {} }], ports }],
    }),
    networkPolicy(tenant, TENANT_OBJECT.allowToServer, {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [{ podSelector: server }], ports }],
    }),
  ];
}

function allowToServer(tenant: Tenant, name: string, from: NetworkPolicyPeer[], portNumber: number): NetworkPolicy[] {
  if (from.length === 0) return [];
  return [
    networkPolicy(tenant, name, {
      podSelector: { matchLabels: serverSelector(tenant) },
      policyTypes: ["Ingress"],
      ingress: [{ from, ports: [port(portNumber, Protocol.TCP)] }],
    }),
  ];
}

/** The tenant's own programs, at the gateway: who may call is the gateway's to decide. */
function allowWorkspace(tenant: Tenant): NetworkPolicy[] {
  if (tenant.workspace === undefined) return [];
  const from = [
    {
      namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: tenant.workspace.namespace } },
      podSelector: {},
    },
  ];
  return [
    networkPolicy(tenant, TENANT_OBJECT.allowWorkspace, {
      podSelector: { matchLabels: serverSelector(tenant) },
      policyTypes: ["Ingress"],
      ingress: [{ from, ports: [gatewayPort()] }],
    }),
  ];
}

/** The service that counts for all replicas, for the servers' gateways alone. */
function allowSharedLimits(tenant: Tenant): NetworkPolicy[] {
  if (tenant.access.sharedLimits === undefined) return [];
  return [
    networkPolicy(tenant, TENANT_OBJECT.allowSharedLimits, {
      podSelector: { matchLabels: serverSelector(tenant) },
      policyTypes: ["Egress"],
      egress: [
        {
          to: [podPeer({ namespace: LIMITS_NAMESPACE, podLabels: LIMITS_SELECTOR })],
          ports: [port(LIMITS_PORT, Protocol.TCP)],
        },
      ],
    }),
  ];
}

/** Destinations outside the cluster. */
export function allowEgress(tenant: Tenant): NetworkPolicy[] {
  const { egressTo } = tenant.network;
  if (egressTo.length === 0) return [];
  return [
    networkPolicy(tenant, TENANT_OBJECT.allowEgress, {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: egressTo.map(({ cidr, except, ports }) => ({
        to: [{ ipBlock: except.length === 0 ? { cidr } : { cidr, except } }],
        ports,
      })),
    }),
  ];
}

/** Where calls of a peer come from: policies see a pod in its node's network as the node. */
export function sourcesOf(peer: PodPeer | ClusterPeer, { nodeRanges }: Cluster): NetworkPolicyPeer[] {
  if (!("hostNetwork" in peer) || peer.hostNetwork !== true) return [podPeer(peer)];
  return nodeRanges.map(({ text }) => ({ ipBlock: { cidr: text } }));
}

/** Both selectors in one peer: pods with these labels in that namespace. Two peers would mean either. */
function podPeer({ namespace, podLabels }: PodPeer): NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: namespace } },
    podSelector: podLabels === undefined ? {} : { matchLabels: podLabels },
  };
}

/** The gateway's port. */
export function gatewayPort(): NetworkPolicyPort {
  return port(SERVER_PORT, Protocol.TCP);
}

function port(number: number, protocol: Protocol): NetworkPolicyPort {
  return { port: number, protocol };
}

/** A policy in the tenant's namespace. */
export function networkPolicy(tenant: Tenant, name: string, spec: NetworkPolicySpec): NetworkPolicy {
  return policyIn({ namespace: tenant.namespace, labels: tenantLabels(tenant, "network") }, name, spec);
}

/** A policy in any namespace. */
export function policyIn(
  place: { namespace: string; labels: Record<string, string> },
  name: string,
  spec: NetworkPolicySpec,
): NetworkPolicy {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, ...place }, spec };
}
