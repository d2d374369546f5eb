import { strict as assert } from "node:assert";
import { parseDocument, isScalar, isSeq } from "yaml";
import { isTextToEngine, misreadingOf } from "../../../components/config/yaml-scalars";
import readings from "../../support/plain-scalars.json";

/**
 * What the engine makes of plain scalars, as JSON; null where it cannot read the file. The engine's own suite compares
 * the table with the real engine, and writes it.
 */
const engine: Record<string, string | null> = readings;

/** The value that YAML 1.2 reads. */
function valueOf(text: string): unknown {
  const { contents } = parseDocument(`- ${text}`, { schema: "core", version: "1.2" });
  const item: unknown = isSeq(contents) ? contents.items[0] : undefined;
  assert.ok(isScalar(item) && item.source === text, `${text} is no plain scalar`);
  return item.value;
}

/** Whether the engine reads the very same: numbers digit by digit, because JavaScript's have only 53 bits. */
function isSame(reading: string | null | undefined, value: unknown): boolean {
  if (reading === null || reading === undefined) return false;
  if (typeof value !== "number") return reading === JSON.stringify(value);
  if (reading.startsWith('"')) return false;
  return /^-?[0-9]+$/.test(reading) && Number.isInteger(value)
    ? BigInt(reading) === BigInt(value)
    : Number(reading) === value;
}

/** Refused although all read the same: numbers that only some readers, or people, understand. */
const isDoubtful = (text: string, value: unknown) =>
  /^[-+]?0[0-9]/.test(text) || (Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+0-9xo]/.test(text));

describe("plain scalars", () => {
  it("are judged in hundreds of forms", () => assert.ok(Object.keys(engine).length >= 350));

  it("are refused when the engine reads another value, and else only numbers that are easily mistaken", () => {
    for (const [text, reading] of Object.entries(engine)) {
      const value = valueOf(text);
      const refused = misreadingOf(text, value) !== undefined;
      if (isSame(reading, value)) assert.ok(!refused || isDoubtful(text, value), `${text} is refused without need`);
      else assert.ok(refused, `${text} is ${reading} to the engine and ${JSON.stringify(value)} to others`);
    }
  });

  it("are keys only when the engine takes them for texts, because it refuses a file with another key", () => {
    for (const [text, reading] of Object.entries(engine)) {
      const value = valueOf(text);
      const isText = typeof value === "string" && reading === JSON.stringify(text);
      assert.equal(isTextToEngine(text, value), isText, text);
    }
  });

  it("have ways to be written that every reader understands alike", () => {
    for (const text of Object.keys(engine)) {
      const misreading = misreadingOf(text, valueOf(text));
      const { number } = misreading ?? {};
      if (number !== undefined) assert.equal(misreadingOf(number, valueOf(number)), undefined, `${text}: ${number}`);
      if (misreading !== undefined) assert.equal(misreading.text, text);
    }
  });
});
