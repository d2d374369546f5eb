import { strict as assert } from "node:assert";
import type { LocatedFault } from "../../../components/spec/fault";
import { loadPlatformSpec } from "../../../components/config/load";
import { DeclarationError } from "../../../components/spec/fault";
import { maxFileBytes } from "../../../components/config/yaml-file";
import { assertOneFault, compliant, faultsIn, hrPlace, placeOf, stackPlace, withProject, write } from "./fixture";
import { yamlText } from "../../support/project";

const hr = "tenants/test/hr.yaml";
const head = [
  "apiVersion: ollama-platform.io/v1",
  "kind: Tenant",
  "metadata: { name: hr }",
  "spec:",
  "  models: { allow: [mistral:7b] }",
  "",
].join("\n");

/** The faults of the compliant environment when the file of HR has more lines at its end. */
const faultsOfTenant = (lines: string): readonly LocatedFault[] => faultsOfText(head + lines);

function faultsOfText(text: string): readonly LocatedFault[] {
  return withProject(compliant(), (root) => {
    write(root, hr, text);
    return faultsIn(root);
  });
}

/** The faults when a text replaces another one in the stack file. */
function faultsOfStack(from: string | RegExp, to: string): readonly LocatedFault[] {
  return withProject(compliant(), (root) => {
    const { config } = compliant();
    const own = Object.entries(config).map(([key, value]) => [`ollama-platform:${key}`, value]);
    const text = yamlText({ config: Object.fromEntries(own) });
    assert.match(text, from instanceof RegExp ? from : new RegExp(from));
    write(root, "Pulumi.test.yaml", text.replace(from, to));
    return faultsIn(root);
  });
}

const sentences = (faults: readonly LocatedFault[]) =>
  faults.map(({ problem, fix }) => `${problem}: ${fix}`).join("\n");

describe("values that the engine reads differently", () => {
  const cases: [lines: string, place: string, problem: RegExp, fix: string][] = [
    ["  server: { cpu: 010 }\n", "server.cpu", /leading zero.*eights/, 'write 10 or "010"'],
    ["  server: { gpus: 01 }\n", "server.gpus", /leading zero/, "write 1"],
    ["  autoscaling: { minReplicas: 08 }\n", "autoscaling.minReplicas", /leading zero/, "write 8"],
    ["  displayName: 2027-01-31\n", "displayName", /a date to the engine/, 'write "2027-01-31"'],
    ["  displayName: 0b11\n", "displayName", /the number 3 to the engine/, 'write "0b11"'],
    ["  server: { cpu: 1_0 }\n", "server.cpu", /the number 10 to the engine/, "write 10"],
    ["  access: { viewers: [1_000] }\n", "access.viewers[0]", /the number 1000/, 'write "1_000"'],
  ];
  for (const [lines, place, problem, fix] of cases) {
    it(`are refused in a tenant file: ${lines.trim()}`, () => {
      const faults = faultsOfTenant(lines);
      assertOneFault(faults, hrPlace(place), problem);
      assert.equal(faults[0]?.fix, fix);
    });
  }

  it("are refused in the stack file, with line and column", () => {
    const faults = faultsOfStack(/memoryGiB: 24/, "memoryGiB: 030");
    assertOneFault(faults, stackPlace("nodePools[0].gpu.memoryGiB"), /leading zero/, /^write 30$/);
    assert.ok((faults[0]?.line ?? 0) > 5 && (faults[0]?.column ?? 0) > 5);
  });

  it("are refused in the stack file when the engine gives the values, and shown as they are written", () => {
    withProject(compliant(), (root) => {
      const { config } = compliant();
      config.nodePools[0].gpu.memoryGiB = 24;
      write(root, "Pulumi.test.yaml", "config:\n  ollama-platform:nodePools:\n    - gpu: { memoryGiB: 030 }\n");
      assert.throws(
        () => loadPlatformSpec({ environment: "test", config, root }),
        (error) =>
          error instanceof DeclarationError &&
          error.faults.length === 1 &&
          error.faults[0]?.value === "030" &&
          error.faults[0].fix === "write 30",
      );
    });
  });

  it("are accepted in quotes, and as numbers that all understand", () => {
    assert.deepEqual(faultsOfTenant('  displayName: "2027-01-31"\n  server: { cpu: 10, gpus: 0x0 }\n'), []);
  });

  it("are left to their owners in other programs' configuration", () => {
    const other = "config:\n  aws:accountId: 012345\n  aws:tags: { <<: &t { a: !!str 1 } }\n  ";
    assert.deepEqual(faultsOfStack(/^config:\n {2}/, other), []);
  });

  it("never show what looks like a secret", () => {
    const [fault] = faultsOfTenant("  server: { adminPassword: 0123 }\n");
    assert.doesNotMatch(JSON.stringify(fault), /0123/);
  });
});

