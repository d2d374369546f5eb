/** One run of traffic: listeners first, then those who try to reach them. */
import { record } from "../../policy-pack/model/json";
import type { Subject } from "../checks/check";
import { isSuccess, refusalOf } from "../cluster-api";
import { inParallel } from "../live-objects";
import { messageOf, type Result } from "../result";
import { judgeTrials, type Tried } from "./judgement";
import { askerPod, KEYS_FOLDER, keysObject, listenerPod, policyObjects, serviceObject } from "./objects";
import { CONTROL_NAMESPACE, isShut, probesFor, type Probe } from "./places";
import { predictorOf } from "./prediction";
import { LISTENER_PORT, readOutcomes, type Attempt, type Outcome } from "./probe";
import type { ProbePod, Session } from "./session";
import {
  isSimulated,
  furtherRoutes,
  furtherServiceRoutes,
  machineTargets,
  nodeAddresses,
  serverOf,
  type Route,
  type Server,
} from "./targets";
import { trialsOf, type Listener } from "./trials";

/** How probes run. */
export interface ProbeOptions {
  /** Image with Node.js on its path, that the cluster's nodes can pull and that runs in tenants' namespaces. */
  image: string;
  /** Ends the run early; what was made is removed all the same. */
  signal?: AbortSignal;
  /** Seconds that the network plugin may take to know new pods. Default: 30. */
  settleSeconds?: number;
}

/** Something more that a tenant's asking pod tries. */
export interface Errand {
  /** Namespace of the pod. */
  namespace: string;
  attempts: readonly Attempt[];
  /** Keys by the name of their file in `KEYS_FOLDER`; none are sent where it is absent. */
  keys?: Record<string, string>;
  /** What the outcomes show; without outcomes, why there are none. */
  judge(outcomes: readonly Outcome[] | undefined, why: string): Result[];
}

/** Plans errands to the servers that run. */
export type ErrandPlanner = (servers: readonly Server[]) => Errand[];

const SETTLE_SECONDS = 30;
const AT_ONCE = 8;

/** Sends traffic with the pods of a session; results in the order of the trials, then those of the errands. */
export async function sendTraffic(
  subject: Subject,
  session: Session,
  options: ProbeOptions,
  errandsFor: ErrandPlanner,
): Promise<Result[]> {
  const probes = probesFor(subject);
  for (const object of [...policyObjects(), serviceObject()]) {
    const { refused } = await session.create(object);
    if (refused !== undefined) throw new Error(`the control cannot be made: ${refused}`);
  }
  const { listeners, control, troubles } = await startListeners(subject, session, probes.listeners, options.image);
  if (control?.node === undefined)
    return [...troubles, notStarted("control", "without its control, traffic shows nothing")];
  const { servers, missing } = serversOf(subject, probes.askers);
  const { predict, refusal } = predictorOf(subject, [
    ...listeners.map((probe) => ({ probe, addresses: probe.addresses })),
    ...probes.askers.map((probe) => ({ probe })),
  ]);
  const targets = {
    listeners,
    servers,
    machine: machineTargets(subject.model, control.node),
    controlRoutes: await routesOfControl(subject, control.node),
  };
  const trials = trialsOf(probes.askers, targets, predict);
  const errands = errandsFor(servers);
  const answers = await inParallel(probes.askers, AT_ONCE, (from) => {
    const own = trials.filter((trial) => trial.from === from).map(({ attempt }) => attempt);
    return ask(
      session,
      from,
      own,
      errands.find(({ namespace }) => namespace === from.namespace),
      options,
    );
  });
  const tried = probes.askers.flatMap((from, place) => {
    const { outcomes, why, addresses } = answers[place] ?? {};
    return trials
      .filter((trial) => trial.from === from)
      .map((trial, index): Tried => ({ trial, outcome: outcomes?.[index], why, addresses }));
  });
  return [
    ...troubles,
    ...shutTenants(subject),
    ...missing,
    ...(refusal === undefined ? [] : [unforeseen(refusal)]),
    ...judgeTrials(tried),
    ...errands.flatMap(({ namespace, attempts, judge }) => {
      const { outcomes, why = "" } = answers[probes.askers.findIndex((from) => from.namespace === namespace)] ?? {};
      return judge(outcomes?.slice(outcomes.length - attempts.length), why);
    }),
  ];
}

async function startListeners(
  { model }: Subject,
  session: Session,
  probes: readonly Probe[],
  image: string,
): Promise<{ listeners: Listener[]; control?: ProbePod; troubles: Result[] }> {
  const created = await inParallel(probes, AT_ONCE, (probe) => session.create(listenerPod(probe, image)));
  const started = probes.filter((_, index) => created[index]?.refused === undefined);
  const pods = await session.pods(started.map(keyOf), ({ ready, addresses }) => ready && addresses.length > 0);
  const troubles: Result[] = [];
  const listeners = probes.flatMap((probe, index): Listener[] => {
    const pod = pods.get(keyOf(probe));
    const why =
      created[index]?.refused ??
      (pod?.ready !== true ? `it is not ready: ${pod?.why ?? "it is gone"}` : undefined) ??
      (isSimulated(model, pod?.node ?? "") ? "it runs on a simulated node, where pods run no process" : undefined);
    if (why === undefined && pod !== undefined && pod.addresses.length > 0)
      return [{ ...probe, addresses: pod.addresses }];
    troubles.push({ ...notStarted(probe.id, why ?? "it has no address"), tenant: probe.tenant });
    return [];
  });
  const isThere = listeners.some(({ id }) => id === "control");
  return { listeners, troubles, control: isThere ? pods.get(`${CONTROL_NAMESPACE}/listener`) : undefined };
}

