/** Requests to an API server, with the status of every answer. */
import * as https from "node:https";
import * as http from "node:http";
import type { KubeConfig } from "@kubernetes/client-node";

/** An answer of the API server, whatever its status. */
export interface ApiReply {
  status: number;
  /** The body: an object where it is JSON, else its text. */
  body: unknown;
}

/** Someone as the API server knows them. */
export interface Identity {
  user: string;
  groups: readonly string[];
}

/** One request. */
export interface ApiRequest {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Path with query, for example `/api/v1/nodes?limit=1`. */
  path: string;
  body?: unknown;
  /** Media type of the answer. Default: `application/json`. */
  accept?: string;
  /** Media type of the body. Default: `application/json`. */
  contentType?: string;
  /** Who acts, by impersonation. Default: whoever the kubeconfig names. */
  as?: Identity;
}

/** The API server of a cluster. */
export interface ClusterApi {
  /** Address of the server, for messages. */
  readonly server: string;
  /**
   * Sends a request.
   *
   * @throws ApiUnreachable when no answer comes within 30 seconds.
   */
  request(request: ApiRequest): Promise<ApiReply>;
  /** Closes the connections. */
  close(): void;
}

/** The API server gave no answer. */
export class ApiUnreachable extends Error {
  override readonly name = "ApiUnreachable";
}

/** What is used of a kubeconfig. */
export type Credentials = Pick<KubeConfig, "getCurrentCluster" | "getCurrentContext" | "applyToHTTPSOptions">;

const TIMEOUT_MILLISECONDS = 30_000;
/** Shorter than the life of any credential that is handed out. */
const CREDENTIALS_MILLISECONDS = 30_000;

/**
 * The API server that a kubeconfig's current context names.
 *
 * @throws ApiUnreachable when the kubeconfig names no server.
 */
export function clusterApi(config: Credentials): ClusterApi {
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw new ApiUnreachable(
      `the kubeconfig's context ${JSON.stringify(config.getCurrentContext())} names no cluster; choose one with --context`,
    );
  }
  let agent: https.RequestOptions["agent"];
  let prepared: { options: https.RequestOptions; until: number } | undefined;
  /** Credentials may expire, so they are asked for again and again; not for each of thousands of requests. */
  const prepare = async (): Promise<https.RequestOptions> => {
    if (prepared === undefined || Date.now() > prepared.until) {
      const options: https.RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      // The first one's connections serve all later requests; credentials that expire are in the headers.
      agent ??= keptAlive(options.agent);
      prepared = { options: { ...options, agent }, until: Date.now() + CREDENTIALS_MILLISECONDS };
    }
    return prepared.options;
  };
  return {
    server,
    request: async (request) => send(new URL(server), await prepare(), request),
    close: () => (agent as https.Agent | undefined)?.destroy(),
  };
}

/** Lets an agent keep its connections: a handshake for each of thousands of reviews takes longer than the reviews. */
function keptAlive(agent: https.RequestOptions["agent"]): https.RequestOptions["agent"] {
  return agent instanceof http.Agent ? Object.assign(agent, { keepAlive: true }) : agent;
}

function send(server: URL, options: https.RequestOptions, request: ApiRequest): Promise<ApiReply> {
  const { method = "GET", path, body, accept = "application/json", contentType = "application/json" } = request;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers: http.OutgoingHttpHeaders = { ...(options.headers as http.OutgoingHttpHeaders), accept };
  if (request.as !== undefined)
    Object.assign(headers, { "impersonate-user": request.as.user, "impersonate-group": [...request.as.groups] });
  if (text !== undefined)
    Object.assign(headers, { "content-type": contentType, "content-length": Buffer.byteLength(text) });
  const base = server.pathname.replace(/\/+$/, "");
  const transport = server.protocol === "http:" ? http : https;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new ApiUnreachable(`${server.origin} does not answer: ${error.message}`));
    const sent = transport.request(
      {
        ...options,
        host: server.hostname,
        port: server.port === "" ? undefined : server.port,
        path: base + path,
        method,
        headers,
        timeout: TIMEOUT_MILLISECONDS,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", fail);
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString("utf8")) }),
        );
      },
    );
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${TIMEOUT_MILLISECONDS / 1000} s`)));
    sent.on("error", fail);
    sent.end(text);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What an answer that is no success says: the message of its `Status`, else its status code. */
export function refusalOf({ status, body }: ApiReply): string {
  const message = (body as { message?: unknown } | null)?.message;
  return typeof message === "string" && message !== "" ? message : `the API server answers ${status}`;
}

/** Whether the request was carried out. */
export function isSuccess({ status }: ApiReply): boolean {
  return status >= 200 && status < 300;
}

/** Whether the asker's own rights do not reach, as opposed to a refusal by admission, which is Forbidden too. */
export function isMissingRight(reply: ApiReply): boolean {
  return reply.status === 401 || (reply.status === 403 && / cannot [a-z]+ (?:resource|path) /.test(refusalOf(reply)));
}
