import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { probeProgram, readOutcomes, type Attempt, type Outcome, type Task } from "../../../../verifier/traffic/probe";

/** Runs the program of probe pods on this machine. */
function run(task: Task, onStart: (kill: () => void) => void = () => undefined): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", probeProgram()], {
      env: { PROBE_TASK: JSON.stringify(task) },
    });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.once("close", () => resolve(said));
    onStart(() => child.kill());
  });
}

async function ask(...attempts: Omit<Attempt, "open">[]): Promise<Outcome[]> {
  const all = attempts.map((attempt) => ({ ...attempt, open: true }));
  return readOutcomes(await run({ ask: { attempts: all, settleSeconds: 0 } }), all.length);
}

/** A port of this machine that is free now. */
async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("the program of probe pods", function () {
  this.timeout(60_000);

  it("tells who answers over TCP and UDP, and that nobody does", async () => {
    const port = await freePort();
    let stop = (): void => undefined;
    const listening = run({ listen: { name: "tenant-hr", port } }, (kill) => (stop = kill));
    const host = "127.0.0.1";
    try {
      let outcomes: Outcome[] = [];
      for (let round = 0; round < 100 && outcomes[0]?.met !== "answered"; round++)
        outcomes = await ask(
          { kind: "http", host, port },
          { kind: "udp", host, port },
          { kind: "tcp", host, port },
          { kind: "tcp", host, port: await freePort() },
        );
      const [http, udp, tcp, nobody] = outcomes;
      assert.deepEqual([http?.met, http?.detail, http?.status], ["answered", "tenant-hr", 200]);
      assert.deepEqual([udp?.met, udp?.detail], ["answered", "tenant-hr"]);
      assert.equal(tcp?.met, "answered");
      assert.equal(nobody?.met, "refused");
    } finally {
      stop();
      await listening;
    }
  });

  it("answers over TCP and UDP by addresses of both families, as far as the machine has them", async () => {
    const port = await freePort();
    let stop = (): void => undefined;
    const listening = run({ listen: { name: "tenant-hr", port } }, (kill) => (stop = kill));
    const has6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));
    try {
      for (const host of ["127.0.0.1", ...(has6 ? ["::1"] : [])]) {
        let met: string[] = [];
        for (let round = 0; round < 100 && met.join() !== "answered,answered"; round++)
          met = (await ask({ kind: "http", host, port }, { kind: "udp", host, port })).map((outcome) => outcome.met);
        assert.deepEqual(met, ["answered", "answered"], host);
      }
    } finally {
      stop();
      await listening;
    }
  });

  it("asks a name for the family of addresses that is wanted", async () => {
    const port = await freePort();
    const [four, six] = await ask(
      { kind: "tcp", host: "127.0.0.1", port, family: 4 },
      { kind: "tcp", host: "no-such-name.invalid", port, family: 6 },
    );
    assert.deepEqual([four?.met, six?.met], ["refused", "unresolved"]);
  });

  it("goes on to its end after answers of every kind, however long others are awaited", async () => {
    const port = await freePort();
    let stop = (): void => undefined;
    const listening = run({ listen: { name: "tenant-hr", port } }, (kill) => (stop = kill));
    const at = { host: "127.0.0.1", port, open: true };
    // An expectation that is never met keeps the program at work.
    const never: Attempt = { kind: "tcp", host: "127.0.0.1", port: await freePort(), open: true };
    try {
      const attempts: Attempt[] = [{ kind: "udp", ...at }, { kind: "http", ...at }, { kind: "tcp", ...at }, never];
      const outcomes = readOutcomes(await run({ ask: { attempts, settleSeconds: 6 } }), attempts.length);
      assert.deepEqual(
        outcomes.map(({ met }) => met),
        ["answered", "answered", "answered", "refused"],
      );
    } finally {
      stop();
      await listening;
    }
  });

  it("tells a name without address from a closed connection", async () => {
    const [outcome] = await ask({ kind: "tcp", host: "no-such-name.invalid", port: 80 });
    assert.equal(outcome?.met, "unresolved");
  });

  it("has said nothing until it has said everything", () => {
    const line = JSON.stringify({ met: "refused" });
    const end = JSON.stringify({ done: 2 });
    assert.equal(readOutcomes(`${line}\n${line}\n${end}\n`, 2).length, 2);
    for (const log of ["", line, `${line}\n${line}\n`, `${line}\n${end}\n`, `${line}\n${line}\n${line}\n${end}\n`])
      assert.throws(() => readOutcomes(log, 2), /has not said/);
  });
});
