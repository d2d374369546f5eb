import { createHash } from "node:crypto";
import { celText } from "./cel";
import { type Concern, GUARD_PREFIX } from "./concern";

/** Last part of the name of the policy by which the guard says that it is in force. */
const IN_FORCE = "in-force";
/** Name of that policy. */
export const IN_FORCE_POLICY = GUARD_PREFIX + IN_FORCE;

/** Name of the namespace that nobody ever makes: who tries to, as a dry run, is told which guard refuses. */
export const PROBED_NAMESPACE = "ollama-platform-in-force";

/** What whoever tries to make that namespace is told. */
export function inForceMessage(version: string): string {
  return `the guard ${version} is in force.`;
}

/**
 * The version of a guard: changes with everything that the API server has of its other policies and bindings, be it another environment or
 * another release of this program.
 */
export function guardVersion(others: readonly object[]): string {
  return createHash("sha256").update(JSON.stringify(others)).digest("hex").slice(0, 12);
}

/** The last policy of a guard: where an API server refuses by it, it refuses by all that were made or changed before it. */
export function guardInForce(version: string): Concern {
  return {
    name: IN_FORCE,
    title: "The guard says which version of it is in force, to whoever tries to make a namespace that nobody makes.",
    rules: ["admission/guard-present"],
    resources: [{ group: "", resources: ["namespaces"], operations: ["CREATE"] }],
    conditions: [
      { name: "the-probed-namespace", expression: `dyn(object).metadata.name == ${celText(PROBED_NAMESPACE)}` },
    ],
    variables: [],
    validations: [{ expression: "false", message: inForceMessage(version) }],
  };
}
