import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatBytes,
  formatMilliCpu,
  milliCpu,
  parseBytes,
  parseQuantity,
  QuantityError,
  quantityNanos,
} from "../../../components/models/quantity";

describe("quantities", () => {
  const values: [string, number][] = [
    ["0", 0],
    ["1", 1],
    ["+1", 1],
    ["007", 7],
    ["1.", 1],
    [".5", 0.5],
    ["1.5", 1.5],
    ["1Ki", 1024],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["4Pi", 2 ** 52],
    ["500m", 0.5],
    ["2k", 2000],
    ["3M", 3e6],
    ["1G", 1e9],
    ["2T", 2e12],
    ["9P", 9e15],
    ["1e3", 1000],
    ["1E3", 1000],
    ["1E-3", 0.001],
    ["1e+2", 100],
    ["2000000u", 2],
    ["5n", 5e-9],
  ];
  for (const [text, value] of values) {
    it(`reads ${text} as ${value}`, () => assert.equal(parseQuantity(text), value));
  }

  const refused = [
    ["", " 1", "1 ", "1 Gi", "1Gi ", "1\n", "Gi", "+", "-", ".", "+.", "1.2.3", "1,5", "0x10", "1_000", "one", "NaN"],
    [
      "Infinity",
      "1K",
      "1kB",
      "1GB",
      "1gi",
      "1GI",
      "1KiB",
      "1e",
      "1e1.5",
      "1EE",
      "1Eim",
      "1mm",
      "1e3Ki",
      "--1",
      "\u0661",
    ],
    ["1e99", "10E", "9223372036854775808", "8Ei", "-1", "-1Gi", "9007199254740993"],
    ["1".repeat(100_000), "1e999999999"],
  ].flat();
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.throws(() => parseQuantity(text), QuantityError);
      assert.throws(() => milliCpu(text), QuantityError);
      assert.throws(() => parseBytes(text), QuantityError);
    });
  }

  it("rounds what is finer than the unit up, as the API server does", () => {
    assert.equal(parseBytes("100m"), 1);
    assert.equal(milliCpu("1u"), 1);
    assert.equal(milliCpu("1.0005"), 1001);
    assert.equal(quantityNanos("0.0000000001"), 1n);
  });

  it("keeps the sign in the exact form only", () => {
    assert.equal(quantityNanos("-1.5"), -1_500_000_000n);
    assert.throws(() => parseQuantity("-1.5"), /negative/);
  });

  it("computes without rounding where floating point would round", () => {
    assert.equal(quantityNanos("0.1") + quantityNanos("0.2"), quantityNanos("0.3"));
    assert.equal(milliCpu("0.57"), 570);
    assert.equal(parseBytes("1.1Gi"), Math.ceil((11 * 2 ** 30) / 10));
  });

  it("writes the canonical form", () => {
    assert.equal(formatBytes(6 * 2 ** 30), "6Gi");
    assert.equal(formatBytes(1.5 * 2 ** 30), "1536Mi");
    assert.equal(formatBytes(1000), "1000");
    assert.equal(formatBytes(0), "0");
    assert.equal(formatMilliCpu(2000), "2");
    assert.equal(formatMilliCpu(1500), "1500m");
    assert.equal(formatMilliCpu(0), "0");
  });

  it("refuses to write what is not a whole amount", () => {
    for (const value of [-1, 0.5, NaN, Infinity]) {
      assert.throws(() => formatBytes(value), RangeError);
      assert.throws(() => formatMilliCpu(value), RangeError);
    }
  });

  it("writes sums that are larger than any one amount may be", () => {
    assert.equal(formatBytes(1000 * 128 * 2 ** 40), "125Pi");
    assert.equal(formatMilliCpu(1000 * 10 ** 13), "10000000000000");
  });

  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (amount) => {
        assert.equal(parseBytes(formatBytes(amount)), amount);
      }),
    );
    fc.assert(
      fc.property(fc.nat(2 ** 40), (amount) => {
        assert.equal(milliCpu(formatMilliCpu(amount)), amount);
      }),
    );
  });

  it("agrees with decimal arithmetic on every number, suffix and exponent", () => {
    const suffix = fc.constantFrom<[string, bigint]>(
      ["", 10n ** 9n],
      ["m", 10n ** 6n],
      ["k", 10n ** 12n],
      ["Mi", 2n ** 20n * 10n ** 9n],
    );
    fc.assert(
      fc.property(fc.nat(10 ** 6), fc.nat(999), suffix, (whole, thousandths, [text, unit]) => {
        const written = `${whole}.${String(thousandths).padStart(3, "0")}${text}`;
        assert.equal(quantityNanos(written), (BigInt(whole * 1000 + thousandths) * unit) / 1000n);
      }),
    );
  });

  it("throws nothing but its own error on any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.+eEmKMGi-]*$/)), (text) => {
        try {
          parseQuantity(text);
        } catch (error) {
          assert.ok(error instanceof QuantityError);
        }
      }),
    );
  });
});
