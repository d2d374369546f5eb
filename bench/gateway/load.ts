/** Requests to gateways and proxies on this machine, and the server behind them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import * as path from "node:path";
import { ALICE } from "../../test/gateway/support/decisions";

/** A request that is sent again and again. */
export interface Call {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** A chat of a client that may. */
export const chatCall = (body: string): Call => ({
  path: "/api/chat",
  headers: { authorization: `Bearer ${ALICE}` },
  body,
});

/** Starts the server of the benchmarks in a process of its own, which ends when it is disconnected. */
export async function startServer(): Promise<{ process: ChildProcess; port: number }> {
  const server = fork(path.join(__dirname, "upstream.ts"), { execArgv: ["-r", "ts-node/register/transpile-only"] });
  const [port] = (await once(server, "message")) as [number];
  return { process: server, port };
}

/** Sends a request; settles when the whole answer is there, fails unless it is 200. */
export function post(port: number, agent: Agent, { path: place, headers: given, body }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { ...given, "content-length": Buffer.byteLength(body) };
    const sent = request({ port, host: "127.0.0.1", path: place, method: "POST", agent, headers }, (reply) => {
      if (reply.statusCode !== 200) reject(new Error(`status ${reply.statusCode}`));
      reply.resume().on("end", resolve).on("error", reject);
    });
    sent.on("error", reject).end(body);
  });
}

/** Requests per second while every connection sends its next one at once. */
export async function throughput(port: number, call: Call, connections: number, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const begin = Date.now();
  let count = 0;
  const worker = async (): Promise<void> => {
    for (; Date.now() - begin < seconds * 1000; count += 1) await post(port, agent, call);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return count / ((Date.now() - begin) / 1000);
}
