import { equal, match, notEqual, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { document, isStrictJson, SEED, seeded } from "../unit/gateway/support/documents";
import { framed, hasLuaJit, MODULES } from "../unit/gateway/support/lua";

/** Documents to try. FUZZ_DOCUMENTS sets more. */
const DOCUMENTS = Number(process.env["FUZZ_DOCUMENTS"] ?? 100_000);
const FIRST = 200;
/** Enough to find a fault that was put in, with the seed that they are found with in each run. */
const TO_FIND_A_FAULT = { documents: 30_000, seed: 1 };
/** The guard's own bounds, which a parser without bounds does not have. */
const BOUNDS = ["nested too deep", "too many keys"];

/** Faults to put into the guard: what, file, the right code, and the wrong one. */
const FAULTS: [string, string, string, string][] = [
  ["keys may be there twice", "json.lua", 'if seen[key] then fault("duplicate key") end', ""],
  ["the third of four words may hold control characters", "json.lua", "c, c - BLANKS, ", "c, "],
  ["an escaped quote ends a long text", "json.lua", "if at > quote then", "if at > quote + 1 then"],
  ["half a character goes on as it is", "json.lua", "return lone and repaired(s) or s", "return s"],
  ["half a character may be in a key", "json.lua", 'if lone then fault("lone surrogate in a key") end', ""],
  ["an error is not one of its own", "json.lua", 'fault("bad escape")', 'error("broken")'],
  [
    "an object of many levels costs more with each",
    "json.lua",
    'if depth > MAX_DEPTH then fault("nested too deep") end',
    "for _ = 1, 8 ^ depth do\ndepth = depth + 0\nend",
  ],
  ["the model goes on as the client wrote it", "rewrite.lua", "quote(stored)", "quote(state.model)"],
];

/** Fuzzes the modules of a folder: how the program ended, what it said, and documents that another reader judges otherwise. */
function fuzzed(modules: string, { documents, seed }: { documents: number; seed: number }) {
  const random = seeded(seed);
  const first = Array.from({ length: FIRST }, () => document(random));
  const program = path.join(__dirname, "support", "fuzz.lua");
  const ran = spawnSync("luajit", [program, modules, String(seed), String(documents)], {
    input: framed(first),
    maxBuffer: 1 << 30,
  });
  const [figures = "", ...lines] = ran.stdout.toString("utf8").split("\n").slice(0, -1);
  const shown = lines.map((line) => {
    const [verdict = "", hex = ""] = line.split("\t");
    return { verdict, hex };
  });
  const disputed = shown.filter(
    ({ verdict, hex }) => !BOUNDS.includes(verdict) && (verdict === "ok") !== isStrictJson(Buffer.from(hex, "hex")),
  );
  return { status: ran.status, said: ran.stderr.toString("utf8").slice(0, 5000), figures, disputed };
}

describe(`gateway: the guard, fuzzed by its coverage, seed ${SEED}`, function () {
  this.timeout(DOCUMENTS * 10 + 120_000);

  before(function () {
    if (!hasLuaJit) this.skip();
  });

  it(`neither breaks, hangs, nor forwards what it should not, in ${DOCUMENTS} documents`, () => {
    const { status, said, figures, disputed } = fuzzed(MODULES, { documents: DOCUMENTS, seed: SEED });
    equal(status, 0, said);
    const [, kept = 0, edges = 0] = figures.split(" ").map(Number);
    ok(kept > 50 && edges > 300, `${kept} documents lead along ${edges} edges`);
    equal(disputed.length, 0, JSON.stringify(disputed[0]));
  });

  for (const [what, file, right, wrong] of FAULTS) {
    it(`is found faulty when ${what}`, () => {
      const folder = mkdtempSync(path.join(tmpdir(), "guard-"));
      try {
        cpSync(MODULES, folder, { recursive: true });
        const code = readFileSync(path.join(folder, file), "utf8");
        ok(code.includes(right), `${file} does not have the code to break`);
        writeFileSync(path.join(folder, file), code.replace(right, wrong));
        const { status, disputed, said } = fuzzed(folder, TO_FIND_A_FAULT);
        if (status === 0) notEqual(disputed.length, 0);
        else match(said, /: [0-9a-f]+$/m);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
