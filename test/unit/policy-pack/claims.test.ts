/** Every text of the pack that says what Kubernetes does is tried on a real control plane, or says why not. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { rules } from "../../../policy-pack/rules";
import { claims } from "../../cluster/claims";
import { SILENT } from "../../cluster/claims/silent";

const PACK = path.join(__dirname, "..", "..", "..", "policy-pack");

/** Folders whose texts reach people. */
const FOLDERS = ["rules", "analysis", "readers", "model"];

/** Words of a text that says what a part of Kubernetes does. */
const SAYS_SO =
  /API server|kubelet|\bscheduler\b|\bKubernetes (calls|fills|lets|then|approves)|\b(would be|be|is|are) (refused|admitted|evicted|let in)\b|\bevicts?\b|\bpreempts?\b/;

/** Names and single words say nothing. */
const isSentence = (text: string): boolean => (text.match(/ /g) ?? []).length >= 2;

/** Texts of a source, with expressions in templates as the source has them. */
function textsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    // A title says what should be, not what is.
    if (ts.isPropertyAssignment(node) && node.name.getText() === "title") return;
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node)) texts.push(node.getText().slice(1, -1));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts.filter(isSentence);
}

/** Texts by file, under the names by which claims call them. */
const texts = new Map(
  FOLDERS.flatMap((folder) =>
    readdirSync(path.join(PACK, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file): [string, string[]] => {
        const name = path.posix.join(folder, file.split(path.sep).join("/")).replace(/^rules\/|\.ts$/g, "");
        return [name, textsOf(path.join(PACK, folder, file))];
      }),
  ),
);

describe("what the pack says of Kubernetes", () => {
  it("is quoted by the trials as the sources have it", () => {
    const lost = claims.filter(({ of, says }) => !(texts.get(of) ?? []).some((text) => text.includes(says)));
    assert.deepEqual(
      lost.map(({ of, says }) => `${of}: ${says}`),
      [],
    );
  });

  it("is tried, or has a reason why not", () => {
    for (const { of, says, tried, untried } of claims)
      assert.ok((tried === undefined) !== (untried === undefined), `${of}: ${says}`);
    assert.equal(new Set(claims.map(({ of, says }) => `${of}: ${says}`)).size, claims.length);
  });

  it("is known of every rule: what it says, or that it says nothing", () => {
    const said = new Set(claims.map(({ of }) => of));
    const silent = Object.values(SILENT).flat();
    const ids = rules.map(({ id }) => id);
    assert.deepEqual(
      ids.filter((id) => !said.has(id) && !silent.includes(id)),
      [],
      "rules without a claim",
    );
    assert.deepEqual(
      silent.filter((id) => said.has(id) || !ids.includes(id)),
      [],
      "rules that say something after all, or are gone",
    );
  });

  it("is in the table wherever a text speaks of its parts", () => {
    const open = [...texts].flatMap(([file, all]) => {
      const quoted = claims.filter(({ of }) => of === file);
      return all
        .filter((text) => SAYS_SO.test(text) && !quoted.some(({ says }) => text.includes(says)))
        .map((text) => `${file}: ${text}`);
    });
    assert.deepEqual(open, []);
  });
});
