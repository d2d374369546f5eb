import assert from "node:assert/strict";
import fc from "fast-check";
import { closure } from "../../../../../policy-pack/analysis/rbac/closure";
import { tenantPrincipals } from "../../../../../policy-pack/analysis/rbac/findings";
import { type Ask, allows, matchesResource } from "../../../../../policy-pack/analysis/rbac/grants";
import { can } from "../../../../../policy-pack/analysis/rbac/rbac";
import type { SourceObject } from "../../../../../policy-pack/model/cluster-model";
import type { PolicyRule, Subject } from "../../../../../policy-pack/model/kubernetes";
import { bound, boundEverywhere, cluster } from "./cluster-builder";

const some = <T>(...values: T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });

const policyRule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: some("get", "create", "patch", "impersonate", "bind", "escalate", "*"),
  apiGroups: some("", "apps", "rbac.authorization.k8s.io"),
  resources: some(
    "pods",
    "secrets",
    "deployments",
    "serviceaccounts",
    "serviceaccounts/token",
    "roles",
    "rolebindings",
    "clusterroles",
    "*/exec",
  ),
  resourceNames: fc.oneof(fc.constant<string[]>([]), some("default", "ollama", "robot")),
});

const subject: fc.Arbitrary<Subject> = fc.constantFrom<Subject>(
  { kind: "Group", name: "a-team" },
  { kind: "ServiceAccount", name: "default", namespace: "tenant-a" },
  { kind: "ServiceAccount", name: "robot", namespace: "platform" },
  { kind: "Group", name: "system:serviceaccounts:tenant-b" },
);

const binding = fc.record({
  scope: fc.constantFrom("tenant-a", "tenant-b", "platform", "*"),
  rules: fc.array(policyRule, { maxLength: 2 }),
  subject,
});

const objectsOf = (bindings: { scope: string; rules: PolicyRule[]; subject: Subject }[]): SourceObject[] =>
  bindings.flatMap(({ scope, rules, subject }, index) =>
    scope === "*" ? boundEverywhere(rules, subject, `r${index}`) : bound(scope, rules, subject, `r${index}`),
  );

const bindings = fc.array(binding, { maxLength: 5 });

describe("rights, on random clusters", () => {
  it("never shrink by a further binding, escalations included", () => {
    fc.assert(
      fc.property(bindings, binding, (before, more) => {
        const reach = (list: typeof before) => {
          const rbac = cluster(...objectsOf(list));
          return closure(rbac, tenantPrincipals(rbac, "a"));
        };
        const [less, greater] = [reach(before), reach([...before, more])];
        if (greater.total !== undefined) return;
        assert.equal(less.total, undefined);
        for (const principal of less.principals.keys()) assert.ok(greater.principals.has(principal), principal);
        const rights = new Set(greater.grants.map(({ grant }) => JSON.stringify([grant.namespace, grant.rule])));
        for (const { grant } of less.grants) assert.ok(rights.has(JSON.stringify([grant.namespace, grant.rule])));
      }),
      { numRuns: 200 },
    );
  });

  it("contain in their closure whatever a principal may do by itself", () => {
    fc.assert(
      fc.property(bindings, (list) => {
        const rbac = cluster(...objectsOf(list));
        const reached = closure(rbac, ["Group a-team"]);
        if (reached.total !== undefined) return;
        for (const verb of ["get", "create", "patch"]) {
          for (const [group, resource] of [
            ["", "pods"],
            ["", "secrets"],
            ["apps", "deployments"],
            ["", "pods/exec"],
          ] as const) {
            const ask: Ask = { verb, group, resource, namespace: "tenant-b", name: "ollama" };
            if (!can(rbac, "Group a-team", ask).allowed) continue;
            assert.ok(reached.grants.some(({ grant }) => allows(grant, ask)));
            assert.ok(reached.grants.some(({ grant }) => matchesResource(grant.rule, verb, group, resource)));
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
