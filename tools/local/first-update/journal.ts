/** The first update of a stack, whose state is written once, at its end, beside a journal of what it makes. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import { clusterApi, isSuccess, type ClusterApi } from "../../../verifier/cluster-api";
import { type ApiObject, ObjectApi } from "../../../verifier/drift/api";
import { kubeconfigOf } from "../../../verifier/kubeconfig";
import { stateFolder } from "../../engine";
import { type EventLog, eventLog, type Step } from "../display/events";
import { connectedIdentity } from "../cluster-identity";
import { deploymentOf, type LocalStack, projectName } from "../stack";

/** What was true when a first update began. */
interface Beginning {
  /** Time of the API server, as it writes it into the objects that it makes. */
  begun: string;
  /** UID of the namespace `kube-system` of the cluster. */
  cluster: string;
}

/** A first update that ended without its state being written: its engine was killed. */
export interface Journal extends Beginning {
  stack: string;
  folder: string;
  /** Objects that it made, or might have made, each once, in their order. */
  objects: ApiObject[];
}

/** Beside the engine's own folder, so that it is where the state is and is put aside with it. */
const FOLDER = "first-updates";
const BEGINNING = "beginning.json";
const OBJECTS = "objects";

/**
 * The event log for a run of the engine on a stack.
 *
 * The engine writes the whole state before and after each resource, which takes most of a first update. Nothing is saved yet then, and nothing is
 * changed or deleted: so it is told to write it once, at the end, also of an update that fails or that Ctrl-C stops. An engine that is killed
 * leaves the journal of what it made. The next update makes the same objects again, which takes them over, and `removeLeftovers` deletes what is
 * declared no more. Only for states in a folder: the journal has to last as long as the state.
 *
 * The journal has names alone: the engine's log tells secrets among what the program says for debugging.
 *
 * @param ahead What a first update is going to make. What it leaves out is noted as the log is read.
 */
export async function logOfRun(
  stack: LocalStack,
  command: string,
  ahead: () => readonly NamedObject[] = () => [],
): Promise<EventLog> {
  const log = eventLog();
  const beginning = command === "up" && isUnused(stack) ? await beginningOf(stack) : undefined;
  if (beginning === undefined) return log;
  const folder = path.join(journalsOf(stack), `${Date.now()}-${process.pid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const known = new Set<string>();
  const add = (objects: readonly NamedObject[]): void => {
    const lines = objects.map(lineOf).filter((line) => !known.has(line));
    for (const line of lines) known.add(line);
    if (lines.length > 0) appendFileSync(path.join(folder, OBJECTS), `${lines.join("\n")}\n`);
  };
  add(ahead());
  writeFileSync(path.join(folder, BEGINNING), JSON.stringify(beginning));
  return {
    ...log,
    environment: { ...log.environment, PULUMI_SKIP_CHECKPOINTS: "true" },
    reader: {
      read: () => {
        const events = log.reader.read();
        add(events.flatMap(({ resourcePreEvent: event }) => (event === undefined ? [] : madeBy(event.metadata))));
        return events;
      },
    },
    remove: () => {
      log.remove();
      if (!isUnused(stack)) forget({ folder });
    },
  };
}

/** What an object is called. */
export interface NamedObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** The object of the cluster that a step makes, if it makes one. */
export function madeBy({ op, type, new: made }: Step): NamedObject[] {
  const object = made?.inputs as Partial<ApiObject> | undefined;
  const isMade = op === "create" && type.startsWith("kubernetes:") && object?.metadata?.name !== undefined;
  return isMade ? [object as ApiObject] : [];
}

function lineOf({ apiVersion, kind, metadata: { name, namespace } }: NamedObject): string {
  return JSON.stringify({ apiVersion, kind, metadata: { name, namespace } });
}

/** Journals of killed first updates of an environment's stacks, the oldest first. */
export function brokenFirstUpdates(stacks: readonly LocalStack[]): Journal[] {
  return stacks.flatMap((stack) => {
    if (stateFolder(stack.environment) === undefined) return [];
    const all = journalsOf(stack);
    return (existsSync(all) ? readdirSync(all).sort() : []).flatMap((name) => {
      const folder = path.join(all, name);
      const beginning = readBeginning(folder);
      return beginning === undefined ? [] : [{ ...beginning, stack: stack.name, folder, objects: madeObjects(folder) }];
    });
  });
}

/** Forgets a killed update. */
export const forget = ({ folder }: Pick<Journal, "folder">): void => rmSync(folder, { recursive: true, force: true });

function journalsOf({ name, project, environment }: LocalStack): string {
  return path.join(stateFolder(environment) ?? "", FOLDER, projectName(project), name);
}

/** Whether the state of the stack is in a folder, and holds nothing at all. */
function isUnused(stack: LocalStack): boolean {
  const saved = deploymentOf(stack);
  return saved !== undefined && (saved.resources ?? []).length + (saved.pending_operations ?? []).length === 0;
}

/** Undefined when the cluster is not known for certain, or does not tell its time: then the state is written as ever. */
async function beginningOf(stack: LocalStack): Promise<Beginning | undefined> {
  let api: ClusterApi | undefined;
  try {
    const config = clusterOfStack(stack);
    if (config === undefined) return undefined;
    api = clusterApi(config);
    const cluster = await connectedIdentity(new ObjectApi(api));
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const reviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const reply = await api.request({ method: "POST", path: reviews, body: review });
    const begun = (reply.body as Partial<ApiObject> | null)?.metadata?.["creationTimestamp"];
    return isSuccess(reply) && typeof begun === "string" && cluster !== undefined ? { begun, cluster } : undefined;
  } catch {
    // The update itself says what is wrong with the cluster.
    return undefined;
  } finally {
    api?.close();
  }
}

/** The cluster of a stack; undefined when its config has the kubeconfig itself, which may be encrypted. */
export function clusterOfStack({ name, configFile, environment }: LocalStack): KubeConfig | undefined {
  const { config = {} } = parse(readFileSync(configFile, "utf8")) as { config?: Record<string, unknown> };
  if (config["kubernetes:kubeconfig"] !== undefined) return undefined;
  const { KUBECONFIG: kubeconfig } = environment;
  const isFile = kubeconfig !== undefined && !kubeconfig.includes(path.delimiter);
  return kubeconfigOf({ stack: name, stackFile: configFile, ...(isFile && { kubeconfig }) });
}

function readBeginning(folder: string): Beginning | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, BEGINNING), "utf8")) as Beginning;
  } catch {
    // Its command died before an engine was started.
    forget({ folder });
    return undefined;
  }
}

function madeObjects(folder: string): ApiObject[] {
  const file = path.join(folder, OBJECTS);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  // The last one may be half-written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as ApiObject);
}
