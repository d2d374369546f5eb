/** Programs of others judge the example stacks: what they find is fixed or explained. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import * as path from "node:path";
import { ensureDataFiles } from "../../tools/install";
import { scratchDirectory } from "../support/environment";
import { explained, unresolved } from "./explained";
import { faults, withFaults } from "./support/broken";
import { describeFinding, type Finding, type ManifestFolder } from "./support/finding";
import { kubeScore } from "./support/kube-score";
import { kubeconform } from "./support/kubeconform";
import { STACKS, stackObjects, writeManifests } from "./support/manifests";
import { writeCustomSchemas, writeKubernetesSchemas } from "./support/schemas";
import { trivy } from "./support/trivy";

const BROKEN = "broken";

describe("Judges of others", function () {
  this.timeout(600_000);
  const scratch = scratchDirectory("judges");
  let findings: Finding[] = [];
  const ofStacks = () => findings.filter(({ stack }) => stack !== BROKEN);

  before(async () => {
    const schemas = await writeSchemas(path.join(scratch, "schemas"));
    const manifests = path.join(scratch, "manifests");
    const folders: ManifestFolder[] = [
      ...STACKS.map((stack) => writeManifests(manifests, stack, stackObjects(stack))),
      writeManifests(manifests, BROKEN, withFaults(stackObjects("dev"))),
    ];
    findings = (await Promise.all([trivy(folders), kubeconform(folders, schemas), kubeScore(folders)])).flat();
  });

  after(() => rmSync(scratch, { recursive: true, force: true }));

  it("find nothing in the example stacks that is not explained", () => {
    assert.deepEqual(unresolved(explained, ofStacks()).open.map(describeFinding), []);
  });

  it("find everything that is explained", () => {
    const { stale } = unresolved(explained, ofStacks());
    assert.deepEqual(
      stale.map(({ judge, checks, objects }) => `${judge} ${checks.join(", ")} ${String(objects)}`),
      [],
    );
  });

  it("would leave a finding open without its explanation, and an explanation without a finding", () => {
    const [first] = explained;
    assert.ok(first !== undefined);
    const others = explained.slice(1);
    const { open, stale } = unresolved([...others, { ...first, objects: /^Deployment no-such-namespace/ }], ofStacks());
    assert.ok(open.length > 0 && open.every(({ check }) => first.checks.includes(check)));
    assert.equal(stale.length, 1);
  });

  for (const { name, object, foundBy } of faults)
    for (const { judge, check } of foundBy)
      it(`find ${name}: ${judge}`, () => {
        const of = (stack: string) =>
          findings.filter((f) => f.stack === stack && f.object === object && f.judge === judge && f.check === check);
        assert.notDeepEqual(of(BROKEN), [], `${judge} finds ${check} on ${object}`);
        assert.deepEqual(of("dev").map(describeFinding), [], "and not without the fault");
      });
});

async function writeSchemas(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  await writeKubernetesSchemas(folder);
  const definitions = ["karpenter-crds", "karpenter-aws-crds", "karpenter-azure-crds", "cluster-api-crds"] as const;
  for (const source of (await ensureDataFiles([...definitions, "gateway-api-crds"])).values())
    writeCustomSchemas(folder, source);
  return folder;
}
