import { PlanError, type Fault as PlanFault } from "../plan/faults";
import { planPlatform } from "../plan/platform";
import type { Report } from "../spec/fault";
import { valueAt, type Path } from "../spec/path";
import { explain } from "./explain";
import type { PlatformSpec } from "../spec/index";

/**
 * Plans the environment and reports what does not fit (replicas in quotas, quotas in pools, models in GPUs) at the
 * places that say so.
 *
 * @param spec Specification of an environment without other faults.
 */
export function validatePlan(spec: PlatformSpec, report: Report): void {
  try {
    planPlatform(spec);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    for (const fault of error.faults) reportPlanFault(fault, spec, report);
  }
}

function reportPlanFault({ subject, path, message }: PlanFault, spec: PlatformSpec, report: Report): void {
  const place = [...wayTo(subject, spec), ...parsePath(path)];
  const value = valueAt(spec, place);
  const found = value === undefined || typeof value === "object" ? {} : { value };
  // A message that begins with the value would say it twice.
  const start = `${String(value)} `;
  report({ path: place, ...found, ...explain(message.startsWith(start) ? message.slice(start.length) : message) });
}

function wayTo({ kind, name }: PlanFault["subject"], { nodePools = [], tenants }: PlatformSpec): Path {
  if (kind === "tenant") return ["tenants", tenants.findIndex((tenant) => tenant.name === name)];
  if (kind === "node pool") return ["nodePools", nodePools.findIndex((pool) => pool.name === name)];
  return [];
}

/** Reads `network.egressTo[0].cidr`. */
function parsePath(text: string): Path {
  return [...text.matchAll(/([^.[\]]+)|\[([0-9]+)\]/g)].map(([, key, index]) => key ?? Number(index));
}
