import { equal, ok } from "node:assert/strict";
import type { Socket } from "node:net";
import { MOST_CONNECTIONS } from "../../components/gateway/memory";
import { allowed, pairForSuite, request } from "./support/decisions";
import { eventually } from "./support/gateway";
import { opened } from "./support/http";

describe("gateway: connections that show no key", function () {
  this.timeout(120_000);
  const pair = pairForSuite();
  const sockets: Socket[] = [];
  let closed = 0;

  async function open(count: number, text = ""): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const socket = await opened(pair.gateway);
      sockets.push(socket);
      socket.on("error", () => undefined).on("close", () => (closed += 1));
      socket.resume();
      if (text !== "") socket.write(text);
    }
  }
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    closed = 0;
  });

  for (const [what, text] of [
    ["say nothing", ""],
    ["never finish their headers", "POST /api/chat HTTP/1.1\r\nhost: x\r\n"],
  ] as const) {
    it(`hinder nobody while they ${what}, and are closed soon`, async () => {
      await open(1000, text);
      await allowed(pair, request());
      equal((await fetch(`${pair.gateway.url}/healthz`)).status, 200);
      await eventually("the end of all of them", () => closed === 1000);
    });
  }

  it("are never more than the limit, however often the metrics are asked for", async () => {
    const ready = `http://127.0.0.1:${pair.gateway.place.metricsPort}/ready`;
    for (let count = 0; count < 250; count += 1) await fetch(ready, { headers: { connection: "close" } });
    await open(MOST_CONNECTIONS + 150, "GET /api/tags HTTP/1.1\r\nhost: x\r\n\r\n");
    await eventually("the refusal of the rest", () => closed >= 150);
    ok(sockets.filter((socket) => !socket.destroyed).length <= MOST_CONNECTIONS);
    equal((await fetch(ready)).status, 200);
  });
});
