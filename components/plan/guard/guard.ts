import type { GuardSpec } from "../../spec/guard";
import { GuardMode } from "../../spec/guard";
import type { KubernetesObject } from "../kubernetes";
import { platformLabels } from "../labels";
import { clusterRoleBindings, clusterRoles, roles } from "./rbac";
import { nodePools, nodes, priorityClasses } from "./cluster";
import { type Concern, GUARD_PREFIX, type ResourceRule } from "./concern";
import { deviceClaims } from "./devices";
import type { GuardFacts } from "./facts";
import { guardInForce, guardVersion, IN_FORCE_POLICY } from "./in-force";
import { accounts, nodeDoors, podDoors, podLabels } from "./identity";
import { namespaces } from "./namespaces";
import { networkPolicies, overridingPolicies } from "./network-policies";
import { placement } from "./placement";
import { platformObjects } from "./platform-objects";
import { podContent } from "./pod-content";
import { replicas, workloadControl } from "./replicas";
import { endpoints, foreignRoutes, routes, services } from "./services";
import { claims, volumes } from "./storage";

const ADMISSION = "admissionregistration.k8s.io/v1";
/** Annotation with the pack's rules that a policy holds. */
export const RULES_ANNOTATION = "ollama-platform.io/rules";

/** An admission policy or its binding. */
export interface GuardObject extends KubernetesObject {
  spec: Record<string, unknown>;
}

/** All concerns of the guard but the one that says which guard is in force, in the order of their names. */
export function concerns(facts: GuardFacts): Concern[] {
  return [
    ...[
      podContent,
      placement,
      podLabels,
      podDoors,
      nodeDoors,
      accounts,
      services,
      endpoints,
      routes,
      networkPolicies,
      overridingPolicies,
      roles,
      clusterRoleBindings,
      clusterRoles,
      namespaces,
      platformObjects,
      replicas,
      workloadControl,
      claims,
      deviceClaims,
      volumes,
      priorityClasses,
      nodes,
    ].map((plan) => plan(facts)),
    ...foreignRoutes(facts),
    ...nodePools(facts),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The guard's policies and their bindings: a policy alone refuses nothing. */
export interface GuardPlan {
  /** Changes with everything that the guard decides by. */
  version: string;
  /** Whether it refuses; else it warns. */
  enforced: boolean;
  /** The last one says which version is in force, and is made after all other policies and bindings. */
  policies: GuardObject[];
  /** In the order of the policies. */
  bindings: GuardObject[];
}

/** Plans the guard of an environment. */
export function planGuard({ mode }: Required<GuardSpec>, facts: GuardFacts): GuardPlan {
  const guarding = concerns(facts);
  const policies = guarding.map(policy);
  const bindings = guarding.map((concern) => binding(concern, mode));
  const version = guardVersion([...policies, ...bindings]);
  const last = guardInForce(version);
  return {
    version,
    enforced: mode === GuardMode.enforce,
    policies: [...policies, policy(last)],
    bindings: [...bindings, binding(last, mode)],
  };
}

/** Whether an object of the guard belongs to what says that the guard is in force. */
export function saysInForce({ metadata }: KubernetesObject): boolean {
  return metadata.name === IN_FORCE_POLICY;
}

/** All objects of a guard in the order in which they have to exist. */
export function guardObjects({ policies, bindings }: GuardPlan): GuardObject[] {
  const all = [...policies, ...bindings];
  return [...all.filter((object) => !saysInForce(object)), ...all.filter(saysInForce)];
}

/** The policy of a concern. */
export function policy({ name, title, rules, resources, conditions, variables, validations }: Concern): GuardObject {
  return {
    apiVersion: ADMISSION,
    kind: "ValidatingAdmissionPolicy",
    metadata: {
      name: GUARD_PREFIX + name,
      labels: platformLabels("guard"),
      annotations: { "ollama-platform.io/title": title, [RULES_ANNOTATION]: rules.join(" ") },
    },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: { matchPolicy: "Equivalent", resourceRules: resources.map(resourceRule) },
      matchConditions: conditions,
      ...(variables.length === 0 ? {} : { variables }),
      validations: validations.map((validation) => ({ ...validation, reason: "Forbidden" })),
    },
  };
}

/** Every version: another version of a kind is another way to the same object. */
function resourceRule({ group, resources, operations }: ResourceRule): object {
  return { apiGroups: [group], apiVersions: ["*"], resources, operations, scope: "*" };
}

/** The binding of a concern, for the whole cluster. */
export function binding({ name }: Concern, mode: GuardMode): GuardObject {
  return {
    apiVersion: ADMISSION,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: GUARD_PREFIX + name, labels: platformLabels("guard") },
    spec: {
      policyName: GUARD_PREFIX + name,
      // Audit writes each refusal into the audit log beside the request, under one key for all policies.
      validationActions: mode === GuardMode.enforce ? ["Deny", "Audit"] : ["Warn", "Audit"],
    },
  };
}
