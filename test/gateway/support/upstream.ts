/**
 * A server in the place of Ollama that records every request and answers in Ollama's shapes. It decides nothing: the
 * tests judge what reached it. What the answer looks like is asked for in the prompt, as JSON (`Behaviour`).
 */
import { createServer, IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from "node:http";
import { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A request as it arrived. */
export interface Recorded {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a prompt of the form `behave:{...}` asks for. */
export interface Behaviour {
  /** Chunks of a stream. Default: 3. */
  chunks?: number;
  /** Milliseconds between the chunks. Default: 0. */
  pauseMs?: number;
  /** Milliseconds for which a stream stays open after its last event. Default: 0. */
  lingerMs?: number;
  /** Whether all chunks are sent at once. Default: one by one. */
  together?: boolean;
  /** Whether the stream's last event, which has the counts, is never sent. Default: it is. */
  silent?: boolean;
  /** Status to answer. Default: 200. */
  status?: number;
  /** Chunk after which the connection is cut. Default: never. */
  cutAfter?: number;
  /** What every chunk says, a dash and the chunk's number following. Default: `w`, without a dash. */
  says?: string;
  /** What Ollama's own API tells of its durations, in nanoseconds. Default: nothing. */
  durations?: Record<string, number>;
}

/** A recording upstream. */
export interface Upstream {
  port: number;
  /** Everything that arrived since `clear`. */
  recorded: Recorded[];
  /** Names of the models it lists, as Ollama displays them. */
  models: string[];
  /** Requests that are being answered. */
  active(): number;
  /** Answers that the other side broke off. */
  aborted(): number;
  /** What the model is said to be able to do. */
  capabilities: string[];
  /** Body to answer lists with instead of a proper list. */
  listBody?: string;
  clear(): void;
  /** Closes the connections on which no request is being answered. */
  closeIdle(): void;
  stop(): Promise<void>;
}

/** Tokens that every prompt is said to have. */
export const PROMPT_TOKENS = 11;

/** Starts a recording upstream on a free loopback port. */
export async function startUpstream(port = 0): Promise<Upstream> {
  let active = 0;
  let aborted = 0;
  const upstream: Partial<Upstream> & Pick<Upstream, "recorded" | "models" | "capabilities"> = {
    recorded: [],
    capabilities: ["completion"],
    models: ["llama3:8b", "secret:latest", "llama3:latest"],
  };
  const server: Server = createServer((request, response) => {
    active += 1;
    response.on("close", () => {
      active -= 1;
      if (!response.writableFinished) aborted += 1;
    });
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString("utf8");
      const { method = "", url = "", headers } = request;
      upstream.recorded.push({ method, url, headers, body });
      void answer(upstream as Upstream, request, response, body);
    });
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = 300_000;
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  upstream.port = (server.address() as AddressInfo).port;
  upstream.active = () => active;
  upstream.aborted = () => aborted;
  upstream.clear = () => {
    upstream.recorded.length = 0;
    aborted = 0;
  };
  upstream.closeIdle = () => server.closeIdleConnections();
  upstream.stop = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return upstream as Upstream;
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

async function answer(
  upstream: Upstream,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): Promise<void> {
  const url = request.url ?? "";
  if (url === "/") return void response.end("Ollama is running");
  if (url === "/api/version") return json(response, { version: "0.17.4" });
  if (url === "/api/tags" || url === "/api/ps") return json(response, upstream.listBody ?? tags(upstream.models));
  if (url === "/v1/models") return json(response, upstream.listBody ?? openaiModels(upstream.models));
  const asked = JSON.parse(body) as {
    model: string;
    stream?: boolean;
    stream_options?: { include_usage?: boolean };
  } & Prompted;
  if (url === "/api/show") return json(response, shown(upstream.capabilities));
  if (url.startsWith("/api/embed"))
    return json(response, { model: asked.model, embeddings: [[0.1, 0.2]], prompt_eval_count: 7 });
  const behaviour = behaviourOf(asked);
  if (behaviour.status) return json(response, { error: `model '${asked.model}' not found` }, behaviour.status);
  if (url.startsWith("/v1/")) return openai(request, response, asked, behaviour);
  return ollama(response, asked, behaviour);
}

interface Prompted {
  prompt?: unknown;
  messages?: { content?: unknown }[];
}

function behaviourOf(asked: Prompted): Behaviour {
  const text = asked.messages?.at(-1)?.content ?? asked.prompt;
  return typeof text === "string" && text.startsWith("behave:") ? (JSON.parse(text.slice(7)) as Behaviour) : {};
}

function tags(models: string[]): unknown {
  const details = { parent_model: "secret:latest", family: "llama", format: "gguf" };
  return { models: models.map((name) => ({ name, model: name, size: 4e9, digest: `digest-of-${name}`, details })) };
}

function openaiModels(models: string[]): unknown {
  return { object: "list", data: models.map((id) => ({ id, object: "model", created: 1, owned_by: "library" })) };
}

function shown(capabilities: string[]): unknown {
  return {
    license: "licence text",
    modelfile: "FROM /models/blobs/sha256-abc",
    system: "hidden system text",
    template: "{{ .Prompt }}",
    details: { parent_model: "secret:latest", family: "llama", format: "gguf" },
    model_info: { "general.architecture": "llama" },
    capabilities,
  };
}

async function stream(
  response: ServerResponse,
  behaviour: Behaviour,
  line: (index: number) => string,
): Promise<boolean> {
  const indices = Array.from({ length: behaviour.chunks ?? 3 }, (_, index) => index);
  if (behaviour.together) response.write(indices.map(line).join(""));
  else if (!(await oneByOne(response, behaviour, indices, line))) return false;
  if (behaviour.silent) await pause(behaviour.lingerMs ?? 0, undefined, { ref: false });
  return !response.destroyed;
}

async function oneByOne(
  response: ServerResponse,
  behaviour: Behaviour,
  indices: number[],
  line: (index: number) => string,
): Promise<boolean> {
  for (const index of indices) {
    if (response.destroyed) return false;
    if (behaviour.cutAfter === index) {
      response.destroy();
      return false;
    }
    response.write(line(index));
    await pause(behaviour.pauseMs ?? 0, undefined, { ref: false });
  }
  return !response.destroyed;
}

async function openai(
  request: IncomingMessage,
  response: ServerResponse,
  asked: { model: string; stream?: boolean; stream_options?: { include_usage?: boolean } },
  behaviour: Behaviour,
): Promise<void> {
  const tokens = behaviour.chunks ?? 3;
  const usage = { prompt_tokens: PROMPT_TOKENS, completion_tokens: tokens, total_tokens: PROMPT_TOKENS + tokens };
  if (!asked.stream) {
    return json(response, {
      id: "x",
      model: asked.model,
      choices: [{ index: 0, message: { role: "assistant", content: "ok" } }],
      usage,
    });
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  // Anthropic's events have a name in a line of its own.
  const name = request.url === "/v1/messages" ? "event: content_block_delta\n" : "";
  const event = (value: unknown): string => `${name}data: ${JSON.stringify(value)}\n\n`;
  const whole = await stream(response, behaviour, (index) =>
    event({ id: "x", choices: [{ index: 0, delta: { content: `w${index}` } }] }),
  );
  if (!whole) return;
  if (asked.stream_options?.include_usage) response.write(event({ id: "x", choices: [], usage }));
  await ended(response, behaviour, "data: [DONE]\n\n");
}

/** Ends a stream by its last event. */
async function ended(response: ServerResponse, { lingerMs = 0 }: Behaviour, event: string): Promise<void> {
  response.write(event);
  await pause(lingerMs, undefined, { ref: false });
  response.end();
}

async function ollama(
  response: ServerResponse,
  asked: { model: string; stream?: boolean },
  behaviour: Behaviour,
): Promise<void> {
  const tokens = behaviour.chunks ?? 3;
  const last = {
    model: asked.model,
    done: true,
    done_reason: "stop",
    prompt_eval_count: PROMPT_TOKENS,
    eval_count: tokens,
    ...behaviour.durations,
  };
  if (asked.stream === false) return json(response, { ...last, message: { role: "assistant", content: "ok" } });
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
  const whole = await stream(response, behaviour, (index) =>
    line({
      model: asked.model,
      message: {
        role: "assistant",
        content: behaviour.says === undefined ? `w${index}` : `${behaviour.says}-${index}`,
      },
      done: false,
    }),
  );
  if (whole) await ended(response, behaviour, line(last));
}
