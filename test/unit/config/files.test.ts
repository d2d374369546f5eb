import { strict as assert } from "node:assert";
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import * as path from "node:path";
import { DeclarationError } from "../../../components/spec/fault";
import { loadStackFile } from "../../../components/config/load";
import { maxFileBytes } from "../../../components/config/yaml-file";
import { assertOneFault, compliant, faultsAfter, faultsIn, load, placeOf, withProject, write } from "./fixture";

const hr = "tenants/test/hr.yaml";

/** Asserts on the faults of the compliant environment after a change of its folder. */
function assertFolderFault(change: (root: string) => void, place: string, problem: RegExp, fix?: RegExp): void {
  withProject(compliant(), (root) => {
    change(root);
    assertOneFault(faultsIn(root), place, problem, fix);
  });
}

const content = (text: string | Uint8Array) => (root: string) => write(root, hr, text);

describe("YAML files", () => {
  for (const [what, text] of Object.entries({
    "a bracket that is not closed": "kind: [Tenant\n",
    "a tab for indentation": "metadata:\n\tname: hr\n",
    "a second colon": "kind: Tenant: x\n",
    "a quote that is not closed": 'kind: "Tenant\n',
  })) {
    it(`refuses ${what} and says where`, () => {
      withProject(compliant(), (root) => {
        write(root, hr, text);
        const faults = faultsIn(root);
        assert.ok(faults.length > 0);
        for (const fault of faults) {
          assert.equal(fault.file, hr);
          assert.ok((fault.line ?? 0) >= 1 && (fault.column ?? 0) >= 1);
        }
      });
    });
  }

  it("does not quote the file in a syntax error, which may hold a secret", () => {
    withProject(compliant(), (root) => {
      write(root, hr, 'password: "hunter2\n  x: }hunter2 ]\n');
      assert.doesNotMatch(new DeclarationError(faultsIn(root)).message, /hunter2/);
    });
  });

  it("refuses a key that is there twice", () => {
    assertFolderFault(content("kind: Tenant\nkind: Tenant\n"), hr, /twice in one mapping/);
  });

  it("refuses two documents in one file", () => {
    assertFolderFault(content("kind: Tenant\n---\nkind: Tenant\n"), hr, /more than one/);
  });

  it("refuses an empty file, and one with comments only", () => {
    assertFolderFault(content(""), hr, /is empty/);
    assertFolderFault(content("# nothing\n"), hr, /is empty/);
    assertFolderFault(content("---\n"), hr, /is empty/);
  });

  it("refuses aliases by which a small file expands without bound", () => {
    const levels = Array.from({ length: 30 }, (_, n) => `l${n + 1}: &l${n + 1} [*l${n}, *l${n}]`);
    assertFolderFault(content(["l0: &l0 [x]", ...levels].join("\n")), hr, /aliases that expand/);
  });

  it("refuses an alias to what holds it, and one to nothing", () => {
    for (const text of ["kind: &a { b: *a }\n", "kind: *gone\n"]) {
      withProject(compliant(), (root) => {
        write(root, hr, text);
        assert.ok(faultsIn(root).every(({ file }) => file === hr) && faultsIn(root).length > 0);
      });
    }
  });

  it("reads a plain alias, and names the place of a fault behind it", () => {
    withProject(compliant(), (root) => {
      write(
        root,
        hr,
        [
          "apiVersion: ollama-platform.io/v1",
          "kind: Tenant",
          "metadata: { name: hr }",
          "spec:",
          "  models: { allow: [mistral:7b] }",
          "  access: { viewers: &people [staff, ''], operators: *people }",
        ].join("\n"),
      );
      const faults = faultsIn(root);
      assert.deepEqual(
        faults.map(({ path: way, line }) => `${way}:${line}`),
        ["spec.access.operators[1]:6", "spec.access.viewers[1]:6"],
      );
    });
  });

  it("refuses a file that is nested without end, before it can take the process down", () => {
    const indented = Array.from({ length: 1400 }, (_, level) => `${" ".repeat(level)}a:`).join("\n");
    for (const text of [`kind: ${"[".repeat(100_000)}`, "- ".repeat(100_000), "? ".repeat(100_000), indented]) {
      assertFolderFault(content(text), hr, /nested too deeply/);
    }
  });

  it("refuses a file that is too large", () => {
    assertFolderFault(content("# x\n".repeat(maxFileBytes / 4 + 1)), hr, /bytes/);
  });

  it("refuses a tag", () => {
    assertFolderFault(content("kind: !secret Tenant\n"), hr, /tag/);
  });

  it("refuses bytes that are not UTF-8, and UTF-16", () => {
    assertFolderFault(content(Buffer.from([0x6b, 0x3a, 0x20, 0xff, 0xfe])), hr, /UTF-8/);
    assertFolderFault(content(Buffer.from("\ufeffkind: Tenant\n", "utf16le")), hr, /UTF-8/);
  });

  it("reads a file with a byte order mark", () => {
    withProject(compliant(), (root) => {
      write(
        root,
        hr,
        "\ufeffapiVersion: ollama-platform.io/v1\nkind: Tenant\nmetadata: { name: hr }\nspec: { models: { allow: [mistral:7b] } }\n",
      );
      assert.deepEqual(faultsIn(root), []);
    });
  });
});

