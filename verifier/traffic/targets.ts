/** What probes try to reach: each other, tenants' servers, and what belongs to the machines. */
import { isIPv6 } from "node:net";
import { SERVER_PORT } from "../../components/plan/ports";
import { TENANT_OBJECT } from "../../components/spec/names";
import { describe, type ClusterModel, type ModelObject } from "../../policy-pack/model/cluster-model";
import { list, record } from "../../policy-pack/model/json";
import { selectorMatches } from "../../policy-pack/model/selectors";

/** One way to a target. */
export interface Route {
  /** In words: `pod address`, `Service`, `DNS name`; by the other family of addresses `IPv6 pod address`. */
  name: string;
  host: string;
  port: number;
  /** Family of the address that the name is asked for. Default: whichever the pod's name server says first. */
  family?: Family;
}

/** A family of addresses. */
export type Family = 4 | 6;

/** Family of an address. */
export const familyOf = (address: string): Family => (isIPv6(address) ? 6 : 4);

/** A tenant's server that runs. */
export interface Server {
  namespace: string;
  /** Identifier of its pod in the analysis of the network. */
  pod: string;
  address: string;
  /** Whether its gateway speaks TLS. */
  tls: boolean;
  /** The gateway by pod address, Service and DNS name. */
  routes: Route[];
  /** The same by further addresses, where the cluster has two families of them. The gateway need not listen there. */
  further: Route[];
}

/** A target that belongs to the machines. */
export interface MachineTarget {
  name: string;
  host: string;
  port: number;
  /** Addresses and ports behind it, when it is a Service. */
  behind: { host: string; port: number }[];
  /** Whether nothing is expected to listen there, since no machine is a cloud's. */
  absent?: boolean;
}

/** Address under which clouds hand out a machine's credentials. */
const METADATA_ADDRESS = "169.254.169.254";
/** The same in a cloud's network of the other family. */
const METADATA_ADDRESS_6 = "fd00:ec2::254";
/** Annotation of the simulated nodes of kwok, on which pods run no process. */
const SIMULATED = "kwok.x-k8s.io/node";

/** The tenant's server that serves; a reason where none does. */
export function serverOf(model: ClusterModel, namespace: string): Server | { why: string } {
  const service = model.find(namespace, "Service", "", TENANT_OBJECT.server);
  if (service === undefined) return { why: `there is no Service ${namespace}/${TENANT_OBJECT.server}` };
  const { selector, clusterIP, clusterIPs, ports } = record(service.object.spec);
  const [{ port = 0, name = "" } = {}] = list(ports as { port?: number; name?: string }[]);
  const labels = record(selector) as Record<string, string>;
  const pods = model
    .ofIn(namespace, "Pod", "")
    .filter(({ object }) => selectorMatches({ matchLabels: labels }, object.metadata.labels ?? {}));
  const ready = pods.filter(isReady);
  const running = ready.find(({ object }) => !isSimulated(model, String(record(object.spec).nodeName)));
  if (running === undefined)
    return { why: ready.length > 0 ? "its server runs on a simulated node" : "none of its servers is ready" };
  const { podIP, podIPs } = record(running.object.status);
  const address = String(podIP);
  const dnsName = `${TENANT_OBJECT.server}.${namespace}.svc`;
  return {
    namespace,
    pod: describe(running.object, namespace),
    address,
    tls: name === "https",
    routes: [
      { name: "pod address", host: address, port: SERVER_PORT },
      { name: "Service", host: String(clusterIP), port },
      { name: "DNS name", host: dnsName, port },
    ],
    further: [
      ...furtherRoutes("pod address", address, addressesIn(podIPs), SERVER_PORT),
      ...furtherServiceRoutes(String(clusterIP), clusterIPs, dnsName, port),
    ],
  };
}

/** The addresses of a pod's status. */
export function addressesIn(podIPs: unknown): string[] {
  return list(podIPs as { ip?: string }[] | undefined).flatMap(({ ip }) => ip ?? []);
}