describe("keys", () => {
  it("that are there twice are all reported, each with its name and both lines", () => {
    const faults = faultsOfTenant(
      "  displayName: HR\n  displayName: People\n  quota: { cpu: 1, memory: 2Gi, cpu: 2 }\n  displayName: Staff\n",
    );
    assert.deepEqual(
      faults.map(({ line, problem }) => `${line}: ${problem}`),
      [
        "7: has the key `displayName` twice in one mapping, on lines 6 and 7",
        "8: has the key `cpu` twice in one mapping, on lines 8 and 8",
        "9: has the key `displayName` twice in one mapping, on lines 6 and 9",
      ],
    );
  });

  it("are the same with and without quotes", () => {
    assert.match(sentences(faultsOfTenant('  displayName: HR\n  "displayName": HR\n')), /`displayName` twice/);
  });

  it("that the engine takes for no text are refused by name", () => {
    for (const key of ["010", "1", "true", "null", "~", "2027-01-31", "1.5"]) {
      const [fault, ...more] = faultsOfTenant(`  network: { ingressFrom: [{ podLabels: { ${key}: a } }] }\n`);
      assert.deepEqual(more, []);
      assert.match(fault?.problem ?? "", new RegExp(`the key \`${key.replace(".", "\\.")}\`, which is no text`));
      assert.equal(fault?.fix, `write "${key}" if the key is meant`);
    }
  });

  it("that are a mapping, a list, an alias or nothing are refused", () => {
    for (const line of ["? [a]\n  : b", "? { a: b }\n  : c", ": b", "displayName: &a x\n  *a : y"]) {
      assert.match(sentences(faultsOfTenant(`  ${line}\n`)), /key that is not a text|key without a name/, line);
    }
  });
});

