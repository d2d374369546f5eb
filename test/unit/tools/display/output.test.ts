import assert from "node:assert/strict";
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { eventLog, eventReader } from "../../../../tools/local/display/events";
import { makeLogFile } from "../../../../tools/local/display/log-file";
import { openScreen } from "../../../../tools/local/display/screen";
import { temporaryFolder } from "../temporary-folder";

describe("an event log", () => {
  const folder = temporaryFolder();

  it("is read while it is written, whole lines only", () => {
    const file = path.join(folder(), "events");
    const reader = eventReader(file);
    assert.deepEqual(reader.read(), []);
    const event = { diagnosticEvent: { message: "é", severity: "info" } };
    const text = `${JSON.stringify(event)}\n`;
    const bytes = Buffer.from(text);
    // In the middle of a letter of two bytes.
    const cut = bytes.indexOf(Buffer.from("é")) + 1;
    appendFileSync(file, bytes.subarray(0, cut));
    assert.deepEqual(reader.read(), []);
    appendFileSync(file, Buffer.concat([bytes.subarray(cut), bytes]));
    assert.deepEqual(reader.read(), [event, event]);
    assert.deepEqual(reader.read(), []);
  });

  it("is read from its beginning when it begins again", () => {
    const file = path.join(folder(), "events");
    const reader = eventReader(file);
    const event = (message: string) => ({ diagnosticEvent: { message, severity: "info" } });
    writeFileSync(file, `${JSON.stringify(event("of a preview"))}\n{"half`);
    reader.read();
    writeFileSync(file, `${JSON.stringify(event("short"))}\n`);
    assert.deepEqual(reader.read(), [event("short")]);
  });

  it("is gone when it was removed", () => {
    const log = eventLog();
    const file = log.args[1] ?? "";
    appendFileSync(file, "{}\n");
    log.remove();
    assert.ok(!existsSync(path.dirname(file)));
  });
});

describe("the log of a run", () => {
  const folder = temporaryFolder();

  it("is for this user alone, and the oldest ones go", () => {
    for (let minute = 0; minute < 40; minute++)
      makeLogFile(folder(), "up", new Date(Date.UTC(2026, 0, 1, 0, minute))).append("done\n");
    const kept = readdirSync(path.join(folder(), "logs")).sort();
    assert.equal(kept.length, 30);
    assert.equal(kept[29], "2026-01-01T00-39-00-000Z-up.log");
    const last = path.join(folder(), "logs", kept[29] ?? "");
    assert.equal(readFileSync(last, "utf8"), "done\n");
    assert.equal(statSync(last).mode & 0o077, 0);
  });
});

describe("a screen", () => {
  let text = "";
  let time = 0;
  const screen = (isTTY: boolean) => {
    [text, time] = ["", 0];
    return openScreen({ isTTY, columns: 10, write: (part) => (text += part) }, () => time);
  };

  it("on a terminal renews its last line, within the width", () => {
    const shown = screen(true);
    shown.live("one two three");
    shown.say("said");
    shown.live("four");
    shown.close();
    assert.equal(text, "\r\u001b[Kone two t\r\u001b[Ksaid\n\r\u001b[Kfour\r\u001b[K");
  });

  it("in a log writes it when nothing else was written for ten seconds", () => {
    const shown = screen(false);
    shown.live("too early");
    time = 10_000;
    shown.live("ten");
    time = 19_000;
    shown.live("too early");
    shown.close();
    assert.equal(text, "ten\n");
  });
});
