import assert from "node:assert/strict";
import { guardObjects } from "../../../components/plan/guard/guard";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { type GuardSpec, GuardMode } from "../../../components/spec/guard";
import { rules } from "../../../policy-pack/rules";
import { faultsOfPlatform } from "../../support/faults";
import { platform } from "./fixture";

const guarded = (guard: GuardSpec, change: object = {}) =>
  planPlatform({ ...platform(), cluster: { guard }, ...change });
const deployers = ["deployer"];
const placesOf = (names: string[]) =>
  faultsOfPlatform({ ...platform(), cluster: { guard: { deployers: names } } }).map(({ path }) => path);

describe("the admission guard", () => {
  it("is not there unless it is declared", () => {
    assert.equal(planPlatform(platform()).guard, undefined);
  });

  it("binds every policy to refuse, and writes refusals into the audit log", () => {
    const { policies = [], bindings = [] } = guarded({ deployers }).guard ?? {};
    assert.ok(policies.length > 20);
    assert.deepEqual(
      bindings.map(({ spec }) => [spec["policyName"], spec["validationActions"]]),
      policies.map(({ metadata }) => [metadata.name, ["Deny", "Audit"]]),
    );
  });

  it("warns only, for a trial", () => {
    const { bindings = [] } = guarded({ deployers, mode: GuardMode.warn }).guard ?? {};
    for (const { spec } of bindings) assert.deepEqual(spec["validationActions"], ["Warn", "Audit"]);
  });

  it("fails closed, reads no parameters, and selects nothing by labels", () => {
    for (const { spec } of guarded({ deployers }).guard?.policies ?? []) {
      assert.equal(spec["failurePolicy"], "Fail");
      assert.equal(spec["paramKind"], undefined);
      assert.deepEqual(Object.keys(spec["matchConstraints"] as object).sort(), ["matchPolicy", "resourceRules"]);
    }
  });

  it("is written without empty parts, which an API server leaves out of what it returns", () => {
    for (const { metadata, spec } of guarded({ deployers }).guard?.policies ?? [])
      for (const [part, value] of Object.entries(spec)) assert.notDeepEqual(value, [], `${metadata.name}: ${part}`);
  });

  it("names rules that the pack has", () => {
    const known = rules.map(({ id }) => id);
    for (const { metadata } of guarded({ deployers }).guard?.policies ?? []) {
      const named = metadata.annotations?.["ollama-platform.io/rules"]?.split(" ") ?? [];
      assert.deepEqual(
        named.filter((id) => !known.includes(id)),
        [],
        metadata.name,
      );
    }
  });

  it("comes before everything that it guards", () => {
    const kinds = platformObjects(guarded({ deployers })).map(({ kind }) => kind);
    const last = kinds.lastIndexOf("ValidatingAdmissionPolicyBinding");
    assert.ok(kinds.slice(0, last + 1).every((kind) => kind.startsWith("ValidatingAdmissionPolicy")));
  });

  it("says last which version of it is in force: another one after every change of what it decides by", () => {
    const { version, policies = [], bindings = [] } = guarded({ deployers }).guard ?? {};
    const objects = guardObjects({ version: version ?? "", enforced: true, policies, bindings });
    assert.deepEqual(
      objects.slice(-2).map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      [
        "ValidatingAdmissionPolicy ollama-platform-in-force",
        "ValidatingAdmissionPolicyBinding ollama-platform-in-force",
      ],
    );
    assert.match(JSON.stringify(policies.at(-1)?.spec["validations"]), new RegExp(`the guard ${version} is in force`));
    const images = { ...platform().images, envoy: "docker.io/envoyproxy/envoy:v1.40.1" };
    const others = [
      guarded({ deployers: ["another"] }),
      guarded({ deployers, mode: GuardMode.warn }),
      guarded({ deployers }, { images }),
      guarded({ deployers }, { tenants: platform().tenants.filter(({ name }) => name !== "legal") }),
    ];
    assert.equal(new Set([version, ...others.map(({ guard }) => guard?.version)]).size, others.length + 1);
    assert.equal(guarded({ deployers }).guard?.version, version);
  });

  it("does not depend on the order of the deployers", () => {
    assert.deepEqual(guarded({ deployers: ["a", "b"] }).guard, guarded({ deployers: ["b", "a"] }).guard);
  });

  for (const user of [
    "",
    " a",
    "*",
    "system:masters",
    "system:anonymous",
    "system:node:a",
    "system:serviceaccount:tenant-hr:ollama",
  ]) {
    it(`has no deployer ${JSON.stringify(user)}`, () => {
      assert.deepEqual(placesOf([user]), ["cluster.guard.deployers[0]"]);
    });
  }

  it("has at least one deployer, and each once", () => {
    assert.deepEqual(placesOf([]), ["cluster.guard.deployers"]);
    assert.deepEqual(placesOf(["a", "a"]), ["cluster.guard.deployers[1]"]);
    assert.deepEqual(placesOf(["system:serviceaccount:pipelines:deployer"]), []);
  });
});
