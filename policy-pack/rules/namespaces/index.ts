/** Rules on tenants' namespaces. */
import type { Rule } from "../rule";
import { rule as admissionExemptions } from "./admission-exemptions";
import { rule as declared } from "./declared";
import { rule as isolationLevel } from "./isolation-level";
import { rule as owner } from "./owner";
import { rule as podSecurityLabels } from "./pod-security-labels";

export const namespacesRules: readonly Rule[] = [
  admissionExemptions,
  declared,
  isolationLevel,
  owner,
  podSecurityLabels,
];
