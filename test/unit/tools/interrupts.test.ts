import assert from "node:assert/strict";
import * as path from "node:path";
import { watchInterrupts, type Interrupts } from "../../../tools/commands/interrupts";
import { runPulumi } from "../../../tools/engine";
import { script, temporaryFolder } from "./temporary-folder";

describe("Ctrl-C", () => {
  const folder = temporaryFolder();
  let interrupts: Interrupts;
  let time: number;
  let said: string[];

  beforeEach(() => {
    time = 0;
    said = [];
    interrupts = watchInterrupts(
      (line) => void said.push(line),
      () => time,
    );
  });
  afterEach(() => interrupts.release());

  const press = (milliseconds: number) => {
    time = milliseconds;
    process.emit("SIGINT", "SIGINT");
  };

  it("stops politely once, also when npm passes the same press on", () => {
    press(1000);
    press(1100);
    assert.deepEqual([interrupts.signal?.aborted, interrupts.killSignal?.aborted], [true, false]);
    assert.equal(said.length, 1);
  });

  it("ends at once when it is pressed again", () => {
    press(1000);
    press(2000);
    press(3000);
    assert.equal(interrupts.killSignal?.aborted, true);
    assert.equal(said.length, 2);
  });

  it("has its default again when the engine has ended", () => {
    const before = process.listenerCount("SIGINT");
    interrupts.release();
    assert.equal(process.listenerCount("SIGINT"), before - 1);
  });

  /** Presses as often as told, each time when the engine has said something, and returns how the engine ended. */
  async function pressDuring(program: string, times: number): Promise<{ code: number; stdout: string }> {
    script(folder(), "pulumi", program);
    const env = { ...process.env, PATH: `${folder()}${path.delimiter}${process.env.PATH}` };
    let presses = 0;
    const onOutput = () => (presses < times ? press(++presses * 1000) : undefined);
    return runPulumi(["up"], { env, cwd: folder(), ...interrupts, onOutput });
  }

  it("lets the engine finish and say how it ended", async () => {
    const { code, stdout } = await pressDuring(
      'trap "echo saved; exit 7" INT; echo begun; while true; do sleep 0.05; done',
      1,
    );
    assert.equal(code, 7);
    assert.match(stdout, /saved/);
  });

  it("pressed twice ends an engine that does not stop", async () => {
    const { code } = await pressDuring('trap "echo waiting" INT; echo begun; while true; do sleep 0.05; done', 2);
    assert.equal(code, 137);
  });
});