describe("tenant folder", () => {
  const folder = (root: string) => path.join(root, "tenants/test");

  it("refuses a folder without tenant files", () => {
    withProject(compliant(), (root) => {
      for (const name of readdirSync(folder(root))) unlinkSync(path.join(folder(root), name));
      write(root, "tenants/test/README.md", "Nobody yet.");
      const [fault] = faultsIn(root).filter(({ file }) => file === "tenants/test");
      assert.match(fault?.problem ?? "", /no tenant file/);
    });
  });

  it("refuses a folder that does not exist and names the config", () => {
    const faults = faultsAfter((files) => {
      files.config.tenants = "tenants/tset";
      files.config.nodePools[0] = files.config.nodePools.pop();
    });
    assertOneFault(faults, "tenants/tset", /does not exist/, /ollama-platform:tenants/);
  });

  it("refuses folders outside the project", () => {
    for (const tenants of ["../", "tenants/../..", "/etc"]) {
      const faults = faultsAfter((files) => (files.config.tenants = tenants));
      assert.ok(
        faults.some(({ problem, path: way }) => /outside/.test(problem) || way.endsWith("tenants")),
        tenants,
      );
    }
  });

  it("refuses a folder that is a link to one outside the project", () => {
    withProject(compliant(), (root) =>
      withProject(compliant(), (elsewhere) => {
        rmSync(folder(root), { recursive: true });
        symlinkSync(folder(elsewhere), folder(root));
        assert.ok(faultsIn(root).some(({ file, problem }) => file === "tenants/test" && /outside/.test(problem)));
      }),
    );
  });

  it("refuses a link that leaves the folder, even to a good tenant file, and does not read it", () => {
    assertFolderFault(
      (root) => {
        renameSync(path.join(root, hr), path.join(root, "hr.yaml"));
        symlinkSync("../../hr.yaml", path.join(root, hr));
      },
      hr,
      /leaves the folder/,
    );
  });

  it("refuses a link that leads nowhere", () => {
    assertFolderFault(
      (root) => symlinkSync("gone.yaml", path.join(folder(root), "x.yaml")),
      "tenants/test/x.yaml",
      /nowhere/,
    );
  });

  it("refuses other endings, so that no tenant is lost to one", () => {
    assertFolderFault((root) => renameSync(path.join(root, hr), `${path.join(root, hr)}.bak`), `${hr}.bak`, /ending/);
    assertFolderFault((root) => write(root, "tenants/test/legal.json", "{}"), "tenants/test/legal.json", /ending/);
  });

  it("refuses folders inside the folder", () => {
    assertFolderFault((root) => mkdirSync(path.join(folder(root), "eu.yaml")), "tenants/test/eu.yaml", /is a folder/);
  });

  it("lets notes, files of tools and open editors lie beside", () => {
    withProject(compliant(), (root) => {
      const names = ["README", "README.md", "readme.txt", ".gitkeep", ".gitignore", ".editorconfig", ".hr.yaml.swp"];
      for (const name of names) write(root, `tenants/test/${name}`, "x");
      assert.deepEqual(faultsIn(root), []);
    });
  });

  it("reads a tenant that is named readme", () => {
    for (const name of ["readme", "README"]) {
      withProject(compliant(), (root) => {
        renameSync(path.join(root, hr), path.join(folder(root), `${name}.yaml`));
        assertOneFault(faultsIn(root), `tenants/test/${name}.yaml: metadata.name`, /not the name of the file/);
        write(root, "tenants/test/readme.yml", "kind: Tenant\n");
        assert.ok(faultsIn(root).some(({ file }) => file === "tenants/test/readme.yml"));
      });
    }
  });

  for (const name of [".hr.yaml", ".#hr.yaml", ".hr.yml", ".hr.json", ".hidden", ".README.md"]) {
    it(`refuses the hidden file ${name}, from which no tenant is read`, () => {
      assertFolderFault((root) => write(root, `tenants/test/${name}`, "x"), `tenants/test/${name}`, /hidden/);
    });
  }

  for (const [name, fix] of [
    ["legal.YAML", /name it `legal\.yaml`/],
    ["legal.Yml", /name it `legal\.yml`/],
    ["legal.json", /rename/],
    ["legal.yaml~", /rename/],
    ["legal.yaml.orig", /rename/],
    ["#legal.yaml#", /rename/],
    ["legal", /rename/],
    ["README.yaml.md", /rename/],
    ["README.json", /rename/],
  ] as const) {
    it(`refuses ${name}, so that no tenant is lost to an ending`, () => {
      assertFolderFault((root) => write(root, `tenants/test/${name}`, "x"), `tenants/test/${name}`, /ending/, fix);
    });
  }

  it("refuses folders, hidden ones and ones that are named like notes too", () => {
    for (const name of ["README", ".gitkeep", ".old", "eu"]) {
      assertFolderFault((root) => mkdirSync(path.join(folder(root), name)), `tenants/test/${name}`, /folder|hidden/);
    }
  });

  it("accepts the ending .yml", () => {
    withProject(compliant(), (root) => {
      renameSync(path.join(root, hr), path.join(folder(root), "hr.yml"));
      assert.deepEqual(faultsIn(root), []);
    });
  });

  it("is tenants/<stack> when the config does not say", () => {
    assert.deepEqual(
      faultsAfter((files) => delete files.config.tenants),
      [],
    );
  });
});