/** Routes by addresses beside the first, each named by its family. */
export function furtherRoutes(name: string, first: string, addresses: readonly string[], port: number): Route[] {
  return addresses
    .filter((host) => host !== first)
    .map((host) => ({ name: `IPv${familyOf(host)} ${name}`, host, port, family: familyOf(host) }));
}

/** A Service by its addresses beside the first, and by its name when that is asked for them. */
export function furtherServiceRoutes(first: string, clusterIPs: unknown, host: string, port: number): Route[] {
  const byAddress = furtherRoutes("Service", first, list(clusterIPs as string[] | undefined), port);
  return byAddress.flatMap((route) => [route, { ...route, name: route.name.replace("Service", "DNS name"), host }]);
}

function isReady({ object }: ModelObject): boolean {
  const conditions = list(record(object.status).conditions as { type?: string; status?: string }[]);
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

/** Whether pods on the node run no process. */
export function isSimulated(model: ClusterModel, node: string): boolean {
  return model.find("", "Node", "", node)?.object.metadata.annotations?.[SIMULATED] !== undefined;
}

/** Metadata addresses, API server, and the kubelet of a node, by each of their addresses. What cannot be found out is left out. */
export function machineTargets(model: ClusterModel, node: string): MachineTarget[] {
  const { spec, status } = record(model.find("", "Node", "", node)?.object) as {
    spec?: { providerID?: string };
    status?: object;
  };
  const absent = (spec?.providerID ?? "") === "";
  const metadata = { name: "metadata address", host: METADATA_ADDRESS, port: 80 };
  const kubelets = nodeAddresses(status);
  const others = kubelets.some(({ host }) => familyOf(host) === 6) ? [METADATA_ADDRESS_6] : [];
  return [
    ...[metadata, ...furtherRoutes(metadata.name, METADATA_ADDRESS, others, 80)].map((route) => ({
      ...route,
      behind: [],
      absent,
    })),
    ...apiServer(model),
    ...kubelets.map(({ host, port }, index) => ({ name: nameBeside("kubelet", host, index), host, port, behind: [] })),
  ];
}

/** The first address of something goes by its name alone. */
const nameBeside = (name: string, host: string, index: number): string =>
  index === 0 ? name : `IPv${familyOf(host)} ${name}`;

/** Addresses of a node, the first first, and the port of its kubelet. */
export function nodeAddresses(status: unknown): { host: string; port: number }[] {
  const { addresses, daemonEndpoints } = record(status);
  const port = Number(record(record(daemonEndpoints).kubeletEndpoint).Port ?? 10250);
  return list(addresses as { type?: string; address?: string }[])
    .filter(({ type }) => type === "InternalIP")
    .flatMap(({ address }) => (address === undefined ? [] : [{ host: address, port }]));
}

/** The API server by its Service and by the address behind it. */
function apiServer(model: ClusterModel): MachineTarget[] {
  const { clusterIP, clusterIPs, ports } = record(model.find("default", "Service", "", "kubernetes")?.object.spec);
  const [{ port = 443 } = {}] = list(ports as { port?: number }[]);
  const behind = model.ofIn("default", "EndpointSlice").flatMap(({ object }) => {
    if (object.metadata.labels?.["kubernetes.io/service-name"] !== "kubernetes") return [];
    const [{ port: number = 0 } = {}] = list(object["ports"] as { port?: number }[]);
    return list(object["endpoints"] as { addresses?: string[] }[]).flatMap(({ addresses }) =>
      list(addresses).map((host) => ({ host, port: number })),
    );
  });
  const [first] = behind;
  return [
    ...(typeof clusterIP === "string"
      ? [
          { name: "API server by Service", host: clusterIP, port },
          ...furtherRoutes("API server by Service", clusterIP, list(clusterIPs as string[] | undefined), port),
        ].map((route) => ({ ...route, behind }))
      : []),
    ...(first === undefined ? [] : [{ name: "API server", ...first, behind: [] }]),
  ];
}
