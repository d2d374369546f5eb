import assert from "node:assert/strict";
import { staticGuard } from "../../components/plan/guard/static";
import { ensureTools } from "../../tools/install";
import { JUDGED } from "./cases";
import { ADMIN, type Case, controller, copy, create, DEPLOYER, type Loose, remove, update } from "./support/acts";
import { Judge, type Denial } from "./support/judge";
import { PLAN } from "./support/platform";

const guard = PLAN.guard ?? assert.fail("the platform of the tests has no guard");
const objects = staticGuard(guard, [DEPLOYER.username]);
const policies = objects.filter(({ kind }) => kind === "ValidatingAdmissionPolicy");
const bindings = objects.filter(({ kind }) => kind === "ValidatingAdmissionPolicyBinding");

const plannedPods = guard.policies.find(({ metadata }) => metadata.name === "ollama-platform-pods") as Loose;
const bindingOfPods = guard.bindings.find(({ metadata }) => metadata.name === "ollama-platform-pods") as Loose;
const renamed = (object: Loose, name: string): Loose => ({ ...copy(object), metadata: { name } });
const without = (object: Loose): void => void (object.spec.validationActions = ["Audit"]);
const finalized = (object: Loose): void => void (object.metadata.finalizers = []);
const over = (object: Loose, who = ADMIN) => ({
  who,
  resource:
    object.kind === "ValidatingAdmissionPolicy" ? "validatingadmissionpolicies" : "validatingadmissionpolicybindings",
});

/** What only files can hold. */
const ITSELF: Case[] = [plannedPods, bindingOfPods].flatMap((object): Case[] => [
  {
    title: `the removal of the guard's ${object.kind}`,
    act: remove(object, over(object)),
    twin: remove(object, over(object, DEPLOYER)),
  },
  {
    title: `the removal of every ${object.kind} at once`,
    act: remove(object, { ...over(object), name: "" }),
    twin: remove(renamed(object, "others"), { ...over(object), name: "" }),
  },
  {
    title: `a change of the guard's ${object.kind}`,
    act: update(object, without, over(object)),
    twin: update(renamed(object, "others"), without, over(object)),
  },
  {
    title: `the end of a ${object.kind} that is not its controller's to bring`,
    act: update(object, finalized, over(object)),
    twin: update(object, finalized, over(object, controller("generic-garbage-collector"))),
  },
  {
    title: `a ${object.kind} under a name of the guard's`,
    act: create(renamed(object, "ollama-platform-mine"), over(object)),
    twin: create(renamed(object, "mine"), over(object)),
  },
]);

describe("the admission guard as files of the control plane", () => {
  it("has names and references as the API server wants them of files, each once", () => {
    const names = policies.map(({ metadata }) => metadata.name);
    assert.equal(new Set(names).size, names.length);
    for (const { metadata } of objects) assert.match(metadata.name, /^[a-z0-9-]+\.static\.k8s\.io$/);
    assert.deepEqual(
      bindings.map(({ metadata, spec }) => [metadata.name, spec["policyName"]]),
      names.map((name) => [name, name]),
    );
    for (const { apiVersion, spec } of objects) {
      assert.equal(apiVersion, "admissionregistration.k8s.io/v1");
      assert.equal(spec["paramKind"], undefined);
      assert.equal(spec["paramRef"], undefined);
    }
  });

  it("has every policy of the guard but the one by which a deployment asks for the guard of the API", () => {
    const own = (name: string): string => name.replace(".static.k8s.io", "");
    assert.deepEqual(
      policies.map(({ metadata }) => own(metadata.name)).filter((name) => name !== "ollama-platform-guard"),
      guard.policies.map(({ metadata }) => metadata.name).filter((name) => name !== "ollama-platform-in-force"),
    );
    for (const { metadata, spec } of policies) {
      const original = guard.policies.find((other) => other.metadata.name === own(metadata.name));
      if (original !== undefined) assert.deepEqual(spec, original.spec);
    }
  });

  describe("as the API server's code judges it", () => {
    const cases = [...ITSELF, ...JUDGED.filter(({ title }) => !title.includes("whether the guard is in force"))];
    let verdicts: Denial[][];

    before("judge all acts and all twins", async function () {
      this.timeout(120_000);
      const judge = new Judge((await ensureTools(["admission-judge"])).path("admission-judge"));
      verdicts = await judge.denials(
        policies,
        cases.flatMap(({ act, twin }) => [act, twin]),
      );
      await judge.close();
    });

    it("refuses what the guard refuses, and what takes the guard away, and lets the twins pass", () => {
      const wrong = cases.flatMap(({ title }, index) => {
        const [refused = [], passed = []] = verdicts.slice(2 * index, 2 * index + 2);
        const isJudged = refused.length > 0 && refused.every(({ error }) => error !== true) && passed.length === 0;
        return isJudged ? [] : [`${title}: ${JSON.stringify([refused, passed])}`];
      });
      assert.deepEqual(wrong, []);
    });
  });
});
