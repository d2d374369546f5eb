/**
 * What a probe pod runs. It needs nothing but Node.js, and knows its task from the environment: to listen, or to try
 * connections and print what each of them met, one line of JSON each.
 */
import dgram from "node:dgram";
import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";

const CONNECT_MILLISECONDS = 2500;
/** A gateway asks its server. */
const ANSWER_MILLISECONDS = 10_000;
const AT_ONCE = 64;

/** What errors of the system say of a connection. */
const MET = {
  ECONNREFUSED: "refused",
  ECONNRESET: "refused",
  ETIMEDOUT: "dropped",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EACCES: "unreachable",
  EPERM: "unreachable",
};

/** Answers datagrams of one family with its name. A pod without addresses of the family goes without. */
const answerDatagrams = (options, { name, port }) =>
  new Promise((resolve) => {
    const socket = dgram.createSocket(options);
    socket.on("message", (_, from) => socket.send(name, from.port, from.address));
    socket.on("error", () => resolve());
    socket.bind(port, () => resolve());
  });

/**
 * Answers everybody over TCP and UDP with its name, by addresses of both families. The TCP side opens last, so that whoever is ready is so for
 * both.
 */
async function listen(task) {
  await answerDatagrams({ type: "udp4" }, task);
  await answerDatagrams({ type: "udp6", ipv6Only: true }, task);
  http.createServer((_, answer) => answer.end(task.name)).listen(task.port);
}

/** @returns {{ met: string, detail?: string }} */
const failure = (error) => ({ met: MET[error.code] ?? "error", detail: error.code ?? error.message });

function within(milliseconds, attempt) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ met: "dropped" }), milliseconds);
    attempt((outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    });
  });
}

/** Whether someone takes the connection. */
const connect = ({ port }, address) =>
  within(CONNECT_MILLISECONDS, (done) => {
    const socket = net.connect({ host: address, port });
    socket.setTimeout(CONNECT_MILLISECONDS, () => socket.destroy());
    socket.once("connect", () => {
      socket.destroy();
      done({ met: "answered" });
    });
    socket.on("error", (error) => done(failure(error)));
  });

/** Which listener sends a datagram back. */
const datagram = ({ port }, address) => {
  const socket = dgram.createSocket(net.isIPv6(address) ? "udp6" : "udp4");
  return within(CONNECT_MILLISECONDS, (done) => {
    socket.on("message", (message) => done({ met: "answered", detail: message.toString() }));
    socket.on("error", (error) => done(failure(error)));
    socket.connect(port, address, (error) => (error ? done(failure(error)) : socket.send("who")));
  }).finally(() => socket.close());
};

/** Which listener answers, or what a gateway says. The key is read from a file and never printed. */
const request = (attempt, address) =>
  within(ANSWER_MILLISECONDS, (done) => {
    const { host, port, method = "GET", path = "/", tls = false, key, body } = attempt;
    const headers = { host, connection: "close" };
    if (key !== undefined)
      headers.authorization = `Bearer ${key.startsWith("/") ? readFileSync(key, "utf8").trim() : key}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const options = { host: address, port, method, path, headers, agent: false, rejectUnauthorized: false };
    const asked = (tls ? https : http).request(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text = (text + part).slice(0, 4096)));
      answer.once("end", () => done({ met: "answered", status: answer.statusCode, detail: text.slice(0, 200) }));
      answer.once("error", (error) => done(failure(error)));
    });
    asked.once("socket", (socket) => {
      const slow = setTimeout(
        () => asked.destroy(Object.assign(new Error("no connection"), { code: "ETIMEDOUT" })),
        CONNECT_MILLISECONDS,
      );
      socket.once("connect", () => clearTimeout(slow));
      socket.once("close", () => clearTimeout(slow));
    });
    asked.on("error", (error) => done(failure(error)));
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });

const KINDS = { tcp: connect, udp: datagram, http: request };

async function attemptOnce(attempt) {
  let address;
  try {
    ({ address } = await lookup(attempt.host, { family: attempt.family ?? 0 }));
  } catch (error) {
    return { met: "unresolved", detail: error.code };
  }
  const outcome = await KINDS[attempt.kind](attempt, address);
  return { ...outcome, resolved: address !== attempt.host };
}

async function each(attempts, work) {
  const results = new Array(attempts.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < attempts.length; index = next++) results[index] = await work(attempts[index]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/**
 * A network plugin takes a moment to know a new pod. What is not as expected is tried again until it is, or time is up;
 * then everything is tried once more, and only that counts.
 */
async function ask({ attempts, settleSeconds }) {
  const begun = Date.now();
  let left = attempts;
  for (;;) {
    const outcomes = await each(left, attemptOnce);
    left = left.filter(({ open }, index) => (outcomes[index].met === "answered") !== open);
    if (left.length === 0 || Date.now() - begun > settleSeconds * 1000) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  const settled = Date.now() - begun;
  const last = await each(attempts, attemptOnce);
  for (const outcome of last) console.log(JSON.stringify(outcome));
  console.log(JSON.stringify({ done: last.length, settledMilliseconds: settled }));
}

const task = JSON.parse(process.env.PROBE_TASK);
if (task.listen === undefined) await ask(task.ask);
else await listen(task.listen);
