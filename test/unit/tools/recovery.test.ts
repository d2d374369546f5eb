import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { hostname } from "node:os";
import * as path from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { recoverFromDeadEngines } from "../../../tools/local/engine-processes";
import { claimState, pruneState, savedStack, stackFile } from "../../../tools/local/state";
import { readProcFile } from "../../../tools/local-cluster/processes";
import { killed } from "../../support/processes";
import { script, temporaryFolder } from "./temporary-folder";

/** Writes files below the folder. */
const writer = (folder: () => string) => (file: string, content: string) => {
  const name = path.join(folder(), file);
  fs.mkdirSync(path.dirname(name), { recursive: true });
  fs.writeFileSync(name, content);
  return name;
};

describe("recovery from an engine that died", () => {
  const folder = temporaryFolder();
  const write = writer(folder);
  const children: ChildProcess[] = [];
  const environment = () => ({
    PULUMI_BACKEND_URL: `file://${folder()}/state?metadata=skip`,
    PULUMI_HOME: path.join(folder(), "home"),
  });
  const lock = (pid: number | undefined, host = hostname()) =>
    write(
      `state/.pulumi/locks/organization/ollama-platform/dev/${pid}-${host}.json`,
      JSON.stringify({ pid, username: "root", hostname: host, timestamp: new Date().toISOString() }),
    );

  /** A program of this name that runs until it is killed, with the engine's environment. */
  async function running(name: string, home = environment().PULUMI_HOME): Promise<ChildProcess> {
    const file = script(folder(), name, "while true; do sleep 0.1; done");
    const child = spawn(file, [], { env: { ...process.env, PULUMI_HOME: home }, stdio: "ignore" });
    children.push(child);
    // Until the kernel has put the program in the place of this one.
    while (!(readProcFile(child.pid ?? 0, "cmdline") ?? "").includes(name))
      await new Promise((go) => setTimeout(go, 5));
    return child;
  }
  afterEach(() => Promise.all(children.splice(0).map(killed)));

  it("releases the locks of engines that run no more on this machine", async () => {
    const dead = await running("pulumi");
    await killed(dead);
    const other = await running("not-the-engine");
    const gone = [
      lock(dead.pid),
      lock(other.pid),
      write("state/.pulumi/locks/organization/p/dev/half.json", '{"pid"'),
      write("state/.pulumi/locks/organization/p/dev/begun.json.18ecacfd16c89c9d.tmp", ""),
    ];
    const lines = await recoverFromDeadEngines(environment());
    assert.deepEqual(gone.filter(fs.existsSync), []);
    assert.equal(lines.filter((line) => line === "released the lock of a dead engine on stack dev").length, 4);
  });

  it("removes attributes of files and files that were begun, and nothing that an engine that runs may be writing", async () => {
    const stack = "state/.pulumi/stacks/ollama-platform/dev.json";
    const begun = write(`${stack}.18ecacfd16c89c9d.tmp`, "{");
    fs.utimesSync(begun, 0, 0);
    const gone = [begun, write(`${stack}.attrs`, ""), write(`${stack}.bak.attrs`, "{}")];
    const kept = [write(stack, "{}"), write(`${stack}.bak`, "{}"), write(`${stack}.18ecacfd16c89c9e.tmp`, "{")];
    assert.deepEqual(await recoverFromDeadEngines(environment()), []);
    assert.deepEqual(gone.filter(fs.existsSync), []);
    assert.ok(kept.every(fs.existsSync));
  });

  it("leaves the locks of an engine that runs and of another machine", async () => {
    const engine = await running("pulumi");
    const kept = [lock(engine.pid), lock(1, "another-machine")];
    assert.deepEqual(await recoverFromDeadEngines(environment()), []);
    assert.ok(kept.every(fs.existsSync));
  });

  it("ends plug-ins without an engine, and no other process", async () => {
    const orphan = await running("pulumi-resource-kubernetes");
    const foreign = await running("pulumi-resource-random", "/another/home");
    const shell = await running("some-shell");
    const ended = once(orphan, "exit");
    const lines = await recoverFromDeadEngines(environment());
    await ended;
    // A shell has its own name for a moment in what it starts, too.
    const said = /^ended pulumi-resource-kubernetes \(process (\d+)\), which a dead engine left behind$/;
    assert.ok(lines.every((line) => said.test(line)));
    assert.ok(lines.some((line) => said.exec(line)?.[1] === String(orphan.pid)));
    assert.equal(foreign.exitCode ?? foreign.signalCode, null);
    assert.equal(shell.exitCode ?? shell.signalCode, null);
  });
});

