/** Rules on tenants' namespaces. */
import type { Rule } from "../rule";
import { rule as admissionExemptions } from "./admission-exemptions";
import { rule as declared } from "./declared";
import { rule as isolationLevel } from "./isolation-level";
import { rule as observersFenced } from "./observers-fenced";
import { rule as owner } from "./owner";
import { rule as podSecurityLabels } from "./pod-security-labels";
import { rule as workspace } from "./workspace";

export const namespacesRules: readonly Rule[] = [
  admissionExemptions,
  declared,
  isolationLevel,
  observersFenced,
  owner,
  podSecurityLabels,
  workspace,
];
