import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ensureDebianPackages, isProvided } from "../../../tools/build/debian";
import { contains, realNodeAvailable } from "../../../tools/local-cluster/node/availability";
import { isHeld } from "../../../tools/local-cluster/node/claim";
import { readStat } from "../../../tools/local-cluster/processes";
import { parseMountPoints } from "../../../tools/local-cluster/node/mounts";
import { killed } from "../../support/processes";

describe("what the real node reads of the machine", () => {
  it("mount points come in the order of mounting, with blanks in their names", () => {
    const mountinfo =
      "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n" +
      "40 22 0:35 / /a\\040folder/with\\134signs rw - tmpfs tmpfs rw,size=64k\n";
    assert.deepEqual(parseMountPoints(mountinfo), ["/", "/a folder/with\\signs"]);
  });

  it("an address is in a range or not, to the bit", () => {
    assert.ok(contains("10.96.0.0/16", "10.96.255.255"));
    assert.ok(!contains("10.96.0.0/16", "10.97.0.0"));
    assert.ok(contains("10.245.0.128/25", "10.245.0.128"));
    assert.ok(!contains("10.245.0.128/25", "10.245.0.127"));
    assert.ok(contains("192.0.2.1/32", "192.0.2.1") && !contains("192.0.2.1/32", "192.0.2.2"));
    assert.ok(contains("0.0.0.0/0", "255.255.255.255"));
    assert.ok(!contains("10.0.0.0/8", "fd00::10"));
  });

  it("a machine that cannot have a real node says why", async () => {
    const { available, reason } = await realNodeAvailable(path.join(tmpdir(), "no-cluster"));
    assert.equal(available, reason === undefined);
    if (process.getuid?.() !== 0) assert.match(reason ?? "", /root|Linux/);
  });

  it("nodes are simulated where someone asks for it", async () => {
    const before = process.env["OLLAMA_PLATFORM_SIMULATED"];
    process.env["OLLAMA_PLATFORM_SIMULATED"] = "true";
    try {
      const { available, reason } = await realNodeAvailable(path.join(tmpdir(), "no-cluster"));
      assert.deepEqual({ available, reason }, { available: false, reason: "OLLAMA_PLATFORM_SIMULATED is true" });
    } finally {
      if (before === undefined) delete process.env["OLLAMA_PLATFORM_SIMULATED"];
      else process.env["OLLAMA_PLATFORM_SIMULATED"] = before;
    }
  });
});

describe("a claim on the machine's real node", () => {
  const directory = path.join(tmpdir(), "no-cluster");

  it("is held from its first moment by the command that starts the cluster, until that has died", async () => {
    const child = spawn("sleep", ["60"]);
    const pid = child.pid ?? 0;
    const claimant = { pid, startTime: readStat(pid)?.startTime ?? "", component: "start" };
    assert.ok(isHeld({ directory, claimant }));
    assert.ok(!isHeld({ directory, claimant: { ...claimant, startTime: "0" } }), "another process has the id now");
    await killed(child);
    assert.ok(!isHeld({ directory, claimant }));
  });

  it("is not held against the process that made it, nor by a cluster without processes", () => {
    const claimant = { pid: process.pid, startTime: readStat(process.pid)?.startTime ?? "", component: "start" };
    assert.ok(!isHeld({ directory, claimant }));
    assert.ok(!isHeld({ directory }));
  });
});

describe("packages of the system", () => {
  it("are not asked for when what they bring is there, whoever brought it", async () => {
    const written: string[] = [];
    const output = { write: (text: string) => written.push(text) > 0 };
    await ensureDebianPackages([{ name: "no-such-package", provides: process.execPath }], output);
    assert.deepEqual(written, []);
  });

  it("are looked for by program name on PATH, and by file", () => {
    const env = { PATH: path.dirname(process.execPath) };
    assert.ok(isProvided({ name: "nodejs", provides: path.basename(process.execPath) }, env));
    assert.ok(!isProvided({ name: "none", provides: "no-such-program-anywhere" }, env));
    assert.ok(!isProvided({ name: "none", provides: "/no/such/file" }, env));
  });
});
