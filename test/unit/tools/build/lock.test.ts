import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { withLock } from "../../../../tools/build/lock";
import { temporaryFolder } from "../temporary-folder";

describe("the build lock", () => {
  const folder = temporaryFolder();
  const file = (): string => path.join(folder(), "locks", "kwok.lock");

  const mustNotWait = (pid: number): void => assert.fail(`waits for process ${pid}`);

  it("lets one at a time work, and tells the others who does", async () => {
    let inside = 0;
    let most = 0;
    const waited: number[] = [];
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    };
    const three = [1, 2, 3].map(() => withLock(file(), (pid) => waited.push(pid), work));
    await Promise.all(three);
    assert.equal(most, 1);
    assert.deepEqual(new Set(waited), new Set([process.pid]));
    assert.equal(fs.existsSync(file()), false);
  });

  it("is free again after work that failed", async () => {
    const failing = withLock(
      file(),
      () => undefined,
      () => Promise.reject(new Error("no")),
    );
    await assert.rejects(failing, /no/);
    assert.equal(fs.existsSync(file()), false);
  });

  it("takes over from a process that died", async () => {
    const { pid } = spawnSync("true");
    fs.mkdirSync(path.dirname(file()), { recursive: true });
    fs.writeFileSync(file(), JSON.stringify({ pid, host: os.hostname() }));
    assert.equal(await withLock(file(), mustNotWait, async () => "done"), "done");
  });

  it("takes over from another machine that has been silent for long, and from a torn file", async () => {
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const content of [JSON.stringify({ pid: 1, host: "elsewhere" }), "{"]) {
      fs.mkdirSync(path.dirname(file()), { recursive: true });
      fs.writeFileSync(file(), content);
      fs.utimesSync(file(), longAgo, longAgo);
      assert.equal(await withLock(file(), mustNotWait, async () => "done"), "done");
    }
  });
});
