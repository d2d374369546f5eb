import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { loaderFiles, LOADER_MAIN } from "../../../components/store/files";

const FOLDER = path.join(__dirname, "..", "..", "..", "components", "store", "loader");

/** The loader is plain JavaScript, which the compiler does not look into. */
interface Modules {
  parseSource(text: string): { host: string; repository: string; tag?: string; digest?: string };
  parseName(text: string): unknown;
  parseChallenge(text: string): Map<string, string>;
  readCredentials(file: string): (host: string, repository: string) => unknown;
}
const load = async (name: string): Promise<Modules> => (await import(path.join(FOLDER, name))) as Modules;

describe("The loader", () => {
  const digest = `sha256:${"a".repeat(64)}`;

  it("is one set of files that need nothing else, small enough for a ConfigMap", () => {
    const files = loaderFiles();
    assert.ok(files[LOADER_MAIN]);
    assert.ok(Object.values(files).join("").length < 500_000);
    for (const [name, text] of Object.entries(files)) {
      for (const [, from = ""] of text.matchAll(/ from "([^"]+)";/g)) {
        assert.ok(from.startsWith("node:") || from.slice(2) in files, `${name} imports ${from}`);
      }
    }
  });

  it("reads references of registries", async () => {
    const { parseSource } = await load("reference.mjs");
    const read = (text: string) => {
      const { host, repository, tag, digest: pin } = parseSource(text);
      return [host, repository, tag, pin];
    };
    assert.deepEqual(read("small"), ["registry.ollama.ai", "library/small", "latest", undefined]);
    assert.deepEqual(read("team/small:1b"), ["registry.ollama.ai", "team/small", "1b", undefined]);
    assert.deepEqual(read("host:5000/a/b/c"), ["host:5000", "a/b/c", "latest", undefined]);
    assert.deepEqual(read(`h.example/a@${digest}`), ["h.example", "a", undefined, digest]);
    assert.deepEqual(read(`h.example/a:v1@${digest}`), ["h.example", "a", "v1", digest]);
    for (const text of ["", "a b", "h.example/../x", "h.example/a@sha256:1", "https://h.example/a", "h.example/a?x"]) {
      assert.throws(() => parseSource(text), /is no registry reference/, text);
    }
  });

  it("refuses names that lead out of the store", async () => {
    const { parseName } = await load("reference.mjs");
    parseName("h.example:5000/ns/model:tag");
    for (const name of ["../a/b:c", "a/../b:c", "a/b/..:c", "a/b/c:..", "a/b/c", "a/b/c/d:e", "A/b/c:d", "a/b/c:d~"]) {
      assert.throws(() => parseName(name), /is no resolved name/, name);
    }
  });

  it("reads challenges, quoted or not", async () => {
    const { parseChallenge } = await load("registry.mjs");
    const challenge = parseChallenge('Bearer realm="https://auth.example/t?a=b,c",service=s, Scope="x\\"y"');
    assert.deepEqual(
      [...challenge],
      [
        ["realm", "https://auth.example/t?a=b,c"],
        ["service", "s"],
        ["scope", 'x"y'],
      ],
    );
  });

  it("finds credentials by host and longest path, and never tells them", async () => {
    const { readCredentials } = await load("credentials.mjs");
    const folder = mkdtempSync(path.join(tmpdir(), "credentials-"));
    const file = path.join(folder, "config.json");
    try {
      const auth = Buffer.from("team:pa:ss").toString("base64");
      const all = { username: "all", password: "p" };
      writeFileSync(file, JSON.stringify({ auths: { "https://h.example/v1/": all, "h.example/team": { auth } } }));
      const find = readCredentials(file);
      assert.deepEqual(find("h.example", "team/model"), { username: "team", password: "pa:ss" });
      assert.deepEqual(find("h.example", "teammate/model"), all);
      assert.equal(find("other.example", "team/model"), undefined);
      for (const text of ['{"auths": {"h": {"auth": "s3cret"}}}', '{"auths": s3cret', '{"s3cret": 1}']) {
        writeFileSync(file, text);
        assert.throws(
          () => readCredentials(file),
          ({ message }: Error) => !message.includes("s3cret") && message.includes(": give a "),
        );
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
