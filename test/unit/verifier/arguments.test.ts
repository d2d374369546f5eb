import { strict as assert } from "node:assert";
import { parseVerifyArguments, VerifyArgumentsError } from "../../../verifier/arguments";

const faultsOf = (...argv: string[]): string[] => {
  try {
    parseVerifyArguments(argv);
    return [];
  } catch (error) {
    assert.ok(error instanceof VerifyArgumentsError);
    return error.message.split("\n");
  }
};

describe("the command line of the verifier", () => {
  it("takes a stack, files and thresholds", () => {
    const args = parseVerifyArguments(["--stack", "dev", "--json=out.json", "--fail-coverage-below", "99.5"]);
    assert.equal(args.stack, "dev");
    assert.equal(args.json, "out.json");
    assert.equal(args.leastCoverage, 99.5);
    assert.equal(args.failOnNew, false);
  });

  it("wants everything decided unless told otherwise", () => {
    assert.equal(parseVerifyArguments(["--stack", "dev"]).leastCoverage, 100);
  });

  it("lists every fault at once", () => {
    const faults = faultsOf("--fail-on-new", "--colour", "here", "--fail-coverage-below", "101", "--json", "");
    assert.equal(faults.length, 6, faults.join("\n"));
    for (const part of ["--colour", "here", "--stack is missing", "--baseline", "101", "--json needs"])
      assert.ok(
        faults.some((fault) => fault.includes(part)),
        `${part} is named`,
      );
  });

  for (const [what, ...argv] of [
    ["a stack name that leads elsewhere", "--stack", "../dev"],
    ["an empty stack name", "--stack", ""],
    ["an option given twice", "--stack", "dev", "--stack", "prod"],
    ["a flag with a value", "--stack", "dev", "--baseline", "x", "--fail-on-new=no"],
    ["keys without traffic", "--stack", "dev", "--client-keys", "keys.json"],
    ["a probe's image without traffic", "--stack", "dev", "--probe-image", "node:22"],
    ["a negative coverage", "--stack", "dev", "--fail-coverage-below=-1"],
    ["a coverage in other digits", "--stack", "dev", "--fail-coverage-below", "1e1"],
  ] as const)
    it(`refuses ${what}`, () => assert.equal(faultsOf(...argv).length, 1));
});
