import { checkCapacity } from "./capacity";
import type { Declared } from "./declared";
import { sortedBy } from "./draft";
import { checkEnvironment, resolveEnvironment, type Environment } from "./environment";
import type { Report } from "./fault";
import type { Faults } from "./origin";
import { below } from "./path";
import type { PlatformSpec } from "./platform";
import { checkTenants, checkTenantSuitsModels, resolveTenant, type Tenant } from "./tenant";
import { checkUniqueNames } from "./unique";

/** A declaration without faults, with every default filled in. */
export interface Resolved {
  environment: Environment;
  /** In the order of their names. */
  tenants: Tenant[];
}

/**
 * Reads a declaration whose shape is known to be right, whether it was written in files or as the arguments of
 * components: one set of checks, then the defaults, then what has to fit into what.
 *
 * @param faults Receives what is wrong; it may have faults already.
 * @throws DeclarationError with every fault.
 */
export function resolveDeclaration(declared: Declared, faults: Faults): Resolved {
  checkDeclaration(declared, faults.report);
  faults.throwAny();
  // Nothing is missing now, which the compiler cannot know.
  const spec = declared.spec as PlatformSpec;
  const resolved = resolve(spec, faults.report);
  // Amounts that could not be read would only lead to faults that are not there.
  faults.throwAny();
  const indexes = {
    tenants: new Map(spec.tenants.map(({ name }, index) => [name, index])),
    nodePools: new Map((spec.nodePools ?? []).map(({ name }, index) => [name, index])),
  };
  const pathOf = {
    tenant: (name: string) => below("tenants", indexes.tenants.get(name) ?? 0),
    nodePool: (name: string) => below("nodePools", indexes.nodePools.get(name) ?? 0),
  };
  checkCapacity(resolved.environment, resolved.tenants, pathOf, faults.report);
  faults.throwAny();
  return resolved;
}

/** Checks a declaration; what it rests on and is broken already is not reported again. */
export function checkDeclaration({ spec, isWhole, secrets }: Declared, report: Report): void {
  const names = isWhole ? spec.tenants?.map((tenant) => tenant?.name) : undefined;
  checkEnvironment(spec, names, report);
  checkUniqueNames(spec.tenants, "tenants", "tenant", report);
  if (isWhole && spec.tenants?.length === 0) {
    report({ path: ["tenants"], problem: "is empty", allowed: "at least one tenant", fix: "declare a tenant" });
  }
  checkTenants(spec, secrets, report);
}

function resolve(spec: PlatformSpec, report: Report): Resolved {
  const environment = resolveEnvironment(spec);
  const tenants = spec.tenants.map((tenant, index) => {
    const resolved = resolveTenant(tenant, environment);
    checkTenantSuitsModels(tenant, resolved, index, report);
    return resolved;
  });
  return { environment, tenants: sortedBy(tenants, ({ name }) => name) };
}
