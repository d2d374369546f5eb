/** Rules on the admission guard. */
import type { Rule } from "../rule";
import { rule as failClosed } from "./fail-closed";
import { rule as guardContent } from "./guard-content";
import { rule as guardPresent } from "./guard-present";
import { rule as knownMutations } from "./known-mutations";
import { rule as noExceptions } from "./no-exceptions";
import { rule as noOutsideMutation } from "./no-outside-mutation";
import { rule as noTenantWebhook } from "./no-tenant-webhook";

export const admissionRules: readonly Rule[] = [
  failClosed,
  guardContent,
  guardPresent,
  knownMutations,
  noExceptions,
  noOutsideMutation,
  noTenantWebhook,
];
