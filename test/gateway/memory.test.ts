import { equal, ok } from "node:assert/strict";
import { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { GATEWAY_RESOURCES } from "../../components/spec/replica";
import { mostMemoryMiB } from "../support/processes";
import { ALICE, chat, request, tenant } from "./support/decisions";
import { hashOf, RunningGateway } from "./support/gateway";
import { exchange, opened } from "./support/http";
import { makeMemoryLimit, MemoryLimit, noMemoryLimit } from "./support/memory-limit";
import { startUpstream, Upstream } from "./support/upstream";

/** A client with two requests at a time, and one without a limit. */
const [MALLORY, TRUDY] = ["mallory-0123456789abcdefghijkl", "trudy-0123456789abcdefghijklmn"];
const LIMIT_MIB = GATEWAY_RESOURCES.memoryBytes / 2 ** 20;
/** Share of the limit that may be used at most. */
const MOST_USED = 0.8;
const CONNECTIONS = 1000;
const REQUESTS = 100;
const MIB = 2 ** 20;

/** Part of a request that its sender never finishes. */
interface Held {
  what: string;
  headers: string;
  bytes: number;
}

const post = (key: string, more: string): string =>
  `POST /api/chat HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n${more}\r\n\r\n`;

const HELD: Held[] = [
  {
    what: "bodies of 2 MiB that miss their end",
    headers: post(MALLORY, `content-length: ${2 * MIB}`),
    bytes: 2 * MIB - 1,
  },
  {
    what: "such bodies of a client without a limit",
    headers: post(TRUDY, `content-length: ${2 * MIB}`),
    bytes: 2 * MIB - 1,
  },
  {
    what: "bodies in chunks that never end",
    headers: `${post(TRUDY, "transfer-encoding: chunked")}200000\r\n`,
    bytes: 2 * MIB - 1,
  },
  { what: "bodies too small to be counted", headers: post(TRUDY, "content-length: 16384"), bytes: 16383 },
  {
    what: "headers that never end",
    headers: `POST /api/chat HTTP/1.1\r\nauthorization: Bearer ${MALLORY}\r\nx-long: `,
    bytes: 15_000,
  },
];

describe(`gateway: ${CONNECTIONS} connections in a container of ${LIMIT_MIB} MiB`, function () {
  this.timeout(300_000);
  let upstream: Upstream;
  let limit: MemoryLimit | undefined;
  let gateway: RunningGateway;
  const sockets: Socket[] = [];

  before(async function () {
    const why = noMemoryLimit();
    if (why !== undefined) {
      console.log(`      skipped: ${why}`);
      this.skip();
    }
    upstream = await startUpstream();
  });
  after(() => upstream?.stop());
  beforeEach(async () => {
    limit = makeMemoryLimit(GATEWAY_RESOURCES.memoryBytes);
    const clients = [
      { name: "alice", keySha256: [hashOf(ALICE)] },
      { name: "mallory", keySha256: [hashOf(MALLORY)], maxConcurrent: 2 },
      { name: "trudy", keySha256: [hashOf(TRUDY)] },
    ];
    gateway = await RunningGateway.start(tenant({ clients }), upstream.port, undefined, undefined, limit.processes);
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await gateway?.stop();
    limit?.remove();
  });

  /** Opens connections that hold what they never finish; one that is refused is opened again. */
  async function hold({ headers, bytes }: Held): Promise<void> {
    const body = Buffer.alloc(bytes, "a");
    for (let count = 0; count < CONNECTIONS; count += 1) {
      const socket = await opened(gateway);
      sockets.push(socket.on("error", () => undefined));
      socket.resume();
      socket.write(headers);
      socket.write(body);
    }
  }

  for (const held of HELD) {
    it(`stay under ${MOST_USED * 100} % of it and hinder nobody with ${held.what}`, async () => {
      const holding = hold(held);
      let answered = 0;
      for (let count = 0; count < REQUESTS; count += 1) {
        if ((await exchange(gateway, request({ body: chat("llama3:8b") }))).status === 200) answered += 1;
        await pause(10);
      }
      await holding;
      const most = mostMemoryMiB(gateway.process.pid);
      console.log(
        `      at most ${most.toFixed(0)} MiB, ${answered} of ${REQUESTS} requests of another client answered`,
      );
      ok(most < MOST_USED * LIMIT_MIB, `${most} MiB`);
      ok(answered >= 0.99 * REQUESTS, `${answered} of ${REQUESTS}`);
      equal(limit?.kills(), 0);
    });
  }
});
