/** What every API server makes by itself and what a rule about a program's own objects would complain of. */
import type { Violation } from "../../policy-pack/rules/rule";

/** A violation that Kubernetes' own objects cause, told by the very field. */
interface Default {
  rule: string;
  object: string;
  field: string;
  /** Part of the message: the value that is Kubernetes' own. */
  value: string;
}

const aggregated = (role: string, into: string): Default => ({
  rule: "rbac/no-aggregation",
  object: `ClusterRole ${role}`,
  field: `metadata.labels["rbac.authorization.k8s.io/aggregate-to-${into}"]`,
  value: `adds the role's rules to ${into}`,
});

const DEFAULTS: readonly Default[] = [
  // The parts that the built-in roles are made of. What someone adds to the rules of one is seen by the closure of rights.
  aggregated("edit", "admin"),
  aggregated("view", "edit"),
  aggregated("system:aggregate-to-admin", "admin"),
  aggregated("system:aggregate-to-edit", "edit"),
  aggregated("system:aggregate-to-view", "view"),
  {
    rule: "rbac/no-broad-groups",
    object: "ClusterRoleBinding cluster-admin",
    field: "subjects[0]",
    value: 'Group "system:masters"',
  },
  // Probes of the API server's own health wait for nobody.
  ...["unauthenticated", "authenticated"].map((group, index) => ({
    rule: "capacity/api-priority",
    object: "FlowSchema probes",
    field: `spec.rules[0].subjects[${index}]`,
    value: `Group "system:${group}"`,
  })),
];

/** Whether the violation is about an object of Kubernetes' own, as Kubernetes makes it. */
export function isKubernetesDefault({ rule, object, field, message }: Violation): boolean {
  return DEFAULTS.some(
    (known) => known.rule === rule && known.object === object && known.field === field && message.includes(known.value),
  );
}
