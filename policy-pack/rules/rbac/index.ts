/** Rules on rights. */
import type { Rule } from "../rule";
import { rule as closure } from "./closure";
import { rule as groupPerTenant } from "./group-per-tenant";
import { rule as noAggregation } from "./no-aggregation";
import { rule as noBroadGroups } from "./no-broad-groups";
import { rule as noBuiltInRoles } from "./no-built-in-roles";
import { rule as noCloudIdentity } from "./no-cloud-identity";
import { rule as noClusterBinding } from "./no-cluster-binding";
import { rule as noCrossTenantSubject } from "./no-cross-tenant-subject";
import { rule as noCustomResourceWriting } from "./no-custom-resource-writing";
import { rule as noEscalation } from "./no-escalation";
import { rule as noFenceEditing } from "./no-fence-editing";
import { rule as noPodInterior } from "./no-pod-interior";
import { rule as noSecretAccess } from "./no-secret-access";
import { rule as noWildcards } from "./no-wildcards";
import { rule as noWorkloadRights } from "./no-workload-rights";
import { rule as noWorkloadWriting } from "./no-workload-writing";
import { rule as rolesDeclared } from "./roles-declared";

export const rbacRules: readonly Rule[] = [
  closure,
  groupPerTenant,
  noAggregation,
  noBroadGroups,
  noBuiltInRoles,
  noCloudIdentity,
  noClusterBinding,
  noCrossTenantSubject,
  noCustomResourceWriting,
  noEscalation,
  noFenceEditing,
  noPodInterior,
  noSecretAccess,
  noWildcards,
  noWorkloadRights,
  noWorkloadWriting,
  rolesDeclared,
];
