import assert from "node:assert/strict";
import { loadStackEnvironment } from "../../../components/config/load";
import { readFileSync, writeFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { OllamaPlatform } from "../../../components/index";
import { planOfPart } from "../../../components/plan/part";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import {
  environmentOf,
  partOfStack,
  partsOfEnvironment,
  type StackPart,
  stacksOfEnvironment,
  type StackPlaces,
} from "../../../components/stack-parts";
import { repositoryRoot } from "../../../tools/local/paths";
import { configurationOfPart } from "../../../tools/stacks/gate";
import { settingsIn } from "../../../tools/report/settings";
import { judgeObjects } from "../../../tools/report/state";
import type { PlatformSpec } from "../../../components/spec/index";
import { platform } from "../plan/fixture";
import { editYaml, type YamlDocument } from "../../support/project";
import { record } from "./recording";

interface Several extends StackPlaces {
  parts: StackPart[];
  spec: PlatformSpec;
}

/** What the stacks of the unit tests' environment register when its tenants lie in two. */
function twoParts(): StackPart[] {
  const places = stacksOfEnvironment({ spec: platform(), tenantStacks: { count: 2 } });
  assert.ok(places);
  return partsOfEnvironment(places, repositoryRoot, planPlatform(platform()));
}

/** A copy of a stack's files and the program, which `change` may change, and what its stacks are then. */
function partsAfter(stack: string, change: (root: string) => void = () => undefined): Several {
  const root = mkdtempSync(path.join(tmpdir(), "stack-parts-"));
  try {
    const program = ["index.ts", "program.ts", "package.json", "policy-pack/config", `Pulumi.${stack}.yaml`, "tenants"];
    for (const name of program) cpSync(path.join(repositoryRoot, name), path.join(root, name), { recursive: true });
    cpSync(path.join(repositoryRoot, "components"), path.join(root, "components"), {
      recursive: true,
      filter: (file) => !/\/(node_modules|bin)$/.test(file),
    });
    editYaml(root, `Pulumi.${stack}.yaml`, ({ config }) => {
      config["ollama-platform:tenantStacks"] = { count: 3 };
    });
    change(root);
    const loaded = loadStackEnvironment(path.join(root, `Pulumi.${stack}.yaml`));
    const places = stacksOfEnvironment(loaded);
    assert.ok(places);
    const parts = partsOfEnvironment(places, root, planPlatform(loaded.spec));
    for (const part of parts)
      assert.equal(partOfStack(part.stack, places, root, loaded.spec).digest, part.digest, "the program knows it");
    return { ...places, parts, spec: loaded.spec };
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Names of the stacks that register something else after a change. */
function changedBy(change: (root: string) => void): string[] {
  const [before, after] = [partsAfter("prod"), partsAfter("prod", change)];
  return before.parts.filter(({ digest }, index) => after.parts[index]?.digest !== digest).map(({ stack }) => stack);
}

describe("the stacks of an environment", () => {
  it("are one without a word about stacks", () => {
    assert.equal(stacksOfEnvironment({ spec: platform() }), undefined);
  });

  it("register every object of the plan once, together", () => {
    const plan = planPlatform(platform());
    const objects = twoParts().flatMap((part) => platformObjects(planOfPart(plan, part)));
    const names = ({ kind, metadata }: (typeof objects)[number]) => `${kind} ${metadata.namespace} ${metadata.name}`;
    assert.deepEqual(objects.map(names).sort(), platformObjects(plan).map(names).sort());
  });

  it("are registered as they are planned, under the same names as in one stack", async () => {
    const whole = await record(() => void new OllamaPlatform("ollama", platform()));
    const names: string[] = [];
    for (const part of twoParts()) {
      const own = await record(() => void new OllamaPlatform("ollama", platform(), {}, part));
      names.push(...own.filter(({ name }) => name !== "ollama").map(({ name, type }) => `${type} ${name}`));
    }
    const expected = whole.filter(({ name }) => name !== "ollama").map(({ name, type }) => `${type} ${name}`);
    assert.deepEqual(names.sort(), expected.sort());
  });

  it("change where a tenant's file changes, and at the platform only when what it tells of the tenant does", () => {
    const { stackOf } = partsAfter("prod");
    const inFile = (edit: (spec: YamlDocument) => void) => (root: string) =>
      editYaml(root, "tenants/prod/finance.yaml", ({ spec }) => edit(spec));
    const closed = changedBy(inFile((spec) => (spec.displayName = "Another name")));
    assert.deepEqual(closed, ["prod", stackOf["finance"]]);
    const labelled = changedBy(inFile((spec) => (spec.namespaceLabels = { "example.com/cost-centre": "7" })));
    assert.deepEqual(labelled, [stackOf["finance"]]);
  });

  it("all change with the program and with the provider's config, and one with a secret of its tenant", () => {
    const all = ["prod", "prod-tenants-1", "prod-tenants-2", "prod-tenants-3"];
    const inConfig = (key: string, value: unknown) => (root: string) =>
      editYaml(root, "Pulumi.prod.yaml", ({ config }) => (config[key] = value));
    const inProgram = (root: string) => {
      const file = path.join(root, "components", "register.ts");
      writeFileSync(file, `${readFileSync(file, "utf8")}\n// Another way to register.\n`);
    };
    assert.deepEqual(changedBy(inProgram), all);
    assert.deepEqual(changedBy(inConfig("kubernetes:context", "other")), all);
    const secret = inConfig("tenant-secrets:finance.password", { secure: "v1:abc" });
    assert.deepEqual(changedBy(secret), [partsAfter("prod").stackOf["finance"]]);
    assert.deepEqual(
      changedBy(() => undefined),
      [],
    );
  });

  it("are known by their names, in an environment that has them only", () => {
    assert.equal(environmentOf("prod-tenants-2", true), "prod");
    assert.equal(environmentOf("prod-tenants-2", false), "prod-tenants-2");
    const several = partsAfter("prod");
    const part = (stack: string) => partOfStack(stack, several, repositoryRoot, several.spec);
    assert.equal(part("prod-tenants-3").hasPlatform, false);
    assert.throws(() => part("prod-tenants-4"), /has 3 stacks with tenants: `npm run stacks/);
  });

  for (const stack of ["dev", "staging", "prod"]) {
    it(`break no rule of the pack each by itself, by the configuration that it is given: ${stack}`, () => {
      const scratch = mkdtempSync(path.join(tmpdir(), "part-policies-"));
      try {
        const loaded = loadStackEnvironment(path.join(repositoryRoot, `Pulumi.${stack}.yaml`));
        const plan = planPlatform(loaded.spec);
        const base = { name: stack, project: repositoryRoot, configFile: path.join(scratch, "base"), environment: {} };
        const places = stacksOfEnvironment({ ...loaded, tenantStacks: { count: 3 } });
        assert.ok(places);
        for (const part of partsOfEnvironment(places, repositoryRoot, plan)) {
          const own = { ...base, name: part.stack, configFile: path.join(scratch, part.stack) };
          const settings = settingsIn(configurationOfPart({ part, stack: own }, base));
          const { judgement } = judgeObjects(platformObjects(planOfPart(plan, part)), settings, "2026-11-29");
          assert.deepEqual(judgement.violations, [], part.stack);
          const disabled = judgement.disabled.map(({ rule }) => rule);
          assert.deepEqual(disabled, part.hasPlatform ? [] : ["admission/guard-present"]);
        }
      } finally {
        rmSync(scratch, { recursive: true });
      }
    });
  }
});
