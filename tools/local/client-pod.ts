import * as k8s from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import { nodeJsImage } from "../images/names";

/** A question to a model, as an application of a tenant asks it. */
export interface Question {
  /** Namespace that the application runs in. */
  namespace: string;
  /** Priority class of the tenant's pods. */
  priorityClass: string;
  /** Name of the Secret with the client's address and key. */
  secret: string;
  /** Address of the model server. Default: the one in the Secret. */
  url?: string;
  model: string;
  prompt: string;
}

/** What an application got: the answer, the gateway's refusal, or the reason why there was no connection. */
export type Reply = { status: number; text: string } | { status?: undefined; unreachable: string };

const secondsToAnswer = 120;
const answerTokens = 32;

/** Runs in the pod. It prints one line of JSON, and never the key. */
const program = `
const { OLLAMA_HOST, OLLAMA_API_KEY, MODEL, PROMPT } = process.env;
const messages = [{ role: "user", content: PROMPT }];
const body = { model: MODEL, messages, stream: false, options: { num_predict: ${answerTokens} } };
const headers = { authorization: "Bearer " + OLLAMA_API_KEY, "content-type": "application/json" };
const say = (reply) => console.log(JSON.stringify(reply));
fetch(OLLAMA_HOST + "/api/chat", { method: "POST", headers, body: JSON.stringify(body) })
  .then(async (answer) => {
    const { message, error } = await answer.json();
    say({ status: answer.status, text: (message?.content ?? error).trim() });
  })
  .catch((error) => say({ unreachable: error.cause?.code ?? error.message }));
`;

/**
 * Asks from a pod in the client's namespace, so that the network policies hold for it, with the key from the client's own Secret.
 *
 * @throws Error when the pod does not end within two minutes, with what it says about itself.
 */
export async function askFromPod(config: k8s.KubeConfig, question: Question): Promise<Reply> {
  const core = config.makeApiClient(k8s.CoreV1Api);
  const { namespace } = question;
  const body = clientPod(question);
  const created = await core.createNamespacedPod({ namespace, body });
  const name = created.metadata?.name ?? "";
  try {
    await ended(core, namespace, name);
    return JSON.parse(await core.readNamespacedPodLog({ namespace, name })) as Reply;
  } finally {
    await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 });
  }
}

function clientPod({ namespace, priorityClass, secret, url, model, prompt }: Question): k8s.V1Pod {
  const fromSecret = (key: string) => ({ name: key, valueFrom: { secretKeyRef: { name: secret, key } } });
  const variables = { MODEL: model, PROMPT: prompt, ...(url === undefined ? {} : { OLLAMA_HOST: url }) };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "client-", namespace },
    spec: {
      restartPolicy: "Never",
      priorityClassName: priorityClass,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "client",
          image: nodeJsImage,
          imagePullPolicy: "IfNotPresent",
          command: ["node", "-e", program],
          env: [
            ...(url === undefined ? [fromSecret("OLLAMA_HOST")] : []),
            fromSecret("OLLAMA_API_KEY"),
            ...Object.entries(variables).map(([name, value]) => ({ name, value })),
          ],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
}

async function ended(core: k8s.CoreV1Api, namespace: string, name: string): Promise<void> {
  for (const end = Date.now() + secondsToAnswer * 1000; ; await sleep(500)) {
    const { status } = await core.readNamespacedPod({ namespace, name });
    if (status?.phase === "Succeeded") return;
    if (status?.phase === "Failed" || Date.now() > end) {
      const why = (status?.conditions ?? []).map(({ message }) => message ?? "").filter((text) => text !== "");
      throw new Error(`the client in ${namespace} is ${status?.phase ?? "gone"}: ${why.join("; ")}`);
    }
  }
}
