/** The server of the benchmark, in a process of its own: a fixed answer, or a stream of as many chunks as asked for. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ANSWER, OPENAI_ANSWER } from "./upstream-answers";

const CHUNK = `${JSON.stringify({ model: "m", message: { role: "assistant", content: "word" }, done: false })}\n`;

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const chunks = Number(/chunks:(\d+)/.exec(Buffer.concat(parts.slice(0, 1)).toString("latin1"))?.[1] ?? 0);
    if (chunks === 0) {
      const answer = request.url?.startsWith("/v1/") ? OPENAI_ANSWER : ANSWER;
      response.writeHead(200, { "content-type": "application/json", "content-length": answer.length });
      response.end(answer);
      return;
    }
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    let sent = 0;
    const next = (): void => {
      if (sent === chunks) return void response.end(`${ANSWER}\n`);
      sent += 1;
      response.write(CHUNK);
      setImmediate(next);
    };
    next();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
