/** Small servers in front of the registry: what a company puts there. */
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";

type Handler = (request: http.IncomingMessage, answer: http.ServerResponse, forward: () => void) => void;

/** What a front was asked: path and Authorization header of every request. */
export interface Asked {
  method: string;
  path: string;
  authorization?: string;
  range?: string;
}

export interface Front {
  host: string;
  asked: Asked[];
  stop(): Promise<void>;
}

/**
 * Starts a front.
 *
 * @param upstream Host of the registry that `forward` passes a request to.
 * @param handler Answers, or forwards.
 * @param tls Certificate of the front. Default: plain HTTP.
 */
export async function startFront(
  upstream: string,
  handler: Handler,
  tls?: { key: string; cert: string },
): Promise<Front> {
  const asked: Asked[] = [];
  const listener: http.RequestListener = (request, answer) => {
    const { method = "", url = "", headers } = request;
    asked.push({ method, path: url, authorization: headers.authorization, range: headers.range });
    handler(request, answer, () => forward(upstream, request, answer));
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  return { asked, ...(await listen(server)) };
}

/** A forward proxy: absolute addresses for plain HTTP, CONNECT for TLS. */
export async function startProxy(): Promise<Front> {
  const asked: Asked[] = [];
  const server = http.createServer((request, answer) => {
    const { method = "", url = "" } = request;
    asked.push({ method, path: url });
    forward(new URL(url).host, { method, url: new URL(url).pathname, headers: request.headers }, answer);
  });
  server.on("connect", (request: http.IncomingMessage, client: Socket) => {
    asked.push({ method: "CONNECT", path: request.url ?? "" });
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const target = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      target.pipe(client).pipe(target);
    });
    target.on("error", () => client.destroy());
    client.on("error", () => target.destroy());
  });
  return { asked, ...(await listen(server)) };
}

/** What a front passes on of a request. */
type Forwarded = Pick<http.IncomingMessage, "method" | "url" | "headers">;

function forward(upstream: string, { method, url, headers }: Forwarded, answer: http.ServerResponse): void {
  const passed = { accept: headers.accept ?? "*/*", ...(headers.range === undefined ? {} : { range: headers.range }) };
  const sent = http.request(`http://${upstream}${url}`, { method, headers: passed }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  sent.on("error", () => answer.destroy());
  sent.end();
}

async function listen(server: http.Server | https.Server): Promise<Pick<Front, "host" | "stop">> {
  // Tunnels of CONNECT are not among the connections that a server closes by itself.
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
