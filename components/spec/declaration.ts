import { validateAccess } from "../config/validate-access";
import { validateAutoscaling } from "../config/validate-autoscaling";
import { validateClients } from "../config/validate-clients";
import { validateEnvironment } from "../config/validate-environment";
import { validateImages } from "../config/validate-images";
import { validateIngress } from "../config/validate-ingress";
import { validateModels } from "../config/validate-models";
import { validateNames } from "../config/validate-names";
import { validateNetwork } from "../config/validate-network";
import { validatePlacement } from "../config/validate-placement";
import { validatePools } from "../config/validate-pools";
import { validateQuantities } from "../config/validate-quantities";
import { validateSecrets } from "../config/validate-secrets";
import { validateTls } from "../config/validate-tls";
import { validateTokens } from "../config/validate-tokens";
import type { Declared } from "./declared";
import type { Report } from "./fault";

/** One rule about a declaration, or several about one concept. */
export type Check = (declared: Declared, report: Report) => void;

const CHECKS: readonly Check[] = [
  validateEnvironment,
  validateNames,
  validateModels,
  validatePools,
  validatePlacement,
  validateQuantities,
  validateAutoscaling,
  validateNetwork,
  validateIngress,
  validateAccess,
  validateClients,
  validateTokens,
  validateTls,
  validateSecrets,
  validateImages,
];

/**
 * Checks a declaration whose shape is known to be right: one set of rules, whether it was written in files or as the
 * arguments of components.
 */
export function checkDeclaration(declared: Declared, report: Report): void {
  for (const check of CHECKS) check(declared, report);
}
