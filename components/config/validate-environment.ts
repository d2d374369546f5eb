import { isDnsLabel, MAX_NAME_LENGTH } from "../plan/names";
import type { PlatformDraft } from "./documents";

/** Checks that the name of the environment is a DNS label. */
export function validateEnvironment({ environment, stack }: PlatformDraft): void {
  if (isDnsLabel(environment, MAX_NAME_LENGTH)) return;
  stack.report({
    path: [],
    value: environment,
    problem: "belongs to a stack whose name is no DNS label",
    allowed: `a DNS label of at most ${MAX_NAME_LENGTH} characters: lower-case letters, digits and \`-\``,
    fix: "rename the stack with `pulumi stack rename`, and its file",
  });
}
