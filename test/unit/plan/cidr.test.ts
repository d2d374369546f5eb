import * as assert from "node:assert/strict";
import { BlockList, isIPv6 } from "node:net";
import fc from "fast-check";
import { CidrError, contains, parseCidr, withoutNested } from "../../../components/spec/cidr";

/** Network addresses and prefix lengths of either family, without host bits. */
const ipv4 = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
  .map(([address, prefix]) => {
    const network = prefix === 0 ? 0 : Number((BigInt(address) >> BigInt(32 - prefix)) << BigInt(32 - prefix));
    return `${[24, 16, 8, 0].map((shift) => (network >>> shift) & 255).join(".")}/${prefix}`;
  });

describe("Network ranges", () => {
  for (const text of [
    "10.0.0.0/8",
    "0.0.0.0/0",
    "203.0.113.7/32",
    "2001:db8::/32",
    "::/0",
    "fe80::/10",
    "64:ff9b::192.0.2.0/120",
    "1:2:3:4:5:6:7:8/128",
  ]) {
    it(`are read: ${text}`, () => assert.equal(parseCidr(text).text, text));
  }

  for (const text of [
    "",
    "10.0.0.0",
    "10.0.0.1/8",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "010.0.0.0/8",
    "10.0.0/8",
    "10.0.0.0/8/8",
    " 10.0.0.0/8",
    "10.0.0.0/-1",
    "2001:db8::1/32",
    "2001:db8::/129",
    "::ffff:10.0.0.0/104",
    "fe80::%eth0/10",
    "any",
  ]) {
    it(`are refused: ${JSON.stringify(text)}`, () => assert.throws(() => parseCidr(text), CidrError));
  }

  it("contain what Node's own block list says they contain", () => {
    fc.assert(
      fc.property(ipv4, ipv4, (outerText, innerText) => {
        const [outer, inner] = [parseCidr(outerText), parseCidr(innerText)];
        const list = new BlockList();
        const [address = "", prefix = ""] = outerText.split("/");
        list.addSubnet(address, Number(prefix), isIPv6(address) ? "ipv6" : "ipv4");
        const expected = outer.prefixLength <= inner.prefixLength && list.check(innerText.split("/")[0] ?? "", "ipv4");
        assert.equal(contains(outer, inner), expected);
      }),
    );
  });

  it("cover the same addresses without the nested ones", () => {
    fc.assert(
      fc.property(fc.array(ipv4, { maxLength: 12 }), (texts) => {
        const all = texts.map(parseCidr);
        const kept = withoutNested(all);
        assert.ok(all.every((range) => kept.some((outer) => contains(outer, range))));
        assert.ok(kept.every((a) => kept.every((b) => a === b || !contains(a, b))));
      }),
    );
  });

  it("are in the same order whatever the order they were given in", () => {
    const texts = ["fe80::/10", "10.0.0.0/8", "10.1.0.0/16", "169.254.0.0/16", "10.0.0.0/8"];
    const expected = ["10.0.0.0/8", "169.254.0.0/16", "fe80::/10"];
    assert.deepEqual(
      withoutNested(texts.map(parseCidr)).map(({ text }) => text),
      expected,
    );
    assert.deepEqual(
      withoutNested(texts.reverse().map(parseCidr)).map(({ text }) => text),
      expected,
    );
  });
});
