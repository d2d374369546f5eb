import type { GuardFacts } from "./facts";

/** Beginning of the names of the guard's policies and bindings. */
export const GUARD_PREFIX = "ollama-platform-";

/** What a policy is asked about. */
export interface ResourceRule {
  group: string;
  /** Resources with their subresources, each by name: a rule on a resource has none of its subresources. */
  resources: string[];
  operations: ("CREATE" | "UPDATE" | "DELETE" | "CONNECT")[];
}

/** A named CEL expression. */
export interface Named {
  name: string;
  expression: string;
}

/** A condition that every request has to satisfy. */
export interface Validation {
  expression: string;
  /** Field, what is wrong, and what to do, in one line. */
  message: string;
}

/** One concern of the guard: one admission policy. */
export interface Concern {
  /** Last part of the policy's name. */
  name: string;
  /** What the policy holds, in one sentence. */
  title: string;
  /** IDs of the pack's rules that prove the same before a deployment. */
  rules: string[];
  resources: ResourceRule[];
  /** Which requests are judged; all conditions have to hold. */
  conditions: Named[];
  /** Each may use those before it, and validations may use all. */
  variables: Named[];
  validations: Validation[];
}

/** Makes a concern from what it has to know about the environment. */
export type PlanConcern = (facts: GuardFacts) => Concern;
