/** One watch of an API server: events as they come, until the connection ends. */
import * as https from "node:https";
import * as http from "node:http";
import type { Credentials } from "../cluster-api";

/** An event of a watch. */
export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: Record<string, unknown>;
}

/** A watch that the server refused or ended with an error. */
export class WatchRefused extends Error {
  override readonly name = "WatchRefused";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Ends a watch from outside. */
export interface Stop {
  readonly signal: AbortSignal;
}

/** Bookmarks come about once a minute; a connection that is silent for longer is dead without having said so. */
const SILENT_MILLISECONDS = 100_000;

/**
 * Watches a path and gives each event to `onEvent`; comes back when the server ends the watch, as it does every few minutes.
 *
 * @throws WatchRefused when the server answers with an error, such as 410 when it has forgotten the version asked for.
 * @throws Error when the connection breaks.
 */
export async function watch(
  credentials: Credentials,
  path: string,
  { signal }: Stop,
  onOpen: () => void,
  onEvent: (event: WatchEvent) => void,
): Promise<void> {
  const options: https.RequestOptions = {};
  await credentials.applyToHTTPSOptions(options);
  const server = new URL(credentials.getCurrentCluster()?.server ?? "");
  const transport = server.protocol === "http:" ? http : https;
  await new Promise<void>((resolve, reject) => {
    const request = transport.request(
      {
        ...options,
        // A connection of its own: it is held for minutes.
        agent: false,
        host: server.hostname,
        port: server.port === "" ? undefined : server.port,
        path: server.pathname.replace(/\/+$/, "") + path,
        headers: { ...(options.headers as http.OutgoingHttpHeaders), accept: "application/json" },
        timeout: SILENT_MILLISECONDS,
        signal,
      },
      (answer) => {
        answer.on("error", reject);
        answer.setEncoding("utf8");
        if (answer.statusCode !== 200) {
          let text = "";
          answer.on("data", (chunk: string) => (text += chunk));
          answer.on("end", () => reject(new WatchRefused(answer.statusCode ?? 0, messageIn(text))));
          return;
        }
        onOpen();
        const read = lines((line) => {
          const event = JSON.parse(line) as WatchEvent;
          if (event.type !== "ERROR") return onEvent(event);
          const { code, message } = event.object as { code?: number; message?: string };
          request.destroy(new WatchRefused(code ?? 500, message ?? "the watch ended with an error"));
        });
        answer.on("data", (chunk: string) => {
          try {
            read(chunk);
          } catch (error) {
            request.destroy(error as Error);
          }
        });
        answer.on("end", resolve);
      },
    );
    request.on("timeout", () => request.destroy(new Error("the watch has been silent for too long")));
    request.on("error", reject);
    request.end();
  });
}

/** Calls with each whole line of a text that comes in pieces. */
function lines(onLine: (line: string) => void): (chunk: string) => void {
  let rest: string[] = [];
  return (chunk) => {
    const parts = chunk.split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      const line = [...rest, part].join("");
      rest = [];
      if (line !== "") onLine(line);
    }
    if (last !== "") rest.push(last);
  };
}

function messageIn(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.slice(0, 200);
  }
}
