/** Rules on where pods run. */
import type { Rule } from "../rule";
import { rule as deviceClaims } from "./device-claims";
import { rule as gpuAmounts } from "./gpu-amounts";
import { rule as gpuPods } from "./gpu-pods";
import { rule as gpuRuntime } from "./gpu-runtime";
import { rule as gpuSharing } from "./gpu-sharing";
import { rule as gpuVisibility } from "./gpu-visibility";
import { rule as isolationLevel } from "./isolation-level";
import { rule as nodeName } from "./node-name";
import { rule as ownPools } from "./own-pools";
import { rule as podAffinity } from "./pod-affinity";
import { rule as poolAgents } from "./pool-agents";
import { rule as poolDisruption } from "./pool-disruption";
import { rule as poolFences } from "./pool-fences";
import { rule as poolLimits } from "./pool-limits";
import { rule as poolToleration } from "./pool-toleration";
import { rule as priority } from "./priority";
import { rule as tolerations } from "./tolerations";

export const placementRules: readonly Rule[] = [
  deviceClaims,
  gpuAmounts,
  gpuPods,
  gpuRuntime,
  gpuSharing,
  gpuVisibility,
  isolationLevel,
  nodeName,
  ownPools,
  podAffinity,
  poolAgents,
  poolDisruption,
  poolFences,
  poolLimits,
  poolToleration,
  priority,
  tolerations,
];
