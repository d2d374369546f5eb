import * as k8s from "@kubernetes/client-node";
import { tenantPriorityClass } from "../../components/spec/names";
import { askFromPod, type Question, type Reply } from "./client-pod";
import { formatTable } from "./table";

/** The dev stack's tenant that is asked. */
export const own = { namespace: "tenant-hr", priorityClass: tenantPriorityClass("hr"), secret: "client-portal" };
/** Its neighbour, which may not ask it. */
export const neighbour = {
  namespace: "tenant-finance",
  priorityClass: tenantPriorityClass("finance"),
  secret: "client-analysts",
};
const url = `http://ollama.${own.namespace}.svc:11434`;
/** What it serves. */
export const allowedModel = "smollm2:135m";
const prompt = "What is the capital of France?";

/** Not everybody got what they should. */
export class UnexpectedReplies extends Error {}

/** Someone who asks a model. */
export interface Attempt {
  who: string;
  asks: string;
  /** What has to come of it. */
  expected: (reply: Reply) => boolean;
  ask: () => Promise<Reply>;
}

/**
 * Asks the model of a tenant of the dev stack as its own client does, and then as everybody who may not: the neighbour's application,
 * and the neighbour's key where no network policy is in the way. Returns a table of what each one got.
 *
 * @throws Error, with the table, when one of them did not get what it should.
 */
export async function askQuestions(kubeconfig: string): Promise<string> {
  const config = new k8s.KubeConfig();
  config.loadFromFile(kubeconfig);
  return tableOfReplies(attempts(config));
}

/**
 * Lets each one ask, and returns a table of what they got.
 *
 * @throws Error, with the table, when one of them did not get what it should.
 */
export async function tableOfReplies(all: readonly Attempt[]): Promise<string> {
  const rows: string[][] = [];
  let isAsExpected = true;
  for (const { who, asks, expected, ask } of all) {
    const reply = await ask();
    const said = reply.status === undefined ? `no connection: ${reply.unreachable}` : `${reply.status}: ${reply.text}`;
    const right = expected(reply);
    rows.push([who, asks, `${said.replaceAll(/\s+/g, " ").slice(0, 100)}${right ? "" : "  (wrong!)"}`]);
    isAsExpected &&= right;
  }
  const table = formatTable(["WHO ASKS HR'S SERVER", "MODEL", "REPLY"], rows);
  if (!isAsExpected) throw new UnexpectedReplies(`not everybody got what they should:\n${table}`);
  return table;
}

function attempts(config: k8s.KubeConfig): Attempt[] {
  const fromPod = (client: typeof own, model: string) => (): Promise<Reply> => {
    const question: Question = { ...client, url, model, prompt };
    return askFromPod(config, question);
  };
  return [
    {
      who: "hr's client",
      asks: allowedModel,
      expected: ({ status }) => status === 200,
      ask: fromPod(own, allowedModel),
    },
    {
      who: "hr's client",
      asks: "llama3.1:8b (not allowed)",
      expected: ({ status }) => status === 404,
      ask: fromPod(own, "llama3.1:8b"),
    },
    {
      who: "finance's client",
      asks: allowedModel,
      expected: ({ status }) => status === undefined,
      ask: fromPod(neighbour, allowedModel),
    },
    {
      who: "finance's key, from the node itself",
      asks: allowedModel,
      expected: ({ status }) => status === 401,
      ask: () => askFromNode(config),
    },
  ];
}

/** Asks from this machine, which is the node: network policies do not hold for it, so the gateway alone decides. */
async function askFromNode(config: k8s.KubeConfig): Promise<Reply> {
  const core = config.makeApiClient(k8s.CoreV1Api);
  const { spec } = await core.readNamespacedService({ namespace: own.namespace, name: "ollama" });
  const key = await keyOf(config, neighbour);
  return askAt(`http://${spec?.clusterIP}:${spec?.ports?.[0]?.port}`, key, allowedModel);
}

/** The key of a client, from the Secret of its namespace. */
export async function keyOf(
  config: k8s.KubeConfig,
  { namespace, secret }: { namespace: string; secret: string },
): Promise<string> {
  return (await textsOf(config, namespace, secret))["OLLAMA_API_KEY"] ?? "";
}

/** What a Secret holds, by key. */
export async function textsOf(
  config: k8s.KubeConfig,
  namespace: string,
  name: string,
): Promise<Record<string, string>> {
  const { data = {} } = await config.makeApiClient(k8s.CoreV1Api).readNamespacedSecret({ namespace, name });
  const texts = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]);
  return Object.fromEntries(texts) as Record<string, string>;
}

/** Asks a gateway with a key, from this machine. */
export async function askAt(address: string, key: string, model: string): Promise<Reply> {
  const answer = await fetch(`${address}/api/chat`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: prompt }], stream: false }),
  });
  const { message, error } = (await answer.json()) as { message?: { content: string }; error?: string };
  return { status: answer.status, text: message?.content ?? error ?? "" };
}
