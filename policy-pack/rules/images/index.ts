/** Rules on images. */
import type { Rule } from "../rule";
import { rule as pinned } from "./pinned";
import { rule as pullPolicy } from "./pull-policy";
import { rule as registries } from "./registries";

export const imagesRules: readonly Rule[] = [pinned, pullPolicy, registries];
