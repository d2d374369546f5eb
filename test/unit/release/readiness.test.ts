import * as assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { faultsOfRelease, manifestOf, packageFolders, releaseNotes } from "../../../tools/release/readiness";
import { repositoryRoot } from "../../../tools/local/paths";

const CHANGELOG =
  "# Changelog\n\n## [Unreleased]\n\n- Later.\n\n## [1.2.0] - 2027-01-02\n\n- New.\n\n## [1.1.0]\n\n## [1.0.0]\n";

describe("A release", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "ollama-platform-release-"));
    writeFileSync(path.join(root, "CHANGELOG.md"), CHANGELOG);
    for (const folder of packageFolders) write(folder, "1.2.0");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(folder: string, version: string): void {
    mkdirSync(path.join(root, folder), { recursive: true });
    writeFileSync(path.join(root, folder, "package.json"), JSON.stringify({ name: folder, version }));
  }

  it("is what every package and the changelog say it is", () => {
    assert.deepEqual(faultsOfRelease(root, "v1.2.0"), []);
    assert.deepEqual(faultsOfRelease(root), []);
  });

  it("is refused with every version that differs", () => {
    write("components", "1.1.0");
    write("policy-pack", "1.3.0");
    assert.deepEqual(faultsOfRelease(root, "v1.2.0"), [
      "components/package.json: version is 1.1.0, and the tag says 1.2.0; set it to 1.2.0",
      "policy-pack/package.json: version is 1.3.0, and the tag says 1.2.0; set it to 1.2.0",
    ]);
  });

  it("is refused without notes", () => {
    for (const folder of packageFolders) write(folder, "1.1.0");
    assert.match(faultsOfRelease(root, "v1.1.0").join(), /section \[1\.1\.0\] is empty/);
    for (const folder of packageFolders) write(folder, "1.3.0");
    assert.match(faultsOfRelease(root, "v1.3.0").join(), /no section \[1\.3\.0\]/);
  });

  for (const tag of ["1.2.0", "v1.2", "v1.2.0; echo", "latest", ""])
    it(`is not named ${JSON.stringify(tag)}`, () => {
      assert.match(faultsOfRelease(root, tag).join(), /is no version/);
    });

  it("has notes that end where the next version begins", () => {
    assert.equal(releaseNotes(CHANGELOG, "1.2.0"), "- New.");
    assert.equal(releaseNotes(CHANGELOG, "1.2.1"), undefined);
  });

  it("has one version in this repository", () => {
    const versions = packageFolders.map((folder) => manifestOf(repositoryRoot, folder).version);
    assert.equal(new Set(versions).size, 1, versions.join(", "));
  });
});
