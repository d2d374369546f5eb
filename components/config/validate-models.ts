import { canonicalName, parseModelName } from "../models/names";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import { below, type Path } from "../spec/path";
import { readText } from "../spec/read";
import type { ModelAccessSpec } from "../spec/index";
import { closest, listNames } from "./suggest";

/** Models of the catalogue by canonical name. */
type Catalogue = Map<string, { name: string; index: number }>;

/** Checks the model names of the tenants' lists, compared as Ollama compares them. */
export function validateModels({ spec: { models, tenants } }: Declared, report: Report): void {
  const catalogue: Catalogue = new Map();
  for (const { item, index } of present(models)) {
    const canonical = canonicalName(item.name ?? "");
    if (canonical !== undefined && item.name !== undefined && !catalogue.has(canonical)) {
      catalogue.set(canonical, { name: item.name, index });
    }
  }
  // Without a catalogue every name would be reported as unknown, which says nothing more.
  if (models === undefined) return;
  for (const { item, index } of present(tenants)) {
    validateAccess(item.models ?? {}, below("tenants", index, "models")(), catalogue, report);
  }
}

function validateAccess(
  { allow, deny }: Draft<ModelAccessSpec>,
  path: Path,
  catalogue: Catalogue,
  report: Report,
): void {
  const allowed = validateList([...path, "allow"], allow, catalogue, report);
  const denied = validateList([...path, "deny"], deny, catalogue, report);
  if (allowed.size > 0 && [...allowed].every((name) => denied.has(name))) {
    const problem = "leaves no model: everything that is allowed is denied as well, and deny wins";
    report({
      path: [...path, "deny"],
      problem,
      fix: "allow another model, deny less, or set `suspended: true` to close the tenant",
    });
  }
}

/** Reports the faults of one list; returns the canonical names in it. */
function validateList(
  path: Path,
  names: readonly (string | undefined)[] | undefined,
  catalogue: Catalogue,
  report: Report,
): Set<string> {
  const seen = new Map<string, string>();
  const known = [...catalogue.values()].map(({ name }) => name);
  for (const { item: name, index } of present(names)) {
    const place = [...path, index];
    const canonical = readText(parseModelName, name, place, report)?.canonical;
    if (canonical === undefined) continue;
    const first = seen.get(canonical);
    if (!catalogue.has(canonical)) {
      const candidate = closest(name, known);
      const fix =
        candidate === undefined
          ? "add it to `models` of the environment, or remove it"
          : `did you mean \`${candidate}\`?`;
      report({
        path: place,
        value: name,
        problem: "is not a model of the catalogue",
        allowed: listNames(known),
        fix,
      });
    } else if (first !== undefined) {
      const problem = `is for Ollama the same model as ${first}, which is listed before`;
      report({ path: place, value: name, problem, allowed: "each model once", fix: "remove one of the two" });
    }
    seen.set(canonical, first ?? name);
  }
  return new Set(seen.keys());
}