describe("tags, aliases and merge keys", () => {
  it("are all reported at once, in all files, by name and line", () => {
    withProject(compliant(), (root) => {
      write(
        root,
        hr,
        `${head}  displayName: !!binary aGk=\n  server: { cpu: *gone, memory: !secret x }\n  server: {}\n`,
      );
      write(root, "tenants/test/finance.yaml", "kind: !!str Tenant\nspec: { <<: *nowhere }\n");
      const found = faultsIn(root).map(({ file, line, problem }) => `${file}:${line} ${problem}`);
      assert.deepEqual(found, [
        "tenants/test/finance.yaml:1 has the tag `!!str`",
        "tenants/test/finance.yaml:2 has a merge key (`<<`)",
        "tenants/test/finance.yaml:2 has the alias `*nowhere`, whose anchor `&nowhere` is not above it",
        "tenants/test/hr.yaml:6 has the tag `!!binary`",
        "tenants/test/hr.yaml:7 has the alias `*gone`, whose anchor `&gone` is not above it",
        "tenants/test/hr.yaml:7 has the tag `!secret`",
        "tenants/test/hr.yaml:8 has the key `server` twice in one mapping, on lines 7 and 8",
      ]);
    });
  });

  for (const tag of [
    "!!str",
    "!!int",
    "!!float",
    "!!bool",
    "!!null",
    "!!map",
    "!!seq",
    "!!set",
    "!!omap",
    "!x",
    "!<a>",
    "!",
  ]) {
    it(`refuses ${tag} on values and keys`, () => {
      const value = { "!!map": "{}", "!!set": "{}", "!!seq": "[]", "!!omap": "[]" }[tag] ?? "1";
      assert.match(sentences(faultsOfTenant(`  quota: ${tag} ${value}\n`)), /has the tag/);
      if (value === "1") assert.match(sentences(faultsOfTenant(`  ${tag} quota: auto\n`)), /has the tag|no text/);
    });
  }

  for (const merge of ["<<: *s", "!!merge <<: *s", "!!merge x: *s", "<<: [*s, *s]", "<<: { cpu: 1 }"]) {
    it(`refuses the merge key in ${merge}`, () => {
      const faults = faultsOfTenant(`  server: &s { cpu: 1 }\n  quota: { ${merge} }\n`);
      assert.deepEqual(
        faults.map(({ line, problem }) => `${line} ${problem}`),
        ["7 has a merge key (`<<`)"],
      );
    });
  }

  it("refuses merge keys that could bring the program's own keys into the stack file", () => {
    assert.match(sentences(faultsOfStack(/^config:\n/, "x: &x { config: {} }\n<<: *x\nconfig:\n")), /merge key/);
    assert.match(sentences(faultsOfStack(/^config:\n/, "config:\n  <<: {}\n")), /merge key/);
  });

  it("takes 100 aliases, and refuses the next with the limit", () => {
    const aliases = (count: number) =>
      `  access: { viewers: &v [staff], operators: [${Array(count - 1)
        .fill("*v")
        .join(", ")}] }\n  displayName: *v\n`;
    assert.ok(faultsOfTenant(aliases(100)).every(({ problem }) => !/aliases/.test(problem)));
    const [fault, ...more] = faultsOfTenant(aliases(101));
    assert.deepEqual(more, []);
    assert.equal(fault?.line, 7);
    assert.match(fault?.problem ?? "", /with `\*v` there are more than 100/);
    assert.match(fault?.allowed ?? "", /at most 100 aliases/);
  });

  it("refuses an alias inside of what it repeats", () => {
    assert.match(sentences(faultsOfTenant("  access: &a { viewers: *a }\n")), /`\*a` inside of the value/);
  });

  it("refuses directives, which change how the rest is read", () => {
    for (const line of ["%YAML 1.1", "%YAML 1.2", "%TAG ! tag:x,2000:", "%OTHER x"]) {
      assert.match(sentences(faultsOfText(`${line}\n---\n${head}`)), /directive/, line);
    }
  });
});

