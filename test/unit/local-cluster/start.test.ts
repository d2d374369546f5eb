import { strict as assert } from "node:assert";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Component, StartContext, Step } from "../../../tools/local-cluster/component";
import { probe } from "../../../tools/local-cluster/probe";
import { clusterProcesses, endProcesses, mainProcess } from "../../../tools/local-cluster/processes";
import { startAll } from "../../../tools/local-cluster/start";
import { type ClusterState, newState } from "../../../tools/local-cluster/state";
import { scratchLayout } from "./scratch";

const serve = "require('http').createServer((q, s) => s.end('ok')).listen(Number(process.argv[1]), '127.0.0.1')";

describe("starting components", function () {
  if (process.platform !== "linux") return;
  const scratch = scratchLayout();
  let state: ClusterState;
  let reported: string[];
  beforeEach(() => {
    state = newState("127.0.0.1", "127.0.0.1");
    reported = [];
  });
  afterEach(() => endProcesses(clusterProcesses(scratch.current().directory), 1));

  const start = (entries: (Component | Step)[], timeoutSeconds = 10) => {
    const context: StartContext = {
      layout: scratch.current(),
      listenAddress: "127.0.0.1",
      advertiseAddress: "127.0.0.1",
      server: () => "",
      port: (name) => state.ports[name] ?? 0,
      tools: { path: () => process.execPath, files: () => "" },
      realNode: false,
    };
    return startAll({ context, state, entries, report: (line) => reported.push(line), timeoutSeconds });
  };
  const pidOf = (name: string) => mainProcess(clusterProcesses(scratch.current().directory), name)?.pid;

  /** A component that answers every request on its port. */
  const server = (name: string, change: Partial<Component> = {}): Component => ({
    name,
    startsAfter: [],
    ports: [name],
    executable: ({ tools }) => tools.path("node"),
    args: ({ port }) => ["-e", serve, String(port(name))],
    ready: ({ layout, port }) => probe(layout, `http://127.0.0.1:${port(name)}/`),
    ...change,
  });

  it("starts what is missing and leaves alone what runs", async () => {
    await start([server("a")]);
    const pid = pidOf("a");
    await start([server("a"), server("b", { startsAfter: ["a"] })]);
    assert.equal(pidOf("a"), pid);
    assert.notEqual(pidOf("b"), undefined);
  });

  it("runs steps between the components that they lie between", async () => {
    const order: string[] = [];
    const step: Step = {
      name: "step",
      startsAfter: ["a"],
      run: async () => void order.push(`a runs: ${pidOf("a") !== undefined}, b runs: ${pidOf("b") !== undefined}`),
    };
    await start([server("a"), step, server("b", { startsAfter: ["step"] })]);
    assert.deepEqual(order, ["a runs: true, b runs: false"]);
  });

  it("restarts a component when a file that it reads has changed", async () => {
    const file = path.join(scratch.current().directory, "settings");
    const component = server("a", { prepare: () => [file] });
    writeFileSync(file, "one");
    await start([component]);
    const pid = pidOf("a");
    writeFileSync(file, "two");
    await start([component]);
    assert.notEqual(pidOf("a"), pid);
  });

  it("takes another port when another program has the remembered one", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => squatter.once("listening", resolve));
    const { port } = squatter.address() as { port: number };
    state.ports["a"] = port;
    await start([server("a")]);
    squatter.close();
    assert.notEqual(state.ports["a"], port);
    assert.ok(reported.includes(`port ${port} of a is taken: using ${state.ports["a"]} instead`));
    const written = JSON.parse(readFileSync(scratch.current().stateFile, "utf8")) as ClusterState;
    assert.deepEqual(written.ports, state.ports);
  });

  it("asks components that all run at the same time, and each in its turn again when one is not ready", async () => {
    const asked: string[] = [];
    let sick = "";
    const slow = (name: string, startsAfter: string[]) =>
      server(name, {
        startsAfter,
        ready: async ({ layout, port }) => {
          asked.push(`${name} begins`);
          await probe(layout, `http://127.0.0.1:${port(name)}/`);
          await sleep(50);
          asked.push(`${name} ends`);
          if (sick === name) throw new Error(`${name} is sick`);
        },
      });
    const entries = [slow("a", []), slow("b", ["a"])];
    await start(entries);
    const pids = entries.map(({ name }) => pidOf(name));
    asked.length = 0;
    await start(entries);
    assert.deepEqual([...asked].sort(), ["a begins", "a ends", "b begins", "b ends"]);
    assert.ok(asked.indexOf("b begins") < asked.indexOf("a ends"), asked.join());
    assert.deepEqual(
      entries.map(({ name }) => pidOf(name)),
      pids,
    );
    sick = "a";
    await assert.rejects(start(entries, 0.5), /a did not start: not ready after 0\.5 s: a is sick/);
  });

  it("brings back what died, with the others as they were", async () => {
    const entries = [server("a"), server("b", { startsAfter: ["a"] })];
    await start(entries);
    const [a, b] = entries.map(({ name }) => pidOf(name));
    process.kill(a ?? 0, "SIGKILL");
    await start(entries);
    assert.notEqual(pidOf("a"), a);
    assert.equal(pidOf("b"), b);
  });

  it("shows the end of the log when a component does not stay up", async () => {
    const failing = server("a", { args: () => ["-e", "console.error('no luck today'); process.exit(3)"] });
    await assert.rejects(
      start([failing]),
      /a did not start: its process ended\nThe end of .*a\.log:\n(.|\n)*no luck today/,
    );
  });

  it("ends a component that does not become ready, and says why it is not", async () => {
    const silent = server("a", { ready: () => Promise.reject(new Error("still thinking")) });
    await assert.rejects(start([silent], 0.5), /a did not start: not ready after 0\.5 s: still thinking/);
    assert.equal(pidOf("a"), undefined);
  });

  it("does not start what waits for a failed component, but finishes what does not", async () => {
    const file = path.join(scratch.current().directory, "ran");
    const step: Step = { name: "step", startsAfter: ["bad"], run: async () => writeFileSync(file, "") };
    const bad = server("bad", { args: () => ["-e", "process.exit(1)"] });
    await assert.rejects(start([bad, step, server("good")]), /bad did not start/);
    assert.ok(!existsSync(file));
    assert.notEqual(pidOf("good"), undefined);
  });

  it("refuses a component that comes before what it needs", async () => {
    await assert.rejects(
      start([server("a", { startsAfter: ["b"] }), server("b")]),
      /component a starts after b, which does not come before it/,
    );
  });
});
