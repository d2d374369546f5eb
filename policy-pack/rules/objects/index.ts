/** Rules on objects of every kind. */
import type { Rule } from "../rule";
import { rule as customResources } from "./custom-resources";
import { rule as explicitNamespace } from "./explicit-namespace";
import { rule as knownValues } from "./known-values";
import { rule as oneCluster } from "./one-cluster";
import { rule as singleDefinition } from "./single-definition";
import { rule as visible } from "./visible";

export const objectsRules: readonly Rule[] = [
  customResources,
  explicitNamespace,
  knownValues,
  oneCluster,
  singleDefinition,
  visible,
];