describe("stack file", () => {
  it("must be there", () => {
    withProject(compliant(), (root) => {
      unlinkSync(path.join(root, "Pulumi.test.yaml"));
      assertOneFault(faultsIn(root), "Pulumi.test.yaml", /does not exist/);
    });
  });

  it("must be named after its stack", () => {
    assert.throws(
      () => loadStackFile("stack.yaml"),
      (error) => error instanceof DeclarationError && /not named/.test(error.message),
    );
  });

  it("may hold what Pulumi writes and other providers' configuration", () => {
    withProject(compliant(), (root) => {
      write(
        root,
        "Pulumi.test.yaml",
        [
          "secretsprovider: passphrase",
          "encryptionsalt: v1:x",
          "environment: [shared]",
          "config:",
          "  kubernetes:context: test",
          "  random:token: { secure: v1:x }",
          "  ollama-platform:models: [{ name: mistral:7b }, { name: llama3.1:8b }, { name: qwen2.5:0.5b }]",
          "  ollama-platform:nodePools:",
          "    - { name: finance-gpu, backend: karpenter-kwok, tenancy: dedicated, tenant: finance, gpu: { memoryGiB: 24 }, limits: { cpu: 64, memory: 1Ti, gpus: 2 } }",
        ].join("\n"),
      );
      assert.equal(load(root).environment, "test");
    });
  });

  it("may hold no other keys", () => {
    withProject(compliant(), (root) => {
      write(root, "Pulumi.test.yaml", "confg: {}\n");
      const places = faultsIn(root).map(placeOf);
      assert.ok(places.includes("Pulumi.test.yaml: confg"));
    });
  });
});
