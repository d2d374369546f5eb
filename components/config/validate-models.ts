import { CatalogueError, resolveModel } from "../models/catalogue";
import { parseModelName, ModelNameError } from "../models/names";
import { present, stackPath, type Checked, type PlatformDraft, type TenantFile } from "./documents";
import { explain } from "./explain";
import type { Path } from "./paths";
import type { ModelSpec } from "./spec";
import { closest, listNames } from "./suggest";

/** Models of the catalogue by canonical name. */
type Catalogue = Map<string, { name: string; index: number }>;

/** Checks the model names of the catalogue and of the tenants' lists, compared as Ollama compares them. */
export function validateModels({ stack, tenants }: PlatformDraft): void {
  const models = stack.draft.config?.["ollama-platform:models"];
  const catalogue: Catalogue = new Map();
  for (const { item, index } of present(models)) {
    const path = stackPath("models", index, "name");
    const canonical = item.name === undefined ? undefined : canonicalName(item.name, path, stack.report);
    if (canonical === undefined || item.name === undefined) continue;
    const first = catalogue.get(canonical);
    if (first !== undefined) {
      const problem = `is for Ollama the same model as ${first.name}, which is listed before`;
      stack.report({ path, value: item.name, problem, allowed: "each model once", fix: "remove one of the two" });
    } else {
      catalogue.set(canonical, { name: item.name, index });
      validateFigures({ ...item, name: item.name }, index, stack);
    }
  }
  // Without a catalogue every name would be reported as unknown, which says nothing more.
  if (models !== undefined) for (const tenant of tenants) validateAccess(tenant, catalogue);
}

const figures = [
  "parametersBillions",
  "layers",
  "kvHeads",
  "headSize",
  "contextLength",
  "quantization",
  "digest",
  "source",
];

/** Checks that the size of a model is known, from the built-in table or the entry. */
function validateFigures(model: ModelSpec, index: number, { report }: PlatformDraft["stack"]): void {
  try {
    resolveModel(model);
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    const restsOn = figures.map((key) => stackPath("models", index, key));
    for (const fault of error.faults) {
      report({ path: stackPath("models", index), value: model.name, restsOn, ...explain(fault) });
    }
  }
}

function validateAccess(tenant: Checked<TenantFile>, catalogue: Catalogue): void {
  const { allow, deny } = tenant.draft.spec?.models ?? {};
  const allowed = validateList(tenant, ["spec", "models", "allow"], allow, catalogue);
  const denied = validateList(tenant, ["spec", "models", "deny"], deny, catalogue);
  if (allowed.size > 0 && [...allowed].every((name) => denied.has(name))) {
    const problem = "leaves no model: everything that is allowed is denied as well, and deny wins";
    tenant.report({
      path: ["spec", "models", "deny"],
      problem,
      fix: "allow another model, deny less, or set `suspended: true` to close the tenant",
    });
  }
}

/** Reports the faults of one list; returns the canonical names in it. */
function validateList(
  tenant: Checked<TenantFile>,
  path: Path,
  names: readonly (string | undefined)[] | undefined,
  catalogue: Catalogue,
): Set<string> {
  const seen = new Map<string, string>();
  const known = [...catalogue.values()].map(({ name }) => name);
  for (const { item: name, index } of present(names)) {
    const place = [...path, index];
    const canonical = canonicalName(name, place, tenant.report);
    if (canonical === undefined) continue;
    const first = seen.get(canonical);
    if (!catalogue.has(canonical)) {
      const candidate = closest(name, known);
      const fix =
        candidate === undefined
          ? "add it to `ollama-platform:models` of the stack, or remove it"
          : `did you mean \`${candidate}\`?`;
      tenant.report({
        path: place,
        value: name,
        problem: "is not a model of the catalogue",
        allowed: listNames(known),
        fix,
      });
    } else if (first !== undefined) {
      const problem = `is for Ollama the same model as ${first}, which is listed before`;
      tenant.report({ path: place, value: name, problem, allowed: "each model once", fix: "remove one of the two" });
    }
    seen.set(canonical, first ?? name);
  }
  return new Set(seen.keys());
}

function canonicalName(name: string, path: Path, report: Checked<unknown>["report"]): string | undefined {
  try {
    return parseModelName(name).canonical;
  } catch (error) {
    if (!(error instanceof ModelNameError)) throw error;
    report({
      path,
      value: name,
      allowed: "a model name such as `llama3.1:8b` or `registry.example.com/team/model:v1`",
      ...explain(error.message),
    });
    return undefined;
  }
}
