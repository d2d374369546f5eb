import { type CatalogueModel } from "../../models/catalogue";
import { ModelNameError, parseModelName } from "../../models/names";
import type { ModelAccessSpec } from "../../spec/index";
import type { Report } from "../faults";
import type { Environment } from "../../spec/environment";

/** The models of a tenant. */
export interface ModelAccess {
  /** Canonical names that the tenant may use: allowed and not denied, sorted. */
  allow: string[];
  /** Canonical names that are denied, sorted. */
  deny: string[];
  /** The allowed models' catalogue entries, in the order of `allow`. */
  allowedModels: CatalogueModel[];
}

/** Resolves both lists to canonical names of the catalogue; deny wins, and a tenant keeps at least one model. */
export function resolveModelAccess(spec: ModelAccessSpec, environment: Environment, report: Report): ModelAccess {
  const allowed = canonicalNames(spec.allow, "models.allow", environment, report);
  const deny = canonicalNames(spec.deny ?? [], "models.deny", environment, report);
  const allow = allowed.filter((name) => !deny.includes(name));
  if (spec.allow.length === 0) {
    report("models.allow", "is empty: name at least one model of the catalogue, or remove the tenant");
  } else if (allow.length === 0 && allowed.length > 0) {
    report("models.deny", "denies every allowed model: leave at least one, or set suspended to true");
  }
  return { allow, deny, allowedModels: allow.flatMap((name) => environment.models.get(name) ?? []) };
}

function canonicalNames(names: string[], path: string, { models }: Environment, report: Report): string[] {
  const canonical = names.flatMap((name, index) => {
    const resolved = canonicalName(name, `${path}[${index}]`, report);
    if (resolved === undefined || models.has(resolved)) return resolved ?? [];
    report(
      `${path}[${index}]`,
      `${JSON.stringify(name)} is not in the catalogue: write one of ${[...models.keys()].join(", ")}, or add it under models`,
    );
    return [];
  });
  return [...new Set(canonical)].sort();
}

function canonicalName(name: string, path: string, report: Report): string | undefined {
  try {
    return parseModelName(name).canonical;
  } catch (error) {
    if (!(error instanceof ModelNameError)) throw error;
    report(path, error.message);
    return undefined;
  }
}
