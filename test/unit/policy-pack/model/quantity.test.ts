import assert from "node:assert/strict";
import * as fc from "fast-check";
import { formatMilli, parseMilli } from "../../../../policy-pack/model/quantity";

describe("quantities", () => {
  it("are read exactly in every form of the API", () => {
    const forms: [unknown, bigint][] = [
      ["1", 1000n],
      [1, 1000n],
      [0.5, 500n],
      ["500m", 500n],
      ["1.5", 1500n],
      [".5", 500n],
      ["1.", 1000n],
      ["2k", 2_000_000n],
      ["1Ki", 1_024_000n],
      ["1.5Gi", 1_610_612_736_000n],
      ["1e3", 1_000_000n],
      ["1E3", 1_000_000n],
      ["1E", 10n ** 21n],
      ["-1", -1000n],
      // Smaller than a thousandth counts as one, as the API server rounds up.
      ["1u", 1n],
      ["1n", 1n],
    ];
    for (const [form, milli] of forms) assert.equal(parseMilli(form), milli, String(form));
  });

  it("are nothing when they are malformed", () => {
    for (const wrong of ["", "x", "1 Gi", "1gi", "0x10", "1e", "NaN", "1e99", null, {}, true])
      assert.equal(parseMilli(wrong), undefined, String(wrong));
  });

  it("are written so that reading gives them back", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), (milli) =>
        assert.equal(parseMilli(formatMilli(milli)), milli),
      ),
    );
  });
});
