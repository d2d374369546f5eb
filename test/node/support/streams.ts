import * as http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { kubectlJson, type Kubectl } from "../../support/kubectl";

/** How a stream ended. */
export interface StreamEnd {
  /** The model said that it is done. */
  whole: boolean;
  /** Chunks that came. */
  tokens: number;
  /** Status of the answer; none when no answer came. */
  status?: number;
}

/** A stream of a model's answer that was asked for. */
export interface ModelStream {
  /** When its connection was made, in milliseconds; none when it was refused, or is not made yet. */
  connectedAt: () => number | undefined;
  /** Waits for its first chunk. Rejects when none comes. */
  begun: () => Promise<void>;
  /** How it ended; none while it runs. */
  outcome: () => StreamEnd | undefined;
  /** Waits for its end. */
  end: () => Promise<StreamEnd>;
}

/** Asks for an answer of at most so many tokens. */
export type ModelClient = (tokens: number) => ModelStream;

/** Client of hr's model through the tenant's Service with the key of the client `portal`, from the node itself. */
export async function modelClient(kubectl: Kubectl): Promise<ModelClient> {
  const { spec } = await kubectlJson<{ spec: { clusterIP: string; ports: { port: number }[] } }>(
    kubectl,
    ...["get", "service", "ollama", "--namespace", "tenant-hr"],
  );
  const { data } = await kubectlJson<{ data: Record<string, string> }>(
    kubectl,
    ...["get", "secret", "client-portal", "--namespace", "tenant-hr"],
  );
  const key = Buffer.from(data["OLLAMA_API_KEY"] ?? "", "base64").toString();
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const target = { host: spec.clusterIP, port: spec.ports[0]?.port, path: "/api/generate", method: "POST", headers };
  return (tokens) => ask(target, tokens);
}

function ask(target: http.RequestOptions, tokens: number): ModelStream {
  let connectedAt: number | undefined;
  let outcome: StreamEnd | undefined;
  let status: number | undefined;
  let done = false;
  let before = "";
  let count = 0;
  let sayBegun = (): void => undefined;
  let sayNever = (_reason: Error): void => undefined;
  let sayEnded = (_end: StreamEnd): void => undefined;
  const begun = new Promise<void>((resolve, reject) => ([sayBegun, sayNever] = [resolve, reject]));
  begun.catch(() => undefined);
  const ended = new Promise<StreamEnd>((resolve) => (sayEnded = resolve));

  const request = http.request({ ...target, agent: false }, (answer) => {
    status = answer.statusCode;
    answer.on("error", () => undefined);
    answer.setEncoding("utf8").on("data", (text: string) => {
      // The last line is long, and may come in pieces.
      done ||= (before + text).includes('"done":true');
      before = text.slice(-'"done":true'.length);
      count++;
      if (status === 200) sayBegun();
    });
  });
  request.once("socket", (socket) => socket.once("connect", () => (connectedAt = Date.now())));
  request.once("error", (error) => sayNever(error));
  request.once("close", () => {
    outcome = {
      whole: status === 200 && done,
      tokens: count,
      ...(status === undefined ? {} : { status }),
    };
    sayNever(new Error(`no chunk of an answer came; status ${status}`));
    sayEnded(outcome);
  });
  request.end(
    JSON.stringify({
      model: "smollm2:135m",
      prompt: "Count from one to five hundred in words: one, two, three,",
      options: { num_predict: tokens },
    }),
  );
  return { connectedAt: () => connectedAt, begun: () => begun, outcome: () => outcome, end: () => ended };
}

/** Streams that some clients ask for one after the other. */
export interface SteadyStreams {
  /** Those that are connected and have not ended. */
  open(): ModelStream[];
  /** Asks for no more, waits for the end of those that run, and returns how all ended that were connected and answered by the model. */
  stop(): Promise<StreamEnd[]>;
}

/**
 * Keeps streams running. The first streams of the clients differ in length, so that afterwards no two end at the same time.
 *
 * @param clients Number of streams at a time.
 * @param tokens Length of each.
 */
export async function steadyStreams(client: ModelClient, clients: number, tokens: number): Promise<SteadyStreams> {
  const asked: ModelStream[] = [];
  let stopped = false;
  const keepAsking = async (first: ModelStream): Promise<void> => {
    for (let stream = first; ; asked.push(stream)) {
      const { status } = await stream.end();
      // Refused, because a pod comes or goes: not a stream that is lost.
      if (status !== 200) await sleep(200);
      if (stopped) return;
      stream = client(tokens);
    }
  };
  for (let place = 1; place <= clients; place++) asked.push(client(Math.ceil((tokens * place) / clients)));
  const running = asked.map(keepAsking);
  await Promise.all(asked.slice(0, clients).map((stream) => stream.begun()));
  return {
    open: () => asked.filter((stream) => stream.connectedAt() !== undefined && stream.outcome() === undefined),
    stop: async () => {
      stopped = true;
      await Promise.all(running);
      return asked
        .filter((stream) => stream.connectedAt() !== undefined)
        .flatMap((stream) => stream.outcome() ?? [])
        .filter(({ status }) => status === undefined || status === 200);
    },
  };
}
