/** Environments with any number of tenants, made from the example of the dev stack. */
import * as path from "node:path";
import { loadStackFile } from "../../components/config/load";
import type { PlatformSpec } from "../../components/spec/index";
import { repositoryRoot } from "../../tools/local/paths";

/** Name of a tenant of `manyTenants`. */
export const tenantName = (index: number): string => `team-${String(index).padStart(4, "0")}`;

/** The dev stack with its CPU tenant copied `count` times. */
export function manyTenants(count: number): PlatformSpec {
  const spec = loadStackFile(path.join(repositoryRoot, "Pulumi.dev.yaml"));
  const original = spec.tenants.find(({ name }) => name === "hr");
  if (original === undefined) throw new Error("the dev stack has no tenant hr any more");
  const text = JSON.stringify(original);
  const tenants = Array.from({ length: count }, (_, index) => {
    const name = tenantName(index);
    return JSON.parse(text.replaceAll('"hr-', `"${name}-`).replaceAll('"hr"', `"${name}"`)) as typeof original;
  });
  return { ...spec, tenants, nodePools: [] };
}
