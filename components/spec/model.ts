import { CatalogueError, resolveModel, type ModelSpec } from "../models/catalogue";
import { parseModelName } from "../models/names";
import { present, type Draft } from "./draft";
import type { Report } from "./fault";
import { below, type At } from "./path";
import { readText } from "./read";

/** Figures of a model: what is said about its size rests on them. */
const FIGURES = [
  "parametersBillions",
  "layers",
  "kvHeads",
  "headSize",
  "contextLength",
  "quantization",
  "source",
] as const;

/** Checks the names of the catalogue, compared as Ollama compares them, and that the size of each model is known. */
export function checkModels(models: Draft<ModelSpec[]> = [], report: Report): void {
  const seen = new Map<string, string>();
  for (const { item, index } of present(models)) {
    const at = below("models", index);
    const canonical = readText(parseModelName, item.name, at("name"), report)?.canonical;
    if (canonical === undefined || item.name === undefined) continue;
    const first = seen.get(canonical);
    if (first === undefined) {
      seen.set(canonical, item.name);
      checkModel({ ...item, name: item.name }, at, report);
    } else {
      report({
        path: at("name"),
        value: item.name,
        problem: `is for Ollama the same model as ${first}, which is listed before`,
        allowed: "each model once",
        fix: "remove one of the two",
      });
    }
  }
}

function checkModel(model: ModelSpec, at: At, report: Report): void {
  try {
    resolveModel(model);
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    for (const { key, value, ...fault } of error.faults) {
      if (key !== undefined) report({ path: at(key), value, ...fault });
      else report({ path: at(), value: model.name, restsOn: FIGURES.map((figure) => at(figure)), ...fault });
    }
  }
}
