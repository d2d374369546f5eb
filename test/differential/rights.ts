/** Random roles, bindings and questions: few names, so that questions often meet what is bound. */
import fc from "fast-check";
import { type Ask, CLUSTER } from "../../policy-pack/analysis/rbac/grants";
import type { PolicyRule, Subject } from "../../policy-pack/model/kubernetes";

export const namespaceNames = ["rights-a", "rights-b"];
export const accountNames = ["default-user", "robot"];
const groupNames = ["readers", "writers", "system:serviceaccounts:rights-a", "system:serviceaccounts"];
const userNames = ["ann", "system:serviceaccount:rights-b:robot"];

/** A role and its binding. */
export interface BindingSet {
  /** Namespace of the binding, or `CLUSTER`. */
  scope: string;
  /** Whether the role is a ClusterRole; always so when the binding is cluster-wide. */
  clusterRole: boolean;
  rules: PolicyRule[];
  subjects: Subject[];
}

/** Someone who asks: a user name and the groups beside `system:authenticated`. */
export interface Person {
  user: string;
  groups: string[];
}

const verbs = ["get", "list", "create", "delete", "impersonate"];
const groups = ["", "apps", "example.com"];
const resources = ["pods", "pods/log", "pods/exec", "deployments", "deployments/scale", "widgets"];
const names = ["one", "two"];

const some = (values: string[], wildcards: string[] = []) =>
  fc.uniqueArray(fc.constantFrom(...values, ...wildcards), { minLength: 1, maxLength: 2 });

const rule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: some(verbs, ["*"]),
  apiGroups: some(groups, ["*"]),
  resources: some(resources, ["*", "*/scale", "*/exec"]),
  resourceNames: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, { weight: 2, arbitrary: some(names) }),
});

const subject: fc.Arbitrary<Subject> = fc.oneof(
  fc.constantFrom(...groupNames).map((name) => ({ kind: "Group", name })),
  fc.constantFrom(...userNames).map((name) => ({ kind: "User", name })),
  fc
    .record({ namespace: fc.constantFrom(...namespaceNames), name: fc.constantFrom(...accountNames) })
    .map((account) => ({ kind: "ServiceAccount", ...account })),
);

export const bindingSets: fc.Arbitrary<BindingSet> = fc
  .record({
    scope: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...namespaceNames) },
      { weight: 1, arbitrary: fc.constant(CLUSTER) },
    ),
    clusterRole: fc.boolean(),
    rules: fc.array(rule, { minLength: 1, maxLength: 2 }),
    subjects: fc.array(subject, { minLength: 1, maxLength: 2 }),
  })
  .map((set) => ({ ...set, clusterRole: set.clusterRole || set.scope === CLUSTER }));

/** Service accounts ask with the groups that Kubernetes puts them in; users with groups of their own. */
const person: fc.Arbitrary<Person> = fc.oneof(
  fc
    .record({ namespace: fc.constantFrom(...namespaceNames), name: fc.constantFrom(...accountNames) })
    .map(({ namespace, name }) => ({
      user: `system:serviceaccount:${namespace}:${name}`,
      groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
    })),
  fc.record({
    user: fc.constantFrom("ann", "bob"),
    groups: fc.uniqueArray(fc.constantFrom("readers", "writers"), { maxLength: 1 }),
  }),
);

const ask: fc.Arbitrary<Ask> = fc.record({
  verb: fc.constantFrom(...verbs),
  group: fc.constantFrom(...groups),
  resource: fc.constantFrom(...resources),
  namespace: fc.constantFrom(...namespaceNames, CLUSTER),
  name: fc.constantFrom(undefined, ...names),
});

export const questions = fc.record({ person, ask });
