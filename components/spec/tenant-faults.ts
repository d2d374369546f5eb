import type { Fault as PlanFault } from "../plan/faults";
import type { Report } from "./fault";
import { valueAt, type Path } from "./path";
import type { PlatformSpec } from "./platform";

/** Runs what finds faults of tenants by printed paths, and reports them. */
export function reportPlanFaults<T>(run: (faults: PlanFault[]) => T, spec: PlatformSpec, report: Report): T {
  const faults: PlanFault[] = [];
  const result = run(faults);
  for (const { subject, path, message } of faults) {
    const index = spec.tenants.findIndex(({ name }) => name === subject.name);
    const place = ["tenants", index, ...parsePath(path)];
    const value = valueAt(spec, place);
    const found = value === undefined || typeof value === "object" ? {} : { value };
    const start = `${String(value)} `;
    const text = (message.startsWith(start) ? message.slice(start.length) : message).replace(
      /^"(?:[^"\\]|\\.)*":? /,
      "",
    );
    const colon = text.lastIndexOf(": ");
    report({ path: place, ...found, problem: text.slice(0, colon), fix: text.slice(colon + 2) });
  }
  return result;
}

/** Reads `network.egressTo[0].cidr`. */
function parsePath(text: string): Path {
  return [...text.matchAll(/([^.[\]]+)|\[([0-9]+)\]/g)].map(([, key, index]) => key ?? Number(index));
}
