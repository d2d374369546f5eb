/** Every rule of the pack, by area. */
import { namespacesRules } from "./namespaces";
import { networkRules } from "./network";
import { rbacRules } from "./rbac";
import { podsRules } from "./pods";
import { placementRules } from "./placement";
import { capacityRules } from "./capacity";
import { storageRules } from "./storage";
import { secretsRules } from "./secrets";
import { modelsRules } from "./models";
import { imagesRules } from "./images";
import { admissionRules } from "./admission";
import { objectsRules } from "./objects";
import type { Rule } from "./rule";

export const rules: readonly Rule[] = [
  ...namespacesRules,
  ...networkRules,
  ...rbacRules,
  ...podsRules,
  ...placementRules,
  ...capacityRules,
  ...storageRules,
  ...secretsRules,
  ...modelsRules,
  ...imagesRules,
  ...admissionRules,
  ...objectsRules,
];
