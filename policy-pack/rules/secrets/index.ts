/** Rules on secrets. */
import type { Rule } from "../rule";
import { rule as filesNotVariables } from "./files-not-variables";
import { rule as noTokenSecrets } from "./no-token-secrets";
import { rule as notInConfigMaps } from "./not-in-config-maps";
import { rule as notInEnvironment } from "./not-in-environment";

export const secretsRules: readonly Rule[] = [filesNotVariables, noTokenSecrets, notInConfigMaps, notInEnvironment];