describe("characters", () => {
  const unseen: [name: string, character: string, code: string][] = [
    ["a no-break space", "\u00a0", "U+00A0"],
    ["a narrow no-break space", "\u202f", "U+202F"],
    ["an ideographic space", "\u3000", "U+3000"],
    ["a space of another width", "\u2003", "U+2003"],
    ["a zero-width space", "\u200b", "U+200B"],
    ["a word joiner", "\u2060", "U+2060"],
    ["a byte order mark", "\ufeff", "U+FEFF"],
    ["a soft hyphen", "\u00ad", "U+00AD"],
    ["a right-to-left mark", "\u200f", "U+200F"],
    ["an invisible character", "\u2063", "U+2063"],
  ];
  for (const [name, character, code] of unseen) {
    it(`names ${name} that makes a text of a mapping, with its code point, line and column`, () => {
      const [fault, ...more] = faultsOfTenant(`  server:\n    memory:${character}4Gi\n`);
      assert.deepEqual(more, []);
      assert.equal(fault && placeOf(fault), hrPlace("server"));
      assert.deepEqual([fault?.line, fault?.column], [7, 12]);
      assert.ok(fault?.problem.includes(`${name} (${code})`), fault?.problem);
      assert.doesNotMatch(fault?.fix ?? "", /change it/);
    });

    it(`names ${name} in a key and at the end of a value`, () => {
      for (const lines of [`  display${character}Name: HR\n`, `  access: { viewers: [staff${character}] }\n`]) {
        const faults = faultsOfTenant(lines);
        assert.equal(faults.length, 1, lines);
        assert.ok(faults[0]?.problem.includes(code));
      }
    });
  }

  const lookalikes: [what: string, lines: string, code: string, position: string][] = [
    ["a full-width colon", "  server:\n    memory\uff1a4Gi\n", "U+FF1A", "line 7, column 11"],
    ["a full-width colon in a key", "  server\uff1a { cpu: 2 }\n", "U+FF1A", "line 6, column 9"],
    ["a tab", "  server:\n    memory\t4Gi\n", "U+0009", "line 7, column 11"],
    ["typographic quotes", "  server: { memory: “4Gi” }\n", "U+201C", "line 6, column 21"],
    ["a dash", "  isolationLevel: dedicated–nodes\n", "U+2013", "line 6, column 28"],
    ["a Cyrillic letter", "  isolationLevel: dedicаted-nodes\n", "U+0430", "line 6, column 24"],
    ["a full-width digit", "  server: { cpu: ２ }\n", "U+FF12", "line 6, column 18"],
    ["a no-break space in quotes", '  server: { memory: "4\u00a0Gi" }\n', "U+00A0", "line 6, column 23"],
  ];
  for (const [what, lines, code, position] of lookalikes) {
    it(`names ${what} that a value is refused for`, () => {
      const [fault, ...more] = faultsOfTenant(lines);
      assert.deepEqual(more, []);
      assert.ok(fault?.problem.includes(code), fault?.problem);
      assert.ok(fault?.problem.includes(position), fault?.problem);
      assert.match(fault?.fix ?? "", /^write .* instead$|^remove it$/);
    });
  }

  it("names one that indents, where the syntax breaks", () => {
    assert.match(sentences(faultsOfTenant("  server:\n\u00a0\u00a0\u00a0 memory: 4Gi\n")), /U\+00A0/);
  });

  it("takes letters of every language, and typographic signs in a name for people", () => {
    for (const name of ["Bêta – “Équipe”", "人事部：東京", "People’s office", '"no-break\u00a0space"']) {
      assert.deepEqual(faultsOfTenant(`  displayName: ${name}\n`), [], name);
    }
    assert.deepEqual(faultsOfTenant("  # a comment with a no-break\u00a0space\n"), []);
  });

  it("refuses line breaks of old versions of YAML, which end a comment for the engine only", () => {
    for (const [character, code] of [
      ["\u2028", "U+2028"],
      ["\u2029", "U+2029"],
      ["\u0085", "U+0085"],
      ["\r", "U+000D"],
    ] as const) {
      const faults = faultsOfTenant(`  # note${character}  suspended: true\n`);
      assert.equal(faults.length, 1);
      assert.ok(faults[0]?.problem.includes(code) && faults[0].line === 6, sentences(faults));
    }
    assert.deepEqual(faultsOfText(head.replaceAll("\n", "\r\n")), []);
  });

  it("refuses control characters", () => {
    assert.match(sentences(faultsOfTenant("  displayName: a\u0007b\n")), /control character \(U\+0007\)/);
  });
});

describe("huge and deep files", function () {
  this.timeout(60_000);

  const lines = (line: (n: number) => string) => Array.from({ length: 1000 }, (_, n) => line(n)).join("\n");
  for (const [what, text] of Object.entries({
    "a mapping of thousands of keys": lines((n) => `k${n}: 1`),
    "one key again and again": lines(() => "kind: Tenant"),
    "a list of thousands of items": `kind:\n${lines(() => "- a")}`,
    "aliases without end": `kind: &a x\nspec:\n${lines(() => "- *a")}`,
    "brackets that quotes seem to close": `kind: ${'[ "]", '.repeat(50_000)}`,
    "brackets that comments seem to close": `kind: ${"[ #]\n ".repeat(50_000)}`,
    "levels of indentation": Array.from({ length: 900 }, (_, n) => `${" ".repeat(n)}a:`).join("\n"),
    "levels of lists": "- ".repeat(100_000),
    "levels of keys": "? ".repeat(100_000),
    "one long line": `kind: ${"x".repeat(maxFileBytes - 10)}`,
    "binary data": "\0\u0001".repeat(1000),
  })) {
    it(`end in faults: ${what}`, () => {
      const faults = faultsOfText(text);
      assert.ok(faults.length > 0 && faults.every(({ file }) => file === hr));
    });
  }
});
