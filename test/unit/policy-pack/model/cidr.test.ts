import assert from "node:assert/strict";
import { BlockList } from "node:net";
import * as fc from "fast-check";
import { overlaps, parseCidr, subtract } from "../../../../policy-pack/model/cidr";

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
        const one = parseCidr(`${text(value)}/32`);
        assert.ok(parsed && one);
        assert.equal(overlaps(parsed, one), list.check(text(value)));
      }),
    );
  });

  it("lose exactly what is subtracted", () => {
    fc.assert(
      fc.property(cidr, fc.array(cidr, { maxLength: 4 }), fc.nat({ max: 2 ** 32 - 1 }), (range, holes, value) => {
        const all = [range, ...holes].map((c) => parseCidr(c) ?? assert.fail());
        const [whole = assert.fail(), ...taken] = all;
        const one = parseCidr(`${text(value)}/32`) ?? assert.fail();
        const left = subtract(whole, taken).some((part) => overlaps(part, one));
        assert.equal(left, overlaps(whole, one) && !taken.some((hole) => overlaps(hole, one)));
      }),
    );
  });

  it("are read in IPv6, with embedded IPv4 too", () => {
    const range = parseCidr("fd00:ec2::254/128");
    assert.equal(range?.first, 0xfd000ec2000000000000000000000254n);
    assert.equal(parseCidr("::ffff:10.0.0.1/128")?.first, 0xffff0a000001n);
    assert.equal(parseCidr("::/0")?.last, 2n ** 128n - 1n);
  });

  it("are nothing when they are malformed", () => {
    for (const wrong of [
      "10.0.0.0",
      "10.0.0.0/33",
      "10.0.0/8",
      "::/129",
      "a/8",
      "10.0.0.0/8/8",
      "10.0.0.0/-1",
      undefined,
      8,
    ])
      assert.equal(parseCidr(wrong), undefined, String(wrong));
  });
});
