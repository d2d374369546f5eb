/** What probes try to reach: each other, tenants' servers, and what belongs to the machines. */
import { SERVER_PORT } from "../../components/plan/ports";
import { TENANT_OBJECT } from "../../components/spec/names";
import { describe, type ClusterModel, type ModelObject } from "../../policy-pack/model/cluster-model";
import { list, record } from "../../policy-pack/model/json";
import { selectorMatches } from "../../policy-pack/model/selectors";

/** One way to a target. */
export interface Route {
  /** In words: `pod address`, `Service`, `DNS name`. */
  name: string;
  host: string;
  port: number;
}

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
/** Annotation of the simulated nodes of kwok, on which pods run no process. */
const SIMULATED = "kwok.x-k8s.io/node";

/** The tenant's server that serves; a reason where none does. */
export function serverOf(model: ClusterModel, namespace: string): Server | { why: string } {
  const service = model.find(namespace, "Service", "", TENANT_OBJECT.server);
  if (service === undefined) return { why: `there is no Service ${namespace}/${TENANT_OBJECT.server}` };
  const { selector, clusterIP, ports } = record(service.object.spec);
  const [{ port = 0, name = "" } = {}] = list(ports as { port?: number; name?: string }[]);
  const labels = record(selector) as Record<string, string>;
  const pods = model
    .ofIn(namespace, "Pod", "")
    .filter(({ object }) => selectorMatches({ matchLabels: labels }, object.metadata.labels ?? {}));
  const ready = pods.filter(isReady);
  const running = ready.find(({ object }) => !isSimulated(model, String(record(object.spec).nodeName)));
  if (running === undefined)
    return { why: ready.length > 0 ? "its server runs on a simulated node" : "none of its servers is ready" };
  const address = String(record(running.object.status).podIP);
  return {
    namespace,
    pod: describe(running.object, namespace),
    address,
    tls: name === "https",
    routes: [
      { name: "pod address", host: address, port: SERVER_PORT },
      { name: "Service", host: String(clusterIP), port },
      { name: "DNS name", host: `${TENANT_OBJECT.server}.${namespace}.svc`, port },
    ],
  };
}

function isReady({ object }: ModelObject): boolean {
  const conditions = list(record(object.status).conditions as { type?: string; status?: string }[]);
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

/** Whether pods on the node run no process. */
export function isSimulated(model: ClusterModel, node: string): boolean {
  return model.find("", "Node", "", node)?.object.metadata.annotations?.[SIMULATED] !== undefined;
}

/** Metadata address, API server, and the kubelet of a node. What cannot be found out is left out. */
export function machineTargets(model: ClusterModel, node: string): MachineTarget[] {
  const { spec, status } = record(model.find("", "Node", "", node)?.object) as {
    spec?: { providerID?: string };
    status?: object;
  };
  const kubelet = nodeAddress(status);
  return [
    {
      name: "metadata address",
      host: METADATA_ADDRESS,
      port: 80,
      behind: [],
      absent: (spec?.providerID ?? "") === "",
    },
    ...apiServer(model),
    ...(kubelet === undefined ? [] : [{ name: "kubelet", ...kubelet, behind: [] }]),
  ];
}

/** Address of a node and port of its kubelet. */
export function nodeAddress(status: unknown): { host: string; port: number } | undefined {
  const { addresses, daemonEndpoints } = record(status);
  const host = list(addresses as { type?: string; address?: string }[]).find(({ type }) => type === "InternalIP");
  const port = record(record(daemonEndpoints).kubeletEndpoint).Port;
  return host?.address === undefined ? undefined : { host: host.address, port: Number(port ?? 10250) };
}

/** The API server by its Service and by the address behind it. */
function apiServer(model: ClusterModel): MachineTarget[] {
  const { clusterIP, ports } = record(model.find("default", "Service", "", "kubernetes")?.object.spec);
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
    ...(typeof clusterIP === "string" ? [{ name: "API server by Service", host: clusterIP, port, behind }] : []),
    ...(first === undefined ? [] : [{ name: "API server", ...first, behind: [] }]),
  ];
}
