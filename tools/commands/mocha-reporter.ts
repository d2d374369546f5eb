import { appendFileSync } from "node:fs";
import * as Mocha from "mocha";

/** Mocha's `spec` output, and the counts as one JSON line in the file that `OLLAMA_PLATFORM_TEST_COUNTS` names. */
class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.once("end", () => {
      const file = process.env["OLLAMA_PLATFORM_TEST_COUNTS"];
      const { passes, failures, pending } = this.stats;
      if (file !== undefined) appendFileSync(file, `${JSON.stringify({ passes, failures, pending })}\n`);
    });
  }
}

module.exports = CountingReporter;
