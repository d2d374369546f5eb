import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { engineTools } from "../../tools/commands/context";
import { ensureTools } from "../../tools/install";
import { openLocalStack, type LocalStack } from "../../tools/local/stack";
import { repositoryRoot } from "../../tools/local/paths";
import { installedVersions, installPacked, NEWEST, withAnyProvider } from "../support/component-programs";
import { scratchDirectory } from "../support/environment";
import { closedKubeconfig } from "../support/project";
import { update, type UpdateResult } from "../support/update";

const example = path.join(repositoryRoot, "examples", "foreign");

/** One thing changed in a file of the example, and what the refusal must name. */
interface Break {
  what: string;
  file: string;
  from: string;
  to: string;
  rule: string;
  object: string;
  field: string;
  fix: string;
}

const breaks: Break[] = [
  {
    what: "a policy that admits the other team",
    file: "fences.ts",
    from: `podsOf("ingress", { app: "ingress-controller" })`,
    to: `podsOf("team-blue", { app: "website" })`,
    rule: "network/no-cross-tenant-peer",
    object: "NetworkPolicy team-red/visitors",
    field: "spec.ingress[0].from[0].namespaceSelector",
    fix: "Remove the peer",
  },
  {
    what: "a web server that owns its node",
    file: "website.ts",
    from: "allowPrivilegeEscalation: false",
    to: "privileged: true, allowPrivilegeEscalation: true",
    rule: "pods/privileged",
    object: "Deployment team-blue/website",
    field: "spec.template.spec.containers[0].securityContext.privileged",
    fix: "Remove securityContext.privileged",
  },
];

describe("a program that is not the platform's, under the policy pack", () => {
  let directory: string;
  let empty: string;
  /** Where npm has installed the pack, and what the program needs. */
  let modules: string;
  let project: string;
  let stack: LocalStack;

  before("open its stack", async () => {
    const tools = await ensureTools([...engineTools]);
    directory = scratchDirectory("foreign");
    empty = mkdtempSync(path.join(tmpdir(), "ollama-platform-foreign-"));
    project = path.join(empty, "team-spaces");
    cpSync(example, project, { recursive: true, filter: (source) => path.basename(source) !== "node_modules" });
    modules = installPacked(empty, path.join(repositoryRoot, "policy-pack"));
    stack = await openLocalStack({ name: "dev", project, directory, tools, kubeconfig: closedKubeconfig(directory) });
    stack.environment = withAnyProvider(stack.environment, tools);
  });
  after(() => {
    for (const folder of [directory, empty]) rmSync(folder, { recursive: true, force: true });
  });

  const preview = (): Promise<UpdateResult> =>
    update(stack, "preview", [
      ...["--policy-pack", path.join(modules, "ollama-isolation")],
      ...["--policy-pack-config", path.join(project, "isolation.json")],
    ]);

  it("has one SDK with the pack, the newest", () =>
    assert.deepEqual(installedVersions(empty, "@pulumi/pulumi"), [NEWEST["@pulumi/pulumi"]]));

  it("passes as it is, with what it puts off on record", async () => {
    const { code, output, changes, violations } = await preview();
    assert.equal(code, 0, output);
    assert.equal(changes.filter(({ type }) => type === "kubernetes:core/v1:Namespace").length, 2, output);
    assert.deepEqual([...new Set(violations.map(({ level }) => level))], ["advisory"]);
    for (const { message } of violations) assert.match(message, /advisory \[capacity\/(priority|affinity)-scope\]/);
  });

  for (const { what, file, from, to, rule, object, field, fix } of breaks)
    it(`refuses ${what} and names rule, object, field and fix`, async () => {
      const name = path.join(project, file);
      const compliant = readFileSync(name, "utf8");
      assert.ok(compliant.includes(from), `${file} has changed`);
      writeFileSync(name, compliant.replace(from, to));
      try {
        const { code, output, violations } = await preview();
        assert.notEqual(code, 0, output);
        const refusals = violations.filter(({ level }) => level === "mandatory").map(({ message }) => message);
        const expected = refusals.find((message) => message.includes(`[${rule}] ${object}: ${field} `));
        assert.ok(expected !== undefined, `no violation of ${rule} on ${object} among:\n${refusals.join("\n")}`);
        assert.ok(expected.includes(`Fix: ${fix}`), expected);
      } finally {
        writeFileSync(name, compliant);
      }
    });
});
