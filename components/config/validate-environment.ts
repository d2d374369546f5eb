import { isDnsLabel, MAX_NAME_LENGTH } from "../spec/names";
import type { Declared } from "../spec/declared";
import type { Report } from "../spec/fault";

/** Checks that the name of the environment is a DNS label. */
export function validateEnvironment({ spec: { environment } }: Declared, report: Report): void {
  if (environment === undefined || isDnsLabel(environment, MAX_NAME_LENGTH)) return;
  report({
    path: ["environment"],
    value: environment,
    problem: "belongs to a stack whose name is no DNS label",
    allowed: `a DNS label of at most ${MAX_NAME_LENGTH} characters: lower-case letters, digits and \`-\``,
    fix: "rename the stack with `pulumi stack rename`, and its file",
  });
}
