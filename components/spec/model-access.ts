import type { ModelReference } from "./forms";
import { closest, listNames } from "./suggest";
import type { CatalogueModel, ModelSpec } from "../models/catalogue";
import { canonicalName, parseModelName } from "../models/names";
import { type Draft, present } from "./draft";
import type { Report } from "./fault";
import { readText } from "./read";
import type { At, Path } from "./path";

/** Model access: default deny, and deny wins over allow. */
export interface ModelAccessSpec {
  /**
   * Catalogue models that the tenant may use.
   * @minItems 1 @uniqueItems @examples [["llama3.1:8b", "nomic-embed-text"]]
   */
  allow: ModelReference[];
  /**
   * Catalogue models that the tenant may not use even if allowed. Default: none.
   * @uniqueItems @default [] @examples [["deepseek-r1:1.5b"]]
   */
  deny?: ModelReference[];
}

/** The models of a tenant. */
export interface ModelAccess {
  /** Canonical names that the tenant may use: allowed and not denied, sorted. */
  allow: string[];
  /** Canonical names that are denied, sorted. */
  deny: string[];
  /** The allowed models' catalogue entries, in the order of `allow`. */
  allowedModels: CatalogueModel[];
}

type Names = readonly (string | undefined)[] | undefined;

/**
 * Checks a tenant's lists of models, compared as Ollama compares names: every name is one of the catalogue, and a model
 * is left.
 *
 * @param catalogue The environment's catalogue.
 * @param at Leads to what is below the tenant.
 */
export function checkModelAccess(
  { allow, deny }: Draft<ModelAccessSpec>,
  catalogue: readonly (Draft<ModelSpec> | undefined)[],
  at: At,
  report: Report,
): void {
  const known = canonicalNames(present(catalogue).map(({ item }) => item.name));
  const allowed = checkList(allow, known, at("models", "allow"), report);
  const denied = checkList(deny, known, at("models", "deny"), report);
  if (allowed.size === 0 || ![...allowed].every((name) => denied.has(name))) return;
  report({
    path: at("models", "deny"),
    restsOn: [at("models", "allow")],
    problem: "leaves no model, because everything that is allowed is denied as well, and deny wins",
    allowed: "names that leave the tenant at least one model",
    fix: "allow another model, deny less, or set `suspended: true` to close the tenant",
  });
}

/** Reports the faults of one list; returns the canonical names in it. */
function checkList(names: Names, known: Map<string, string>, path: Path, report: Report): Set<string> {
  const seen = new Map<string, string>();
  for (const { item: name, index } of present(names)) {
    const place = { path: [...path, index], value: name };
    const canonical = readText(parseModelName, name, place.path, report)?.canonical;
    if (canonical === undefined) continue;
    const first = seen.get(canonical);
    // Without a catalogue every name would be reported as unknown, which says nothing more.
    if (known.size > 0 && !known.has(canonical)) {
      report({ ...place, restsOn: [["models"]], ...unknownModel(name, [...known.values()]) });
    } else if (first !== undefined) {
      report({
        ...place,
        problem: `is for Ollama the same model as ${first}, which is listed before`,
        allowed: "each model once",
        fix: "remove one of the two",
      });
    }
    seen.set(canonical, first ?? name);
  }
  return new Set(seen.keys());
}

function unknownModel(name: string, known: string[]) {
  const candidate = closest(name, known);
  return {
    problem: "is not a model of the catalogue",
    allowed: listNames(known),
    fix:
      candidate === undefined
        ? "add it to `models` of the environment, or remove it"
        : `did you mean \`${candidate}\`?`,
  };
}

/** Names as they are written, by canonical name; those that Ollama cannot resolve are left out. */
export function canonicalNames(names: Names): Map<string, string> {
  return new Map(
    present(names).flatMap(({ item }) => {
      const canonical = canonicalName(item);
      return canonical === undefined ? [] : [[canonical, item] as const];
    }),
  );
}

/**
 * Resolves both lists to canonical names of the catalogue; deny wins.
 *
 * @param catalogue The environment's models by canonical name.
 */
export function resolveModelAccess(spec: ModelAccessSpec, catalogue: ReadonlyMap<string, CatalogueModel>): ModelAccess {
  const deny = [...canonicalNames(spec.deny).keys()].sort();
  const allow = [...canonicalNames(spec.allow).keys()].filter((name) => !deny.includes(name)).sort();
  return { allow, deny, allowedModels: allow.flatMap((name) => catalogue.get(name) ?? []) };
}
