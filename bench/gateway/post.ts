import { type Agent, request } from "node:http";
import { ALICE } from "../../test/gateway/support/decisions";

/** Sends a chat to a gateway on this machine as a client that may; settles when the whole answer is there, fails unless it is 200. */
export function post(port: number, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${ALICE}`, "content-length": Buffer.byteLength(body) };
    const sent = request({ port, host: "127.0.0.1", path: "/api/chat", method: "POST", agent, headers }, (reply) => {
      if (reply.statusCode !== 200) reject(new Error(`status ${reply.statusCode}`));
      reply.resume().on("end", resolve).on("error", reject);
    });
    sent.on("error", reject).end(body);
  });
}
