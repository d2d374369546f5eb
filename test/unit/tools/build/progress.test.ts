import assert from "node:assert/strict";
import { formatElapsed, showProgress } from "../../../../tools/build/progress";

describe("build progress", () => {
  function output(isTTY: boolean): { text: () => string; isTTY: boolean; write: (text: string) => boolean } {
    let written = "";
    return { isTTY, text: () => written, write: (text) => ((written += text), true) };
  }

  it("says elapsed time as people do", () => {
    assert.deepEqual([0, 59_400, 59_600, 187_000].map(formatElapsed), ["0s", "59s", "1m00s", "3m07s"]);
  });

  it("writes whole lines to a log", async () => {
    const log = output(false);
    assert.equal(await showProgress(log, "[2/5] building kwok", async () => 7), 7);
    assert.match(log.text(), /^\[2\/5\] building kwok \.\.\.\n\[2\/5\] building kwok done in \d+s\n$/);
  });

  it("rewrites one line on a terminal", async () => {
    const terminal = output(true);
    await showProgress(terminal, "[1/1] building etcd", async () => undefined);
    assert.equal(terminal.text().split("\n").length, 2);
    assert.match(terminal.text().split("\r").at(-1) ?? "", /\[1\/1\] building etcd done in \d+s\n$/);
  });

  it("says that a step failed, and lets the failure through", async () => {
    const log = output(false);
    const failing = showProgress(log, "building x", () => Promise.reject(new Error("no")));
    await assert.rejects(failing, /^Error: no$/);
    assert.match(log.text(), /building x failed after \d+s\n$/);
  });
});
