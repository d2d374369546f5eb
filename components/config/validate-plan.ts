import { PlanError, type Fault as PlanFault } from "../plan/faults";
import { planPlatform } from "../plan/platform";
import { present, stackPath, type Finding, type PlatformDraft } from "./documents";
import { explain } from "./explain";
import type { Path } from "./paths";
import type { PlatformSpec } from "./spec";

/**
 * Plans the environment and reports what does not fit (replicas in quotas, quotas in pools, models in GPUs) at the
 * places of the files that say so.
 *
 * @param spec Specification of an environment whose files have no other fault.
 * @param draft The files that it was assembled from.
 */
export function validatePlan(spec: PlatformSpec, draft: PlatformDraft): void {
  try {
    planPlatform(spec);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    for (const fault of error.faults) reportPlanFault(fault, draft);
  }
}

function reportPlanFault({ subject, path, message }: PlanFault, { stack, tenants }: PlatformDraft): void {
  const way = parsePath(path);
  const tenant = tenants.find(({ draft }) => subject.kind === "tenant" && draft.metadata?.name === subject.name);
  const report = tenant?.report ?? stack.report;
  const place = tenant === undefined ? stackWay(subject, way, stack) : ["spec", ...way];
  const found = valueAt((tenant ?? stack).draft, place);
  // A message that begins with the value would say it twice.
  const start = `${found.value} `;
  report({ path: place, ...found, ...explain(message.startsWith(start) ? message.slice(start.length) : message) });
}

/** Keys of the stack that a fault of the environment may be in. */
const SHARED_KEYS = ["cluster", "images", "models", "modelStore", "ingress"] as const;

function stackWay(subject: PlanFault["subject"], way: Path, { draft }: PlatformDraft["stack"]): Path {
  const pools = present(draft.config?.["ollama-platform:nodePools"]);
  const pool = pools.find(({ item }) => subject.kind === "node pool" && item.name === subject.name);
  if (pool !== undefined) return stackPath("nodePools", pool.index, ...way);
  const [key, ...rest] = way;
  const shared = SHARED_KEYS.find((one) => one === key);
  return shared === undefined ? [] : stackPath(shared, ...rest);
}

/** Reads `network.egressTo[0].cidr`. */
function parsePath(text: string): Path {
  return [...text.matchAll(/([^.[\]]+)|\[([0-9]+)\]/g)].map(([, key, index]) => key ?? Number(index));
}

/** The value of a finding; nothing when it is absent or a whole mapping. */
function valueAt(value: unknown, path: Path): Pick<Finding, "value"> {
  const found = path.reduce<unknown>(
    (holder, step) => (holder as Record<string | number, unknown> | undefined)?.[step],
    value,
  );
  return found === undefined || typeof found === "object" ? {} : { value: found };
}
