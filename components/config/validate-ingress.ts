import { faultsOfIngress } from "../plan/resolve/ingress";
import type { Declared } from "../spec/declared";
import type { Report } from "../spec/fault";
import type { IngressSpec } from "../spec/ingress";
import { valueAt } from "../spec/path";

/** Checks how an environment serves hosts of tenants. */
export function validateIngress({ spec: { ingress } }: Declared, report: Report): void {
  if (ingress === undefined) return;
  for (const { key, problem, fix } of faultsOfIngress(ingress as Partial<IngressSpec>)) {
    const value = key.length === 0 ? {} : { value: valueAt(ingress, key) };
    report({ path: ["ingress", ...key], ...value, problem, fix });
  }
}
