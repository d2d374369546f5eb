import { parseModelName } from "../models/names";
import type { Declared } from "../spec/declared";
import { sortedBy, type Draft } from "../spec/draft";
import { isOfStacksOnly, type StackFile, type TenantFile } from "./documents";
import type { PlatformSpec } from "../spec/index";

/** The declaration that a stack file and tenant files make; `tenants` has a gap for each file that could not be read. */
export function assemble(
  environment: string,
  { config = {} }: Draft<StackFile>,
  tenants: readonly (Draft<TenantFile> | undefined)[],
): Declared["spec"] {
  const own = Object.entries(config)
    .filter(([key]) => !isOfStacksOnly(key))
    .map(([key, value]) => [key.replace("ollama-platform:", ""), value] as const);
  return {
    environment,
    ...Object.fromEntries(own),
    tenants: tenants.map((file) => file && { ...file.spec, name: file.metadata?.name }),
  };
}

/**
 * The specification of an environment that has no fault. Nothing is missing from it then, which the compiler cannot
 * know: hence the cast. Pools, models and tenants are sorted by name.
 */
export function complete(draft: Declared["spec"]): PlatformSpec {
  const spec = draft as PlatformSpec;
  return {
    ...spec,
    ...(spec.nodePools && { nodePools: sortedBy(spec.nodePools, ({ name }) => name) }),
    models: sortedBy(spec.models, ({ name }) => parseModelName(name).canonical),
    tenants: sortedBy(spec.tenants, ({ name }) => name),
  };
}
