import { equal, ok } from "node:assert/strict";
import { Socket } from "node:net";
import { MOST_CONNECTIONS } from "../../components/gateway/memory";
import { allowed, pairForSuite, request } from "./support/decisions";
import { eventually } from "./support/gateway";
import { encoded, opened } from "./support/http";

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

  for (const [what, text] of [
    ["a request without a key", "GET /api/tags HTTP/1.1\r\nhost: x\r\n\r\n"],
    ["a request with a wrong key", `GET /api/tags HTTP/1.1\r\nhost: x\r\nx-api-key: ${"x".repeat(30)}\r\n\r\n`],
    ["a question for its health", "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"],
  ] as const) {
    it(`are closed after ${what} is answered`, async () => {
      await open(50, text);
      await eventually("the end of all of them", () => closed === 50);
    });
  }

  it("leave those alone that show one, which ask again and again", async () => {
    const answers = () => received.split("HTTP/1.1 200").length - 1;
    let received = "";
    await open(1);
    const [socket] = sockets;
    socket?.on("data", (bytes) => (received += bytes.toString("latin1")));
    for (let count = 1; count <= 3; count += 1) {
      socket?.write(encoded(request({ method: "GET", target: "/api/tags", body: "" })));
      await eventually("the answer", () => answers() === count);
    }
    equal(closed, 0);
  });

  it("are never more than the limit, however often the metrics are asked for", async () => {
    const ready = `http://127.0.0.1:${pair.gateway.place.metricsPort}/ready`;
    for (let count = 0; count < 250; count += 1) await fetch(ready, { headers: { connection: "close" } });
    await open(MOST_CONNECTIONS + 150);
    await eventually("the refusal of the rest", () => closed >= 150);
    ok(sockets.filter((socket) => !socket.destroyed).length <= MOST_CONNECTIONS);
    equal((await fetch(ready)).status, 200);
  });
});
