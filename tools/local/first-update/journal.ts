/** The first update of a stack, whose state is written once, at its end, beside a journal of what it makes. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import { clusterApi, isSuccess, type ClusterApi } from "../../../verifier/cluster-api";
import type { ApiObject } from "../../../verifier/drift/api";
import { kubeconfigOf } from "../../../verifier/kubeconfig";
import { stateFolder } from "../../engine";
import { EVENTS_FILE, type EventLog, eventLog, eventReader } from "../display/events";
import { type LocalStack, projectName } from "../stack";
import { savedDeployment } from "../state";

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
  /** Objects that it made, or was about to make, in their order. */
  objects: ApiObject[];
}

/** Beside the engine's own folder, so that it is where the state is and is put aside with it. */
const FOLDER = "first-updates";
const BEGINNING = "beginning.json";

/**
 * The event log for a run of the engine on a stack.
 *
 * The engine writes the whole state before and after each resource, which takes most of a first update. Nothing is saved yet then, and nothing is
 * changed or deleted: so it is told to write it once, at the end, also of an update that fails or that Ctrl-C stops. An engine that is killed
 * leaves the log as the journal of what it made. The next update makes the same objects again, which takes them over, and `removeLeftovers` deletes
 * what is declared no more. Only for states in a folder: the journal has to last as long as the state.
 */
export async function logOfRun(stack: LocalStack, command: string): Promise<EventLog> {
  const beginning = command === "up" && isUnused(stack) ? await beginningOf(stack) : undefined;
  if (beginning === undefined) return eventLog();
  const folder = path.join(journalsOf(stack), `${Date.now()}-${process.pid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(folder, BEGINNING), JSON.stringify(beginning));
  const log = eventLog(folder);
  return {
    ...log,
    environment: { ...log.environment, PULUMI_SKIP_CHECKPOINTS: "true" },
    remove: () => {
      if (!isUnused(stack) || madeObjects(folder).length === 0) log.remove();
    },
  };
}

/** Journals of killed first updates of an environment's stacks, the oldest first. */
export function brokenFirstUpdates(stacks: readonly LocalStack[]): Journal[] {
  return stacks.flatMap((stack) => {
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
function isUnused({ name, project, environment }: LocalStack): boolean {
  const folder = stateFolder(environment);
  const saved = folder === undefined ? undefined : savedDeployment(folder, projectName(project), name);
  return saved !== undefined && (saved.resources ?? []).length + (saved.pending_operations ?? []).length === 0;
}

/** Undefined when the cluster is not known for certain, or does not tell its time: then the state is written as ever. */
async function beginningOf(stack: LocalStack): Promise<Beginning | undefined> {
  let api: ClusterApi | undefined;
  try {
    const config = clusterOfStack(stack);
    if (config === undefined) return undefined;
    api = clusterApi(config);
    const cluster = await identityOf(api);
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

/** UID of the namespace `kube-system`; undefined when it may not be read. */
export async function identityOf(api: ClusterApi): Promise<string | undefined> {
  const reply = await api.request({ path: "/api/v1/namespaces/kube-system" });
  return isSuccess(reply) ? ((reply.body as ApiObject).metadata["uid"] as string) : undefined;
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
  const steps = eventReader(path.join(folder, EVENTS_FILE))
    .read()
    .map(({ resourcePreEvent }) => resourcePreEvent?.metadata);
  return steps.flatMap((step) => {
    const object = step?.new?.inputs as Partial<ApiObject> | undefined;
    const isMade = step?.op === "create" && step.type.startsWith("kubernetes:");
    return isMade && object?.metadata?.name !== undefined ? [object as ApiObject] : [];
  });
}
