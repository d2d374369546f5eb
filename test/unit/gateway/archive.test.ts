import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { packed } from "../../../components/gateway/archive";
import { gatewayArchives, gatewayFiles, POD_PLACEMENT, startScript } from "../../../components/gateway";
import { unpacked } from "../../../policy-pack/model/packed-files";

const FILES = { "b.txt": "two\n", "a.lua": `return "${"x".repeat(1000)}"\n`, empty: "", "d.txt": "ünïcode\n" };
const input = { tenant: "hr", models: [], clients: [] };
const asList = (files: Record<string, string>) =>
  Object.entries(files)
    .map(([name, text]) => ({ name, text }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

describe("the archive of the gateway's files", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "archive-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is what tar unpacks", () => {
    writeFileSync(path.join(folder, "files.tar.gz"), packed(FILES));
    mkdirSync(path.join(folder, "out"));
    execFileSync("tar", ["-xzf", path.join(folder, "files.tar.gz"), "-C", path.join(folder, "out")]);
    const found = readdirSync(path.join(folder, "out"));
    deepEqual(found.sort(), Object.keys(FILES).sort());
    for (const [name, text] of Object.entries(FILES)) {
      equal(readFileSync(path.join(folder, "out", name), "utf8"), text);
    }
  });

  it("has the same bytes whoever packs it, whatever the order of the files", () => {
    const digest = (files: Record<string, string>) => createHash("sha256").update(packed(files)).digest("hex");
    equal(digest(FILES), digest(Object.fromEntries(Object.entries(FILES).reverse())));
    // Another digest would give every tenant a new pod: it changes with the packer's library only.
    equal(digest({ "a.txt": "a\n" }), "c1eff6b48cfaba04fbb943c678d5c2340b601b328c26fc312fa9b62772f31ec0");
  });

  it("refuses a name that it cannot hold", () => throws(() => packed({ ["x".repeat(101)]: "" }), /too long/));

  it("is read by the policy pack as it was packed", () => {
    deepEqual(unpacked(packed(FILES)), asList(FILES));
    const [program, config] = Object.values(gatewayArchives(input)).map(unpacked);
    const files = gatewayFiles(input);
    deepEqual([program, config], [asList(files.program), asList(files.config)]);
  });

  const start = (change: (archives: string) => void) => {
    const place = {
      ...POD_PLACEMENT,
      archiveDirectory: path.join(folder, "archives"),
      configDirectory: path.join(folder, "run"),
    };
    mkdirSync(place.archiveDirectory);
    mkdirSync(place.configDirectory);
    // In the place of Envoy: says what it was started with.
    writeFileSync(path.join(folder, "envoy"), '#!/bin/sh\necho "envoy $*"\n', { mode: 0o755 });
    const archives = gatewayArchives(input, place);
    for (const [name, bytes] of Object.entries(archives)) writeFileSync(path.join(place.archiveDirectory, name), bytes);
    const digests = Object.entries(archives).map(([name, bytes]) => [
      name,
      createHash("sha256").update(bytes).digest("hex"),
    ]);
    change(place.archiveDirectory);
    const script = startScript(Object.fromEntries(digests) as Record<string, string>, place);
    const ran = spawnSync("/bin/bash", ["-c", script, "gateway", "--one", "two words"], {
      env: { ...process.env, PATH: `${folder}:${process.env["PATH"]}` },
      encoding: "utf8",
    });
    return { ...ran, unpacked: readdirSync(place.configDirectory) };
  };

  it("is unpacked before Envoy starts", () => {
    const { stdout, status, unpacked: found } = start(() => undefined);
    deepEqual([status, stdout], [0, "envoy --one two words\n"]);
    const files = gatewayFiles(input);
    deepEqual(found.sort(), Object.keys({ ...files.program, ...files.config }).sort());
  });

  it("is not unpacked, and Envoy not started, when it is not the one that the pod was made for", () => {
    const {
      stdout,
      stderr,
      status,
      unpacked: found,
    } = start((archives) => writeFileSync(path.join(archives, "config.tar.gz"), packed(FILES)));
    ok(status !== 0 && !stdout.includes("envoy"));
    ok(`${stdout}${stderr}`.includes("config.tar.gz: FAILED"), stderr);
    deepEqual(found, []);
  });

  it("is not unpacked when one is missing", () => {
    const { stdout, status } = start((archives) => rmSync(path.join(archives, "program.tar.gz")));
    ok(status !== 0 && !stdout.includes("envoy"));
  });
});
