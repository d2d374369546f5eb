import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { stateFolderFault, watchStateFolder } from "../../../tools/local/state-folder";
import { temporaryFolder } from "./temporary-folder";

describe("the folder of the state", () => {
  const folder = temporaryFolder();
  const fast = { interval: 1, patience: 50 };

  it("has no fault where the engine can save, and nothing is left of the look", () => {
    assert.equal(stateFolderFault(folder()), undefined);
    assert.deepEqual(fs.readdirSync(folder()), []);
  });

  it("is named with what to do when its volume is full", () => {
    assert.equal(
      stateFolderFault(folder(), 3 * 2 ** 20),
      `${folder()}: the volume has 3 MiB left, and the state needs 16 MiB: make room there`,
    );
  });

  it("is named with what to do when it cannot be written", () => {
    // No user may write there, the system's administrator neither.
    const readOnly = path.join("/proc", "self");
    assert.match(
      stateFolderFault(readOnly, 2 ** 30) ?? "",
      /^\/proc\/self: the state cannot be written \(E[A-Z]+\): give/,
    );
  });

  it("stops the engine when it fills up, and ends it when it does not stop", async () => {
    const said: string[] = [];
    const watch = watchStateFolder(
      folder(),
      (line) => void said.push(line),
      () => "state: full",
      fast,
    );
    await new Promise((stopped) => watch.stop.addEventListener("abort", stopped));
    assert.equal(watch.kill.aborted, false);
    await new Promise((killed) => watch.kill.addEventListener("abort", killed));
    watch.end();
    assert.equal(said.filter((line) => line === "error: state: full").length, 1);
  });

  it("is looked at once more when an engine has failed before the next look", () => {
    const said: string[] = [];
    const watch = watchStateFolder(
      folder(),
      (line) => void said.push(line),
      () => "state: full",
      { interval: 1_000_000, patience: 1_000_000 },
    );
    watch.lookAgain();
    watch.end();
    assert.equal(said[0], "error: state: full");
    assert.equal(watch.stop.aborted, true);
  });

  it("lets the engine alone while it can save", async () => {
    let looks = 0;
    let looked = (): void => undefined;
    const twice = new Promise<void>((resolve) => (looked = resolve));
    const look = (): undefined => void (++looks === 2 && looked());
    const watch = watchStateFolder(folder(), assert.fail, look, fast);
    await twice;
    watch.end();
    assert.equal(watch.stop.aborted, false);
  });
});
