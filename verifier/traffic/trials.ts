/** The connections that a run tries, each with what the policies say of it. */
import { ADMIN_PORT, OLLAMA_PORT } from "../../components/gateway/placement";
import { podOf, type Probe } from "./places";
import { LISTENER_PORT, type Attempt } from "./probe";
import type { Forecast, Predictor } from "./prediction";
import { familyOf, type Family, type MachineTarget, type Route, type Server } from "./targets";

/** A listener that is ready. */
export interface Listener extends Probe {
  /** The first first; two where the cluster has both families. */
  addresses: readonly string[];
}

/** A connection, and what it would show. */
export interface Trial {
  /** `<from>/<to>/<route>`, part of the result's ID. */
  id: string;
  from: Probe;
  /** What is tried, as a sentence without a subject. */
  tried: string;
  attempt: Attempt;
  /** Name that the other end answers with. Absent: any answer will do. */
  answers?: string;
  forecast: Forecast;
  /**
   * `closed`: has to be closed. `control`: has to be open, or nothing is shown by what is closed. `witness`: only shows
   * that a target listens.
   */
  role: "closed" | "control" | "witness";
  /**
   * What shows that the other end listens: one of these trials was answered, or the kubelet finds the pod ready. Then
   * the one difference is who asks.
   */
  listens: string[] | "ready";
  /** Why nothing is expected to listen there. Absent where something is. */
  absent?: string;
  /** Whether who asks can connect to nothing, so that only the twin shows that its network works. */
  cannotConnect?: boolean;
}

/** What there is to reach. */
export interface Targets {
  listeners: readonly Listener[];
  servers: readonly Server[];
  machine: readonly MachineTarget[];
  /** The control's listener by its Service: address, name, and port of a node. */
  controlRoutes: readonly Route[];
}

/** Most other tenants that each tenant tries; in larger clusters every tenant is tried by as many others. */
export const MOST_NEIGHBOURS = 20;

/** All trials of a run. */
export function trialsOf(askers: readonly Probe[], targets: Targets, predict: Predictor): Trial[] {
  return askers.flatMap((from) => [
    ...towardsListeners(from, askers, targets, predict),
    ...towardsServers(from, askers, targets, predict),
    ...behindGateways(from, targets),
    ...towardsControl(from, targets, predict),
    ...towardsMachine(from, targets, predict),
  ]);
}

/** Says where not every tenant tries every other. */
function sampleOf(from: Probe, to: { tenant?: string }, askers: readonly Probe[]): string {
  const others = askers.filter(({ tenant }) => tenant !== undefined).length - 1;
  if (from.tenant === undefined || to.tenant === undefined || others <= MOST_NEIGHBOURS) return "";
  return ` (one of ${MOST_NEIGHBOURS} of its ${others} neighbours)`;
}

/** Tenants that a tenant tries: the next ones, in a circle. Others try all. */
function isNeighbour(from: Probe, namespace: string, askers: readonly Probe[]): boolean {
  if (from.tenant === undefined) return true;
  const circle = askers.filter(({ tenant }) => tenant !== undefined).map((probe) => probe.namespace);
  const [own, other] = [circle.indexOf(from.namespace), circle.indexOf(namespace)];
  return other < 0 || (other - own + circle.length) % circle.length <= MOST_NEIGHBOURS;
}

const isSameTenant = (from: Probe, to: { namespace: string; tenant?: string }): boolean =>
  from.namespace === to.namespace || (from.tenant !== undefined && from.tenant === to.tenant);

/** Whether a listener must not be reached from here: it is a tenant's, or a tenant asks, or a policy of the control is between. */
function mustBeClosed(from: Probe, to: Probe): boolean {
  return from.tenant !== undefined || to.tenant !== undefined || from.role === "muted" || to.role === "fenced";
}

function towardsListeners(from: Probe, askers: readonly Probe[], { listeners }: Targets, predict: Predictor): Trial[] {
  return listeners
    .filter((to) => !(from.tenant !== undefined && isSameTenant(from, to)) && isNeighbour(from, to.namespace, askers))
    .filter((to) => from.role !== "muted" || to.id === "control")
    .flatMap((to) =>
      waysTo(to).map(({ protocol, host, family }): Trial => {
        const forecast = predict.pod(from, podOf(to), LISTENER_PORT, protocol);
        const way = `pod-${protocol.toLowerCase()}${family === undefined ? "" : `-ipv${family}`}`;
        return {
          id: `${from.id}/${to.id}/${way}`,
          from,
          tried: `opens ${protocol} ${LISTENER_PORT} of ${nameOf(to)} by its ${family === undefined ? "" : `IPv${family} `}address from ${nameOf(from)}${sampleOf(from, to, askers)}`,
          attempt: {
            kind: protocol === "TCP" ? "http" : "udp",
            host,
            port: LISTENER_PORT,
            open: !mustBeClosed(from, to),
          },
          answers: to.id,
          forecast,
          role: mustBeClosed(from, to) ? "closed" : "control",
          listens: "ready",
          ...(from.role === "muted" && {
            cannotConnect: true,
            listens: [`control/${to.id}/${way}`],
          }),
        };
      }),
    );
}

