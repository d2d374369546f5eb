import { CatalogueError, resolveModel } from "../models/catalogue";
import { parseModelName } from "../models/names";
import type { Declared } from "../spec/declared";
import { present } from "../spec/draft";
import type { Report } from "../spec/fault";
import { explain } from "./explain";
import type { ModelSpec } from "../spec/model";
import { readText } from "../spec/read";

/** Models of the catalogue by canonical name. */
type Catalogue = Map<string, { name: string; index: number }>;

/** Checks the model names of the catalogue, compared as Ollama compares them. */
export function validateModels({ spec: { models } }: Declared, report: Report): void {
  const catalogue: Catalogue = new Map();
  for (const { item, index } of present(models)) {
    const path = ["models", index, "name"];
    const canonical =
      item.name === undefined ? undefined : readText(parseModelName, item.name, path, report)?.canonical;
    if (canonical === undefined || item.name === undefined) continue;
    const first = catalogue.get(canonical);
    if (first !== undefined) {
      const problem = `is for Ollama the same model as ${first.name}, which is listed before`;
      report({ path, value: item.name, problem, allowed: "each model once", fix: "remove one of the two" });
    } else {
      catalogue.set(canonical, { name: item.name, index });
      validateFigures({ ...item, name: item.name }, index, report);
    }
  }
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
function validateFigures(model: ModelSpec, index: number, report: Report): void {
  try {
    resolveModel(model);
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    const restsOn = figures.map((key) => ["models", index, key]);
    for (const fault of error.faults) {
      report({ path: ["models", index], value: model.name, restsOn, ...explain(fault) });
    }
  }
}