describe("the local state", () => {
  const folder = temporaryFolder();
  const write = writer(folder);

  it("is put aside when another cluster runs, and only then", () => {
    assert.equal(claimState(folder(), "first"), false);
    write("state/.pulumi/stacks/p/dev.json", "{}");
    write("stacks/Pulumi.dev.yaml", "{}");
    assert.equal(claimState(folder(), "first"), false);
    assert.equal(claimState(folder(), "second"), true);
    assert.ok(!fs.existsSync(path.join(folder(), "state", ".pulumi")) && !fs.existsSync(path.join(folder(), "stacks")));
    assert.ok(fs.existsSync(path.join(folder(), "previous-state", "state", ".pulumi", "stacks", "p", "dev.json")));
    assert.equal(claimState(folder(), "second"), false);
    assert.equal(claimState(folder(), "third"), true);
    assert.ok(!fs.existsSync(path.join(folder(), "previous-state", "state", ".pulumi")), "one generation is kept");
  });

  it("of a program that did not write the cluster down belongs to the cluster that runs", () => {
    write("state/.pulumi/stacks/p/dev.json", "{}");
    assert.equal(claimState(folder(), "first"), false);
    assert.ok(fs.existsSync(path.join(folder(), "state", ".pulumi", "stacks", "p", "dev.json")));
  });

  it("keeps the newest records of updates and no more", () => {
    const files = Array.from({ length: 80 }, (_, index) => `dev-${1_700_000_000_000 + index}.history.json`);
    for (const file of files)
      for (const kind of ["history", "backups"]) write(`state/.pulumi/${kind}/p/dev/${file}`, "{}");
    const stack = write("state/.pulumi/stacks/p/dev.json", "{}");
    pruneState(folder());
    for (const kind of ["history", "backups"]) {
      const left = fs.readdirSync(path.join(folder(), "state", ".pulumi", kind, "p", "dev"));
      assert.deepEqual(left.sort(), files.slice(-30));
    }
    assert.ok(fs.existsSync(stack));
  });

  it("says what is pending in a state that the engine compresses", () => {
    const text = JSON.stringify({ checkpoint: { latest: { resources: [{}, {}], pending_operations: [{}] } } });
    for (const [ending, bytes] of [
      [".zst", zstdCompressSync(text)],
      [".gz", gzipSync(text)],
    ] as const) {
      // The later one counts, as for the engine.
      fs.utimesSync(write("state/.pulumi/stacks/p/dev.json", "{}"), 1, 1);
      const file = `${path.join(folder(), "state/.pulumi/stacks/p/dev.json")}${ending}`;
      fs.writeFileSync(file, bytes);
      assert.equal(stackFile(folder(), "p", "dev"), file);
      assert.deepEqual(savedStack(folder(), "p", "dev"), { resources: 2, pending: 1 });
      fs.writeFileSync(file, "");
      assert.throws(
        () => savedStack(folder(), "p", "dev"),
        (error: Error) => error.message.startsWith(`${file}: not valid`),
      );
      fs.rmSync(file);
    }
  });

  it("says what is pending, and names a file that is damaged and its backups", () => {
    assert.deepEqual(savedStack(folder(), "p", "dev"), { resources: 0, pending: 0 });
    const latest = { resources: [{}, {}], pending_operations: [{}] };
    const file = write("state/.pulumi/stacks/p/dev.json", JSON.stringify({ checkpoint: { latest } }));
    assert.deepEqual(savedStack(folder(), "p", "dev"), { resources: 2, pending: 1 });
    fs.writeFileSync(file, "");
    assert.throws(
      () => savedStack(folder(), "p", "dev"),
      (error: Error) => {
        assert.ok(error.message.startsWith(`${file}: not valid JSON`));
        assert.match(error.message, /put back the newest copy of .*backups\/p\/dev$/);
        return true;
      },
    );
  });
});
