import assert from "node:assert/strict";
import { BlockList } from "node:net";
import * as fc from "fast-check";
import {
  contains,
  overlaps,
  parseAddress,
  parseCidr,
  subtractAddresses,
} from "../../../../policy-pack/model/addresses";

const text = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
const cidr = fc
  .tuple(fc.nat({ max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 32 }))
  .map(([a, length]) => `${text(a)}/${length}`);

describe("address ranges", () => {
  it("hold the same addresses as Node's own block list says", () => {
    fc.assert(
      fc.property(cidr, fc.nat({ max: 2 ** 32 - 1 }), (range, value) => {
        const list = new BlockList();
        const [address = "", length] = range.split("/");
        list.addSubnet(address, Number(length));
        const parsed = parseCidr(range);
        const one = parseAddress(text(value));
        assert.ok(parsed && one);
        assert.equal(overlaps(parsed, one), list.check(text(value)));
        assert.equal(contains(parsed, one), list.check(text(value)));
      }),
    );
  });

  it("lose exactly what is subtracted", () => {
    fc.assert(
      fc.property(cidr, fc.array(cidr, { maxLength: 4 }), fc.nat({ max: 2 ** 32 - 1 }), (range, holes, value) => {
        const [whole, ...taken] = [range, ...holes].map((c) => parseCidr(c) ?? assert.fail());
        const one = parseAddress(text(value)) ?? assert.fail();
        assert.ok(whole);
        const left = subtractAddresses([whole], taken).some((part) => overlaps(part, one));
        assert.equal(left, overlaps(whole, one) && !taken.some((hole) => overlaps(hole, one)));
      }),
    );
  });

  it("are masked to their prefix", () => {
    assert.deepEqual(parseCidr("10.1.2.3/8"), parseCidr("10.0.0.0/8"));
    assert.deepEqual(parseCidr("2001:db8::ffff/32"), parseCidr("2001:db8::/32"));
  });

  it("are read in IPv6", () => {
    assert.equal(parseCidr("fd00:ec2::254/128")?.first, 0xfd000ec2000000000000000000000254n);
    assert.equal(parseCidr("64:ff9b::a9fe:a9fe/128")?.first, (0x64ff9bn << 96n) + 0xa9fea9fen);
    assert.equal(parseCidr("::/0")?.last, 2n ** 128n - 1n);
  });

  it("are nothing when they are malformed, or written in a way that implementations read differently", () => {
    for (const wrong of [
      "10.0.0.0",
      "10.0.0.0/",
      "10.0.0.0/33",
      "10.0.0.0/08",
      "10.0.0/8",
      "010.0.0.0/8",
      "::/129",
      "a/8",
      "10.0.0.0/8/8",
      "10.0.0.0/-1",
      "fe80::1%eth0/64",
      "::ffff:10.0.0.1/128",
      "::ffff:a00:1/128",
      "::ffff:0:0/96",
      undefined,
      8,
    ])
      assert.equal(parseCidr(wrong), undefined, String(wrong));
    for (const wrong of ["10.0.0.0/32", "::1%lo", "::ffff:10.0.0.1", "", 8])
      assert.equal(parseAddress(wrong), undefined, String(wrong));
  });
});
