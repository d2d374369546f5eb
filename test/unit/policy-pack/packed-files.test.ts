import { deepEqual, equal } from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { packed } from "../../../components/gateway/archive";
import { unpacked } from "../../../policy-pack/model/packed-files";

/** An archive, uncompressed, with bytes of it changed. */
function changedTar(change: (tar: Buffer) => void): Buffer {
  const tar = gunzipSync(packed({ "a.json": "{}" }));
  change(tar);
  return gzipSync(tar);
}

describe("compressed data of a ConfigMap", () => {
  it("is read as an archive, or as one text", () => {
    deepEqual(unpacked(packed({ "a.json": "{}" })), [{ name: "a.json", text: "{}" }]);
    deepEqual(unpacked(gzipSync("{}")), [{ name: "", text: "{}" }]);
  });

  for (const [title, bytes] of [
    ["nothing behind the first bytes", Buffer.from([0x1f, 0x8b])],
    ["an end in the middle", packed({ "a.json": "{}" }).subarray(0, -10)],
    ["more than fits into memory", gzipSync(Buffer.alloc(9 * 1024 * 1024, "a"))],
    ["what is no text", gzipSync(Buffer.from([0xff, 0xfe]))],
    ["an archive in an archive", packed({ "a.tar.gz": packed({ "a.json": "{}" }).toString("latin1") })],
    ["a link in the place of a file", changedTar((tar) => tar.write("2", 156))],
    ["a long name in a form of its own", changedTar((tar) => tar.write("L", 156))],
    ["a file that is longer than the archive", changedTar((tar) => tar.write("77777777777", 124))],
    ["a length that is no number", changedTar((tar) => tar.write("x", 124))],
    ["something behind the end", changedTar((tar) => tar.write("x", tar.length - 1))],
  ] as [string, Buffer][]) {
    it(`is not taken for read with ${title}`, () => equal(unpacked(bytes), undefined));
  }
});