const keyOf = ({ namespace, name }: Probe): string => `${namespace}/${name}`;

function notStarted(id: string, found: string): Result {
  return {
    id: `traffic/${id}`,
    question: "network",
    tried: `starts a probe as ${id}`,
    outcome: "inconclusive",
    found,
    fix: "see what keeps the pod out, such as a quota that is used up or an image that cannot be pulled, and run the verifier again",
  };
}

/** Namespaces of tenants in which no pod may run: nobody is there to reach, and nobody to reach others. */
function shutTenants(subject: Subject): Result[] {
  const { model } = subject;
  return model
    .tenantNamespaces()
    .filter(({ name }) => isShut(subject, name))
    .map(({ name, tenant }) => {
      const running = model.ofIn(name, "Pod", "").length;
      return {
        id: `traffic/${name}`,
        question: "network",
        tenant,
        tried: `starts a probe as ${name}`,
        outcome: running === 0 ? "isolated" : "inconclusive",
        found: `its quota lets no pod run, and ${running === 0 ? "none is there" : `${running} are there`}`,
      };
    });
}

function serversOf({ model }: Subject, askers: readonly Probe[]): { servers: Server[]; missing: Result[] } {
  const found = askers
    .filter(({ tenant }) => tenant !== undefined)
    .map(({ namespace, tenant }) => ({ namespace, tenant, server: serverOf(model, namespace) }));
  return {
    servers: found.flatMap(({ server }) => ("why" in server ? [] : [server])),
    missing: found.flatMap(({ namespace, tenant, server }): Result[] =>
      "why" in server ? [withoutServer(namespace, tenant, server.why)] : [],
    ),
  };
}

function withoutServer(namespace: string, tenant: string | undefined, found: string): Result {
  return {
    id: `traffic/${namespace}-server`,
    question: "network",
    tenant,
    tried: `looks for a server of ${namespace} that traffic can be sent to`,
    outcome: "inconclusive",
    found,
    fix: "run the verifier again when the server is ready",
  };
}

function unforeseen(found: string): Result {
  return {
    id: "traffic/prediction",
    question: "network",
    tried: "foresees from the live policies which connections they let through",
    outcome: "inconclusive",
    found,
    fix: "mend what the analysis names; without it nothing is compared with what the policies say",
  };
}

/** The control's Service by address, name, and port of a node. */
async function routesOfControl({ api, model }: Subject, node: string): Promise<Route[]> {
  const reply = await api.request({ path: `/api/v1/namespaces/${CONTROL_NAMESPACE}/services/listener` });
  if (!isSuccess(reply)) throw new Error(`the control's Service cannot be read: ${refusalOf(reply)}`);
  const { clusterIP, clusterIPs, ports } = record(record(reply.body).spec) as {
    clusterIP?: string;
    clusterIPs?: string[];
    ports?: { nodePort?: number }[];
  };
  const [first, ...others] = nodeAddresses(model.find("", "Node", "", node)?.object["status"]).map(({ host }) => host);
  const nodePort = ports?.[0]?.nodePort;
  const dnsName = `listener.${CONTROL_NAMESPACE}.svc`;
  const further = furtherServiceRoutes(clusterIP ?? "", clusterIPs, dnsName, LISTENER_PORT);
  return [
    { name: "Service", host: clusterIP ?? "", port: LISTENER_PORT },
    { name: "DNS name", host: dnsName, port: LISTENER_PORT },
    ...further,
    ...(first === undefined || nodePort === undefined
      ? []
      : [
          { name: "node port", host: first, port: nodePort },
          // A node port is open by the families that the Service has.
          ...furtherRoutes("node port", first, further.length > 0 ? others : [], nodePort),
        ]),
  ];
}

interface Answers {
  outcomes?: Outcome[];
  /** Why there are none. */
  why?: string;
  /** Addresses of the pod that asked. */
  addresses?: readonly string[];
}

async function ask(
  session: Session,
  from: Probe,
  own: readonly Attempt[],
  errand: Errand | undefined,
  { image, settleSeconds = SETTLE_SECONDS }: ProbeOptions,
): Promise<Answers> {
  const attempts = [...own, ...(errand?.attempts ?? [])];
  const keys = errand?.keys;
  const pod = askerPod(from, image, { ask: { attempts, settleSeconds } }, keys !== undefined);
  const { uid, refused } = await session.create(pod);
  if (uid === undefined) return { why: refused };
  if (keys !== undefined) {
    const secret = await session.create(keysObject(from, uid, keys));
    if (secret.refused !== undefined) return { why: `the keys' Secret cannot be made: ${secret.refused}` };
  }
  const ended = (await session.pods([keyOf(from)], ({ phase }) => phase === "Succeeded")).get(keyOf(from));
  try {
    if (ended?.phase === "Pending" || ended === undefined)
      return { why: `its probe does not run: ${ended?.why ?? "it is gone"}` };
    const { addresses } = ended;
    return { addresses, outcomes: readOutcomes(await session.log(from.namespace, from.name), attempts.length) };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

/** Where an asking pod finds a key. */
export function keyFile(name: string): string {
  return `${KEYS_FOLDER}/${name}`;
}
