import { strict as assert } from "node:assert";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import * as path from "node:path";
import { parse } from "yaml";
import { tailOf, writePrivateFile } from "../../../tools/local-cluster/files";
import { withClusterLock } from "../../../tools/local-cluster/lock";
import { findFreePort, isPortFree } from "../../../tools/local-cluster/ports";
import { ensureEncryptionConfiguration, writeAuditPolicy } from "../../../tools/local-cluster/security";
import { newState, readState, writeState } from "../../../tools/local-cluster/state";
import { scratchLayout } from "./scratch";

describe("files of the local cluster", () => {
  const scratch = scratchLayout();
  const mode = (file: string) => statSync(file).mode & 0o777;

  it("are private, also where they were not before, and leave no temporary file", () => {
    const file = path.join(scratch.current().directory, "sub", "file");
    writePrivateFile(file, "one");
    assert.equal(mode(file), 0o600);
    assert.equal(mode(path.dirname(file)), 0o700);
    chmodSync(file, 0o666);
    writePrivateFile(file, "one");
    assert.equal(mode(file), 0o600);
    writePrivateFile(file, "two");
    assert.equal(readFileSync(file, "utf8"), "two");
    assert.deepEqual(readdirSync(path.dirname(file)), ["file"]);
  });

  it("end with their last lines", () => {
    const file = path.join(scratch.current().directory, "log");
    assert.equal(tailOf(file, 2), "");
    writeFileSync(file, "a\nb\nc\n");
    assert.equal(tailOf(file, 2), "b\nc");
  });

  it("hold the state, and say what to do when they do not", () => {
    const layout = scratch.current();
    assert.equal(readState(layout), undefined);
    const state = newState("127.0.0.1", "10.0.0.1");
    writeState(layout, state);
    assert.deepEqual(readState(layout), state);
    for (const content of ["", "null", "[]", '{"formatVersion":2}', JSON.stringify({ ...state, ports: { a: "x" } })]) {
      writeFileSync(layout.stateFile, content);
      assert.throws(() => readState(layout), /state\.json: not .*remove the cluster with `reset`/);
    }
  });
});

describe("security files of the local cluster", () => {
  const scratch = scratchLayout();

  it("encrypt Secrets with a random key that stays, and know no plain-text provider", () => {
    const layout = scratch.current();
    const file = ensureEncryptionConfiguration(layout);
    const first = readFileSync(file, "utf8");
    const { resources } = parse(first) as {
      resources: { resources: string[]; providers: Record<string, unknown>[] }[];
    };
    assert.deepEqual(
      resources.map(({ resources: kinds }) => kinds),
      [["secrets"]],
    );
    assert.deepEqual(
      resources.flatMap(({ providers }) => providers.flatMap(Object.keys)),
      ["secretbox"],
    );
    assert.equal(statSync(file).mode & 0o777, 0o600);
    ensureEncryptionConfiguration(layout);
    assert.equal(readFileSync(file, "utf8"), first);
  });

  it("are not replaced when data was encrypted with a key that is gone", () => {
    const layout = scratch.current();
    mkdirSync(layout.etcdData, { recursive: true });
    assert.throws(
      () => ensureEncryptionConfiguration(layout),
      /encryption\.yaml: the key of the Secrets in .* is missing/,
    );
  });

  it("audit at least who did what, and take a policy of the caller's", () => {
    const layout = scratch.current();
    const { rules } = parse(readFileSync(writeAuditPolicy(layout), "utf8")) as { rules: object[] };
    assert.deepEqual(rules.at(-1), { level: "Metadata" });
    const own = path.join(layout.directory, "own.yaml");
    writeFileSync(own, "kind: Policy\n");
    assert.equal(readFileSync(writeAuditPolicy(layout, own), "utf8"), "kind: Policy\n");
    assert.throws(() => writeAuditPolicy(layout, "/no/such/file"), /audit policy \/no\/such\/file: no such file/);
  });
});

describe("ports of the local cluster", () => {
  it("are free, not taken by a sibling, and outside the range of outgoing connections", async () => {
    const port = await findFreePort("seed", new Set());
    assert.ok(port >= 21000 && port < 32768);
    assert.notEqual(await findFreePort("seed", new Set([port])), port);
    const server = createServer().listen(port, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    assert.equal(await isPortFree(port), false);
    assert.notEqual(await findFreePort("seed", new Set()), port);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await isPortFree(port), true);
  });
});

describe("the lock of the local cluster", function () {
  if (process.platform !== "linux") return;
  const directory = `/somewhere/${process.pid}`;

  it("lets one command at a time work on a directory", async () => {
    const events: string[] = [];
    const work = (name: string) => () => {
      events.push(`${name} begins`);
      return new Promise<void>((resolve) => setTimeout(() => (events.push(`${name} ends`), resolve()), 150));
    };
    await Promise.all([withClusterLock(directory, work("a")), withClusterLock(directory, work("b"))]);
    assert.equal(events.length, 4);
    assert.equal(events[0]?.charAt(0), events[1]?.charAt(0));
  });

  it("does not hold up work on another directory, is given back on failure, and tires of waiting", async () => {
    await withClusterLock(directory, async () => {
      assert.equal(await withClusterLock(`${directory}/other`, async () => "done", 0), "done");
      await assert.rejects(
        withClusterLock(directory, async () => "never", 0),
        /another command has been working on this local cluster/,
      );
    });
    await assert.rejects(
      withClusterLock(directory, () => Promise.reject(new Error("failed"))),
      /failed/,
    );
    assert.equal(await withClusterLock(directory, async () => "again", 0), "again");
  });
});
