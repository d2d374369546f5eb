/** Rules on quotas and limits. */
import type { Rule } from "../rule";
import { rule as affinityScope } from "./affinity-scope";
import { rule as apiPriority } from "./api-priority";
import { rule as autoscalerMetrics } from "./autoscaler-metrics";
import { rule as autoscalerTarget } from "./autoscaler-target";
import { rule as claimsFitQuota } from "./claims-fit-quota";
import { rule as containerResources } from "./container-resources";
import { rule as disruptionBudget } from "./disruption-budget";
import { rule as fitsQuota } from "./fits-quota";
import { rule as gpuResourcesLimited } from "./gpu-resources-limited";
import { rule as limitRange } from "./limit-range";
import { rule as limitRangeFits } from "./limit-range-fits";
import { rule as poolCoversQuotas } from "./pool-covers-quotas";
import { rule as priorityScope } from "./priority-scope";
import { rule as quota } from "./quota";
import { rule as quotaCeiling } from "./quota-ceiling";
import { rule as scratchLimited } from "./scratch-limited";

export const capacityRules: readonly Rule[] = [
  affinityScope,
  apiPriority,
  autoscalerMetrics,
  autoscalerTarget,
  claimsFitQuota,
  containerResources,
  disruptionBudget,
  fitsQuota,
  gpuResourcesLimited,
  limitRange,
  limitRangeFits,
  poolCoversQuotas,
  priorityScope,
  quota,
  quotaCeiling,
  scratchLimited,
];
