import { all, any } from "./cel";
import type { Concern } from "./concern";
import type { GuardFacts } from "./facts";
import { isGuarded, NEW, notByDeployers, OLD } from "./scope";
import { BY_SYSTEM, byUser } from "./users";

/** Labels and annotations that decide how a namespace is isolated. */
const DECIDES =
  'k.startsWith("pod-security.kubernetes.io/") || k.startsWith("ollama-platform.io/") || k.startsWith("scheduler.alpha.kubernetes.io/") || k == "kubernetes.io/metadata.name"';

function kept(field: "labels" | "annotations"): string {
  const of = (when: string): string => `variables.${when}.?metadata.?${field}.orValue({})`;
  const same = `!(${DECIDES}) || ${of("after")}[?k] == ${of("before")}[?k]`;
  return all(`${of("after")}.all(k, ${same})`, `${of("before")}.all(k, ${same})`);
}

/** Tenants' namespaces themselves, through every request that changes their labels. */
export function namespaces(facts: GuardFacts): Concern {
  return {
    name: "namespaces",
    title: "Tenants' namespaces are made and removed by the deployers, and keep the labels that isolate them.",
    rules: ["namespaces/pod-security-labels", "namespaces/owner", "namespaces/isolation-level", "namespaces/declared"],
    resources: [
      { group: "", resources: ["namespaces"], operations: ["CREATE", "UPDATE", "DELETE"] },
      { group: "", resources: ["namespaces/status", "namespaces/finalize"], operations: ["UPDATE"] },
    ],
    // By the name and never by a label: a request that drops the label would be judged by what it leaves.
    conditions: [
      { name: "a-guarded-namespace", expression: `has(request.name) ? (${isGuarded("request.name")}) : true` },
      notByDeployers(facts.deployers),
    ],
    variables: [
      NEW,
      OLD,
      { name: "name", expression: '(request.operation == "DELETE" ? dyn(oldObject) : dyn(object)).metadata.name' },
      { name: "guarded", expression: isGuarded("variables.name") },
    ],
    validations: [
      {
        expression: any(
          "!variables.guarded",
          'request.operation == "UPDATE"',
          `request.operation == "DELETE" && (${byUser(["system:serviceaccount:kube-system:namespace-controller", "system:kube-controller-manager"])})`,
        ),
        message: "namespaces of this name are the platform's: declare a tenant, or remove its file, and deploy.",
      },
      {
        expression: any("!variables.guarded", 'request.operation != "UPDATE"', kept("labels")),
        message: "metadata.labels: Pod Security's and the platform's labels decide how the tenant is isolated.",
      },
      {
        expression: any("!variables.guarded", 'request.operation != "UPDATE"', kept("annotations")),
        message: "metadata.annotations: these annotations decide where the tenant's pods run.",
      },
      {
        expression: any(
          "!variables.guarded",
          'request.operation != "UPDATE"',
          BY_SYSTEM,
          "variables.after.?spec == variables.before.?spec && variables.after.?metadata.?finalizers == variables.before.?metadata.?finalizers && variables.after.?metadata.?ownerReferences == variables.before.?metadata.?ownerReferences",
        ),
        message: "finalizers and owners of a tenant's namespace are Kubernetes' to change.",
      },
    ],
  };
}
