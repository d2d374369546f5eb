import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { GatewayInput } from "../../components/gateway";
import { seeded } from "../unit/gateway/support/documents";
import { tenant } from "./support/decisions";
import { eventually, hashOf, RunningGateway } from "./support/gateway";
import { memoryMiB } from "../support/processes";
import type { Behaviour, Upstream } from "./support/upstream";
import { startUpstream } from "./support/upstream";

const STREAMS = 200;
/** How long the undisturbed part takes. LOAD_SECONDS lengthens it, to five minutes for the figures of the documentation. */
const SECONDS = Number(process.env["LOAD_SECONDS"] ?? 15);
const ROTATION_MS = 2_000;
/** Share of the clients' streams that are broken off before their end. */
const BROKEN_OFF = 0.15;
/** The container's limit of memory. */
const MEMORY_MIB = 128;

/** What became of one stream. */
interface Outcome {
  requestId: string;
  status: number;
  /** Whether the key was good no more when the reply came. */
  revoked: boolean;
  chunks: number;
  /** Said by the model, chunk by chunk. */
  said: string[];
  says: string;
  end: "whole" | "broken off" | "cut";
}

describe(`gateway: ${STREAMS} clients at once`, function () {
  this.timeout(SECONDS * 1000 + 240_000);

  let upstream: Upstream;
  let gateway: RunningGateway;
  /** Keys that the gateway accepts, and the one that clients use. */
  let keys: string[];
  let key: string;
  let generation = 0;

  const newKey = (): string => `load-${(generation += 1)}-0123456789abcdefghijklmn`;
  const input = (): GatewayInput =>
    tenant({
      clients: [{ name: "alice", keySha256: keys.map(hashOf) }],
      limits: { maxActiveRequests: STREAMS, maxWaitingRequests: STREAMS },
    });

  before(async () => {
    key = newKey();
    keys = [key];
    upstream = await startUpstream();
    gateway = await RunningGateway.start(input(), upstream.port);
  });
  after(async () => {
    await gateway?.stop();
    await upstream?.stop();
  });

  /** Adds a key and takes away the one before the last, as a rotation does; clients get it when the gateway knows it. */
  async function rotate(): Promise<void> {
    const added = newKey();
    keys = [added, key];
    await gateway.update(input());
    key = added;
  }

  function stream(agent: Agent, behaviour: Behaviour & { chunks: number; says: string }, breakAt: number) {
    const used = key;
    const content = `behave:${JSON.stringify(behaviour)}`;
    const body = JSON.stringify({ model: "llama3:8b", stream: true, messages: [{ role: "user", content }] });
    const { port, address: host } = gateway.place;
    const headers = { authorization: `Bearer ${used}`, "content-length": Buffer.byteLength(body) };
    const { chunks, says } = behaviour;
    const outcome: Outcome = { requestId: "", status: 0, revoked: false, chunks, said: [], says, end: "cut" };
    return new Promise<Outcome>((resolve) => {
      const sent = httpRequest({ host, port, path: "/api/chat", method: "POST", agent, headers }, (reply) => {
        outcome.status = reply.statusCode ?? 0;
        outcome.revoked = !keys.includes(used);
        outcome.requestId = String(reply.headers["x-request-id"]);
        let text = "";
        reply.setEncoding("utf8").on("data", (part: string) => {
          const lines = (text + part).split("\n");
          text = lines.pop() ?? "";
          for (const line of outcome.status === 200 ? lines : []) {
            const { message, done } = JSON.parse(line) as { message?: { content: string }; done?: boolean };
            if (done === true) outcome.end = "whole";
            else outcome.said.push(message?.content ?? "");
          }
          if (outcome.status !== 200 || outcome.said.length < breakAt || outcome.end === "whole") return;
          outcome.end = "broken off";
          reply.destroy();
        });
        reply.on("error", () => undefined).on("close", () => resolve(outcome));
      });
      sent.on("error", () => resolve(outcome)).end(body);
    });
  }

  /** Lets every client make one stream after the other, and calls `meanwhile` beside them. */
  async function underLoad(meanwhile: () => Promise<void>): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const agent = new Agent({ keepAlive: true, maxSockets: STREAMS });
    const state = { over: false };
    const client = async (index: number): Promise<void> => {
      const random = seeded(index);
      for (let count = 0; !state.over; count += 1) {
        const chunks = 5 + Math.floor(random() * 60);
        const breakAt = random() < BROKEN_OFF ? Math.floor(random() * chunks) : Infinity;
        const says = `${generation}.${index}.${count}`;
        const outcome = await stream(agent, { chunks, says, pauseMs: 50 }, breakAt);
        outcomes.push(outcome);
        // A gateway that is closed refuses at once: not to be asked again without pause.
        if (outcome.status === 0) await pause(50);
      }
    };
    const clients = Array.from({ length: STREAMS }, (_, index) => client(index));
    try {
      await meanwhile();
    } finally {
      state.over = true;
      await Promise.all(clients);
      agent.destroy();
    }
    return outcomes;
  }

  /** Streams that have chunks of others, miss some, or have some twice. */
  const mixedUp = (outcomes: Outcome[]): Outcome[] =>
    outcomes.filter(
      ({ said, says, chunks, end }) =>
        said.some((text, index) => text !== `${says}-${index}`) || (end === "whole" && said.length !== chunks),
    );

  const ended = (outcomes: Outcome[], end: Outcome["end"]): Outcome[] => outcomes.filter((one) => one.end === end);

  /** The audit lines of the outcomes; waits for the last of them. */
  async function linesOf(outcomes: Outcome[]): Promise<Map<unknown, Record<string, unknown>>> {
    return eventually("the audit lines", () => {
      const lines = new Map<unknown, Record<string, unknown>>(
        gateway.audit().map((line) => [line["request_id"], line]),
      );
      return outcomes.every(({ requestId }) => lines.has(requestId)) && lines;
    });
  }

  const openFiles = (): number => readdirSync(`/proc/${gateway.process.pid}/fd`).length;

  it(`lose no stream and mix none up in ${SECONDS} seconds of rotated keys, and each is metered right`, async () => {
    const idle = { files: openFiles(), memory: memoryMiB(gateway.process.pid) };
    const memory: number[] = [];
    const outcomes = await underLoad(async () => {
      for (const end = Date.now() + SECONDS * 1000; Date.now() < end;) {
        await pause(ROTATION_MS);
        await rotate();
        memory.push(memoryMiB(gateway.process.pid));
      }
    });
    // A client that took its key before a rotation and called after the next one is refused, rightly.
    const late = outcomes.filter(({ status, revoked }) => status === 401 && revoked);
    const served = outcomes.filter((outcome) => !late.includes(outcome));
    deepEqual(mixedUp(served), []);
    deepEqual(ended(served, "cut"), []);
    ok(ended(served, "whole").length > STREAMS && ended(served, "broken off").length > 0);
    ok(late.length < served.length / 20, `${late.length} of ${outcomes.length} came too late`);

    const lines = await linesOf(served);
    for (const { requestId, chunks } of ended(served, "whole")) {
      const { completion_tokens, partial } = lines.get(requestId) ?? {};
      deepEqual({ completion_tokens, partial }, { completion_tokens: chunks, partial: false });
    }
    const counted = gateway.audit().reduce((sum, line) => sum + Number(line["completion_tokens"] ?? 0), 0);
    const metric = /envoy_gateway_completion_tokens\{[^}]*\} (\d+)\n/.exec(await gateway.metrics())?.[1];
    equal(Number(metric), counted);

    await eventually("the server's end of every stream", () => upstream.active() === 0);
    upstream.closeIdle();
    await eventually(`no more files than the ${idle.files} before`, () => openFiles() <= idle.files + 3);
    const most = Math.max(...memory);
    const half = Math.max(...memory.slice(0, Math.ceil(memory.length / 2)));
    console.log(
      `      ${served.length} streams; memory ${idle.memory.toFixed(0)} MiB idle, at most ${half.toFixed(0)} MiB in the first ` +
        `half and ${most.toFixed(0)} MiB in all`,
    );
    ok(most <= MEMORY_MIB, `${most} MiB`);
  });

  it("lose the streams that ran when the server is killed, are told so, and are served again by the next one", async () => {
    const outcomes = await underLoad(async () => {
      await pause(2_000);
      await upstream.stop();
      await pause(500);
      upstream = await startUpstream(upstream.port);
      await pause(3_000);
    });
    deepEqual(mixedUp(outcomes), []);
    const cut = ended(outcomes, "cut");
    ok(cut.length > 0, "nothing was cut: the server was not killed under load");
    // Broken streams look broken, and where there is no server the gateway says so itself.
    ok(
      cut.every(({ status }) => status === 200 || status === 503),
      JSON.stringify(cut.find(({ status }) => status !== 200)),
    );
    ok(ended(outcomes, "whole").some(({ requestId }) => requestId !== "" && upstream.recorded.length > STREAMS));
    for (const [requestId, line] of await linesOf(ended(outcomes, "whole"))) {
      if (line["partial"] === false) equal(typeof line["completion_tokens"], "number", String(requestId));
    }
  });

  it("are served again when the gateway itself was killed, by the keys of then", async () => {
    const revoked = key;
    const outcomes = await underLoad(async () => {
      await pause(2_000);
      await rotate();
      keys = [key];
      await gateway.update(input());
      await gateway.restart();
      await pause(3_000);
    });
    deepEqual(mixedUp(outcomes), []);
    ok(ended(outcomes, "cut").length > 0, "nothing was cut: the gateway was not killed under load");
    ok(ended(outcomes, "whole").length > STREAMS / 2, String(ended(outcomes, "whole").length));
    const { address, port } = gateway.place;
    const reply = await fetch(`http://${address}:${port}/api/tags`, {
      headers: { authorization: `Bearer ${revoked}` },
    });
    equal(reply.status, 401);
  });
});
