import type { GivenRight } from "../../analysis/rbac/rights";
import { cis, owasp } from "../frameworks";
import { grantFindings } from "../grant-findings";
import type { Rule } from "../rule";

/** What the given verbs allow: pods of the holder's choice, or only an end of what runs. */
function harmOf(given: readonly GivenRight[]): string {
  const writes = given.some(({ verbs }) => verbs.some((verb) => !verb.startsWith("delete")));
  return writes
    ? "whoever writes a pod can mount every Secret of the namespace and run as each of its service accounts"
    : "what the program runs would be gone until it is deployed again";
}

export const rule: Rule = {
  id: "rbac/no-workload-writing",
  title: "No role that reaches a tenant creates pods, changes what they run or removes what makes them.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.4"), owasp("K03")],
  remediation:
    "Leave only delete on pods (a restart) and patch on deployments/scale; workloads are changed through the program.",
  configuredBy: ["tenants", "platformNamespaces", "rbac"],
  check: (model, configuration) =>
    grantFindings(
      model,
      configuration,
      "workload",
      harmOf,
      "Leave only delete on pods (a restart) and patch on deployments/scale.",
    ),
};
