import assert from "node:assert/strict";
import { ArgumentsError } from "../../../tools/arguments-error";
import { parseArguments } from "../../../tools/size/arguments";
import { printSizes } from "../../../tools/size/print";
import { computeSizes } from "../../../tools/size/size";

function faultsOf(...argv: string[]): string[] {
  try {
    computeSizes(parseArguments(argv));
    return [];
  } catch (error) {
    assert.ok(error instanceof ArgumentsError);
    return error.faults;
  }
}

function report(...argv: string[]): string {
  const args = parseArguments(argv);
  return printSizes(computeSizes(args), args).join("\n");
}

describe("the size command", () => {
  it("prints the arithmetic of memory, GPUs and replicas", () => {
    const text = report("--model", "llama3.1:70b", "--users", "40", "--parallel", "4", "--gpu-memory", "80");
    for (const line of [
      /weights +41\.83 GiB +70\.55e9 parameters x 4\.85 bits \(Q4_K_M\) \/ 8 x 1\.05/,
      /kv cache +5\.00 GiB +2 x 80 layers x 8 kv heads x 128 x 4096 tokens x 4 parallel x 2 bytes/,
      /80 GiB x 0\.95 = 76\.00 GiB usable; 1 needed/,
      /replicas: 40 users x 0\.25 waiting at once \/ 4 parallel, rounded up = 3/,
      /all replicas: .*gpus 3/,
    ]) {
      assert.match(text, line);
    }
  });

  it("serves on the CPU when no GPU is given, and tells which would do", () => {
    const text = report("--model", "smollm2:135m");
    assert.match(text, /one replica: cpu 1, memory .*, no GPU/);
    assert.match(text, /80 GiB x 0\.95.*1 needed/);
  });

  it("takes the figures of an unknown model from the command line", () => {
    const figures = "--parameters 13 --layers 40 --kv-heads 8 --head-size 128 --max-context 8192".split(" ");
    assert.match(report("--model", "example.com/a/b:v1", ...figures), /13e9 parameters/);
  });

  it("gives no resources when the models do not fit, and the largest that would", () => {
    const args = parseArguments("--model llama3.1:8b --gpu-memory 8 --gpus-per-node 1 --context 131072".split(" "));
    const sizes = computeSizes(args);
    assert.equal(sizes.replica, undefined);
    assert.ok((sizes.gpus[0]?.largestContextLength ?? 0) > 4096);
    assert.match(printSizes(sizes, args).join("\n"), /does not fit; at most context \d+/);
  });

  it("lists every fault of a command line at once", () => {
    const faults = faultsOf(
      ..."--modl x --users many --context 0 --parallel --gpus-per-node 2 --kv-cache f8 --json=1".split(" "),
    );
    const subjects = [
      "--modl",
      '"x"',
      "--parallel",
      "--json",
      "--model is missing",
      "--users",
      "--context",
      "--kv-cache",
    ];
    for (const subject of [...subjects, "--gpu-memory"]) {
      assert.ok(
        faults.some((fault) => fault.includes(subject)),
        subject,
      );
    }
  });

  it("refuses numbers that are none, and flags given twice", () => {
    for (const value of ["-1", "1e3", "0x10", " 1", "", "NaN", "1.5"]) {
      assert.equal(faultsOf("--model", "llama3.1:8b", `--context=${value}`).length, 1, value);
    }
    assert.match(faultsOf(..."--model phi4 --users 1 --users 2".split(" ")).join(), /given twice/);
    assert.match(faultsOf(..."--model phi4 --model phi3 --layers 3".split(" ")).join(), /several models/);
    assert.match(faultsOf("--model", "nobody/knows").join(), /not in the table/);
  });
});