/** Protocols and addresses of a listener; the family is named for the addresses beside the first. */
function waysTo({ addresses }: Listener): { protocol: "TCP" | "UDP"; host: string; family?: Family }[] {
  return addresses.flatMap((host, index) =>
    (["TCP", "UDP"] as const).map((protocol) => ({
      protocol,
      host,
      ...(index > 0 && { family: familyOf(host) }),
    })),
  );
}

function towardsServers(from: Probe, askers: readonly Probe[], { servers }: Targets, predict: Predictor): Trial[] {
  if (from.role === "muted") return [];
  return servers
    .filter(({ namespace }) => isNeighbour(from, namespace, askers))
    .flatMap((server) =>
      [...server.routes, ...server.further].map(({ name, host, port, family }): Trial => {
        const isOwn = from.namespace === server.namespace;
        const isFurther = family !== undefined;
        const route = routeOf(name);
        return {
          id: `${from.id}/${server.namespace}-server/${route}`,
          from,
          tried: `opens the gateway of ${server.namespace} by ${name} from ${nameOf(from)}${isOwn ? "" : sampleOf(from, { tenant: server.namespace }, askers)}`,
          attempt: { kind: "tcp", host, port, ...(isFurther && { family }), open: isOwn && !isFurther },
          forecast: predict.pod(from, server.pod, LISTENER_PORT, "TCP"),
          role: isOwn ? (isFurther ? "witness" : "control") : "closed",
          // The tenant's own pod differs from the others in who it is.
          listens: [`${server.namespace}/${server.namespace}-server/${route}`],
          ...(isFurther && { absent: NEED_NOT_LISTEN }),
        };
      }),
    );
}

const NEED_NOT_LISTEN = "the gateway need not listen by this family of addresses";

/** Ports behind the gateway by further addresses of its pod; by the first one the gateway's own errand asks. */
function behindGateways(from: Probe, { servers }: Targets): Trial[] {
  return servers
    .filter(({ namespace }) => namespace === from.namespace)
    .flatMap(({ namespace, further }) =>
      further
        .filter(({ name }) => name.endsWith("pod address"))
        .flatMap(({ name, host, family }) =>
          [
            { what: "Ollama's own port", port: OLLAMA_PORT },
            { what: "the port of the gateway's administration", port: ADMIN_PORT },
          ].map(({ what, port }): Trial => ({
            id: `${from.id}/${namespace}-server/${routeOf(name)}-${port}`,
            from,
            tried: `opens ${what} of ${namespace} by ${name} from ${nameOf(from)}`,
            attempt: { kind: "tcp", host, port, family, open: false },
            // Policies may let it through: it is the server that takes no connections there.
            forecast: { why: "" },
            role: "closed",
            listens: [],
            absent: "Ollama and the gateway's administration listen on the pod's own loopback address",
          })),
        ),
    );
}

const routeOf = (name: string): string => name.toLowerCase().replaceAll(" ", "-");

function towardsControl(from: Probe, { listeners, controlRoutes }: Targets, predict: Predictor): Trial[] {
  const control = listeners.find(({ id }) => id === "control");
  if (control === undefined || from.role === "muted") return [];
  const isClosed = from.tenant !== undefined;
  return controlRoutes.map(({ name, host, port, family }): Trial => {
    const pod = predict.pod(from, podOf(control), LISTENER_PORT, "TCP");
    const route = routeOf(name);
    return {
      id: `${from.id}/control/${route}`,
      from,
      tried: `opens TCP ${port} of ${nameOf(control)} by ${name} from ${nameOf(from)}`,
      attempt: { kind: "http", host, port, ...(family !== undefined && { family }), open: !isClosed },
      answers: "control",
      forecast: name.endsWith("node port") ? predict.either(pod, predict.address(from, host, port)) : pod,
      role: isClosed ? "closed" : "control",
      listens: [`control/control/${route}`],
    };
  });
}

function towardsMachine(from: Probe, { machine }: Targets, predict: Predictor): Trial[] {
  if (from.tenant === undefined && from.id !== "control") return [];
  return machine.map(({ name, host, port, behind, absent }): Trial => {
    const route = routeOf(name);
    const ends = [{ host, port }, ...behind].map((end) => predict.address(from, end.host, end.port));
    return {
      id: `${from.id}/machine/${route}`,
      from,
      tried: `opens the ${name} (${host}:${port}) from ${nameOf(from)}`,
      attempt: { kind: "tcp", host, port, open: from.tenant === undefined && absent !== true },
      forecast: ends.reduce(predict.either),
      role: from.tenant === undefined ? "witness" : "closed",
      listens: [`control/machine/${route}`],
      ...(absent === true && { absent: "no node is a cloud's machine" }),
    };
  });
}

function nameOf({ id, namespace, tenant }: Probe): string {
  if (tenant !== undefined) return `a pod of ${namespace}`;
  const names: Record<string, string> = {
    control: "a pod without policies",
    fenced: "a pod that a policy closes",
    muted: "a pod whose way out a policy closes",
    stranger: "a stranger's pod",
  };
  return names[id] ?? id;
}
