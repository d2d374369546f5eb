import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { digestOf, requestsOf, type ReviewedPolicy } from "../../../policy-pack/rules/guard";
import { loadStackFile } from "../../../components/config/load";
import { planPlatform } from "../../../components/plan/platform";
import { repositoryRoot } from "../../../tools/local/paths";

const file = path.join(repositoryRoot, "policy-pack", "rules", "reviewed-guard.json");
const stacks = ["dev", "staging", "prod"].map((name) =>
  planPlatform(loadStackFile(path.join(repositoryRoot, `Pulumi.${name}.yaml`))),
);

/** The least that can be declared: without pools and hosts there is nothing of theirs to guard. */
const least = planPlatform({
  environment: "least",
  cluster: { guard: { deployers: ["deployer"] } },
  models: [{ name: "qwen2.5:0.5b" }],
  tenants: [{ name: "hr", models: { allow: ["qwen2.5:0.5b"] } }],
});

/** The policies of all stacks as the pack looks at them. Throws when two stacks differ in more than names. */
function policiesOfStacks(): Record<string, ReviewedPolicy> {
  const found: Record<string, ReviewedPolicy> = {};
  for (const { guard } of stacks) {
    for (const { metadata, spec } of guard?.policies ?? []) {
      const always = least.guard?.policies.some((other) => other.metadata.name === metadata.name) === true;
      // A policy on pools asks about the kinds that the stack's pools are made of.
      const before = found[metadata.name]?.requests;
      const requests = [...requestsOf(spec)].filter((request) => before?.includes(request) ?? true);
      const digest = digestOf(spec);
      assert.equal(found[metadata.name]?.digest ?? digest, digest, `${metadata.name} differs between stacks`);
      found[metadata.name] = { always, requests: requests.sort(), digest };
    }
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe("the guard that the pack knows", () => {
  it("is the one that the platform plans: after a change, review it, run with UPDATE_GOLDEN=1, and format the file", () => {
    const planned = policiesOfStacks();
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, `${JSON.stringify(planned, undefined, 2)}\n`);
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), planned);
  });
});
