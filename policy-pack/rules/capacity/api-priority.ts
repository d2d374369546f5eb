import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import type { Subject } from "../../model/kubernetes";
import { owasp } from "../frameworks";
import { serviceAccountNamespace } from "../../analysis/rbac/bindings";
import { tenantPeople } from "../../analysis/rbac/parties";
import type { Finding, Rule } from "../rule";

const GROUP = "flowcontrol.apiserver.k8s.io";

/** Groups that every tenant's people or accounts are in. */
const everybody = ["*", "system:authenticated", "system:unauthenticated", "system:serviceaccounts"];

/** Subject of a FlowSchema as a binding would write it. */
function asSubject(value: unknown): Subject {
  const { kind, user, group, serviceAccount } = record(value);
  const { name, namespace } = record(user ?? group ?? serviceAccount);
  return { kind, name, namespace } as Subject;
}

/** Levels that every cluster has, and at which requests wait for their turn. */
const limitedLevels = [
  "catch-all",
  "global-default",
  "leader-election",
  "node-high",
  "system",
  "workload-high",
  "workload-low",
];

/** Whether requests at this level wait for their turn. */
function isLimited(model: ClusterModel, level: unknown): boolean {
  const declared = model.find("", "PriorityLevelConfiguration", GROUP, String(level));
  if (declared !== undefined) return record(declared.object.spec).type === "Limited";
  return limitedLevels.includes(String(level));
}

export const rule: Rule = {
  id: "capacity/api-priority",
  title: "No tenant's requests to the API server are exempt from waiting for their turn.",
  severity: "medium",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Name a priority level of type Limited, or take the tenants' subjects out of the FlowSchema.",
  configuredBy: ["rbac", "tenants"],
  check: (model, { rbac }) => {
    const isPerson = tenantPeople(model, rbac.sharedGroups);
    const isTenants = (subject: Subject): boolean => {
      const namespace = serviceAccountNamespace(subject);
      if (namespace !== undefined) return namespace === "*" || model.tenantOf(namespace) !== undefined;
      return everybody.includes(subject.name ?? "*") || isPerson(subject);
    };
    return model.of("FlowSchema", GROUP).flatMap((schema) => exemptions(model, schema, isTenants));
  },
};

function exemptions(model: ClusterModel, schema: ModelObject, isTenants: (subject: Subject) => boolean): Finding[] {
  const spec = record(schema.object.spec);
  const level = record(spec.priorityLevelConfiguration).name;
  if (isLimited(model, level)) return [];
  return list(spec.rules as unknown[]).flatMap((rule, r) =>
    list(record(rule).subjects as unknown[]).flatMap((value, s): Finding[] => {
      const subject = asSubject(value);
      if (!isTenants(subject)) return [];
      return [
        {
          object: schema,
          field: `spec.rules[${r}].subjects[${s}]`,
          message: `lets ${subject.kind ?? "subject"} ${show(subject.name)} send requests at level ${show(level)}, which is not known to make them wait: a flood of them keeps every other tenant, and the platform, from the API server.`,
        },
      ];
    }),
  );
}
