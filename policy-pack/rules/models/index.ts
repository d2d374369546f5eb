/** Rules on model servers and their gateways. */
import type { Rule } from "../rule";
import { rule as accessList } from "./access-list";
import { rule as gatewayFiles } from "./gateway-files";
import { rule as gatewayPresent } from "./gateway-present";
import { rule as gatewayTls } from "./gateway-tls";
import { rule as gatewayTokens } from "./gateway-tokens";
import { rule as importedVariables } from "./imported-variables";
import { rule as loopbackOnly } from "./loopback-only";
import { rule as readOnlyStore } from "./read-only-store";
import { rule as serverEnvironment } from "./server-environment";
import { rule as serverPorts } from "./server-ports";

export const modelsRules: readonly Rule[] = [
  accessList,
  gatewayFiles,
  gatewayPresent,
  gatewayTls,
  gatewayTokens,
  importedVariables,
  loopbackOnly,
  readOnlyStore,
  serverEnvironment,
  serverPorts,
];
