import { validateEnvironment } from "../config/validate-environment";
import { validateImages } from "../config/validate-images";
import { validateIngress } from "../config/validate-ingress";
import { validateModels } from "../config/validate-models";
import { validateNames } from "../config/validate-names";
import { validateNetwork } from "../config/validate-network";
import { validatePools } from "../config/validate-pools";
import { validateQuantities } from "../config/validate-quantities";
import { validateTokens } from "../config/validate-tokens";
import type { Declared } from "./declared";
import type { Report } from "./fault";
import { checkTenants } from "./tenant";

/** One rule about a declaration, or several about one concept. */
export type Check = (declared: Declared, report: Report) => void;

const CHECKS: readonly Check[] = [
  validateEnvironment,
  validateNames,
  validateModels,
  validatePools,
  validateQuantities,
  validateNetwork,
  validateIngress,
  validateTokens,
  validateImages,
  checkTenants,
];

/**
 * Checks a declaration whose shape is known to be right: one set of rules, whether it was written in files or as the
 * arguments of components.
 */
export function checkDeclaration(declared: Declared, report: Report): void {
  for (const check of CHECKS) check(declared, report);
}
