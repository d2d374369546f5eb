// A chat page before a tenant's own model: serves one page, and hands its questions to the tenant's gateway with the token of the pod's
// ServiceAccount. It has no key, and no package beside Node.js.
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const { OLLAMA_HOST, MODEL, TOKEN_FILE = "/var/run/ollama/token", PORT = "8080" } = process.env;
const LONGEST_QUESTION = 8_000;

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(`${request.method} ${request.url}: ${error.message}`);
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { "content-type": "text/plain" }).end("the model cannot be reached\n");
  });
});

async function answer(request, response) {
  switch (`${request.method} ${request.url}`) {
    case "GET /":
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      return pipeline(createReadStream(new URL("page.html", import.meta.url)), response);
    case "GET /healthz":
      return response.end("ok\n");
    case "POST /chat":
      return chat(await textOf(request), response);
    default:
      return response.writeHead(404).end();
  }
}

/** Passes the model's answer on as it comes: one JSON object a line, as Ollama writes them. */
async function chat(question, response) {
  if (question === undefined) return response.writeHead(413).end();
  // Kubernetes changes the token every hour.
  const token = (await readFile(TOKEN_FILE, "utf8")).trim();
  const reply = await fetch(`${OLLAMA_HOST}/api/chat`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: MODEL, messages: [{ role: "user", content: question }] }),
  });
  response.writeHead(reply.status, { "content-type": reply.headers.get("content-type") ?? "text/plain" });
  await pipeline(Readable.fromWeb(reply.body), response);
}

/** The body of a request; undefined when it is too long. */
async function textOf(request) {
  let text = "";
  for await (const part of request.setEncoding("utf8")) {
    text += part;
    if (text.length > LONGEST_QUESTION) return undefined;
  }
  return text;
}

process.once("SIGTERM", () => server.close());
server.listen(Number(PORT), () => console.log(`listening on port ${PORT}, asking ${MODEL} at ${OLLAMA_HOST}`));
