import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { localTools } from "../../tools/commands/context";
import { ensureTools } from "../../tools/install";
import { openLocalStack, type LocalStack } from "../../tools/local/stack";
import { repositoryRoot } from "../../tools/local/paths";
import { unpackInto } from "../support/component-programs";
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

/** Installs the pack out of the file that npm would publish, beside links to all that the checkout has. */
function installPack(project: string): void {
  const others = readdirSync(path.join(repositoryRoot, "node_modules")).filter((name) => !/^(ollama-|\.)/.test(name));
  unpackInto(path.join(project, "node_modules"), path.join(repositoryRoot, "policy-pack"), "ollama-isolation", others);
}

describe("a program that is not the platform's, under the policy pack", () => {
  let directory: string;
  let project: string;
  let stack: LocalStack;

  before("open its stack", async () => {
    const tools = await ensureTools([...localTools]);
    directory = scratchDirectory("foreign");
    project = path.join(directory, "project");
    cpSync(example, project, { recursive: true, filter: (source) => path.basename(source) !== "node_modules" });
    installPack(project);
    stack = await openLocalStack({ name: "dev", project, directory, tools, kubeconfig: closedKubeconfig(directory) });
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const preview = (): Promise<UpdateResult> =>
    update(stack, "preview", [
      ...["--policy-pack", path.join(project, "node_modules", "ollama-isolation")],
      ...["--policy-pack-config", path.join(project, "isolation.json")],
    ]);

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
