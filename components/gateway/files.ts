/** The files of a gateway, as they are mounted into its pod. */
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { bootstrapDocument } from "./bootstrap";
import { Message } from "./envoy";
import { checkGatewayInput, GatewayInput } from "./input";
import { luaTables } from "./lua-tables";
import {
  BOOTSTRAP_FILE,
  CERTIFICATE_SOURCE_FILE,
  DRAIN_SCRIPT,
  Placement,
  POD_PLACEMENT,
  POLICY_FILE,
  TOKENS_FILE,
} from "./placement";
import { policyDocument } from "./policy";
import { certificateDocument } from "./tls";
import { tokensDocument } from "./tokens";

/** Files of a gateway by name. */
export interface GatewayFiles {
  /** Start-up configuration, the guard's code and the drain script, for a ConfigMap. A change needs a new pod. */
  config: Record<string, string>;
  /** Routes, models, limits and key hashes, for a Secret. Envoy follows changes while it runs. */
  secrets: Record<string, string>;
  /**
   * What makes a ServiceAccount's token valid, for a Secret of its own: nothing of it is secret, but nobody may edit it.
   * Envoy follows changes while it runs. Absent when no tokens are accepted.
   */
  tokens?: Record<string, string>;
}

const LUA_DIRECTORY = path.join(__dirname, "lua");

/**
 * Makes the files of a tenant's gateway.
 *
 * @param input The tenant's models, clients and limits.
 * @param place Where the gateway runs. Default: its place in the pod.
 * @throws GatewayInputError that lists every fault of the input.
 */
export function gatewayFiles(input: GatewayInput, place: Placement = POD_PLACEMENT): GatewayFiles {
  checkGatewayInput(input);
  return {
    config: {
      [BOOTSTRAP_FILE]: rendered(bootstrapDocument(input, place)),
      [DRAIN_SCRIPT]: readFileSync(path.join(__dirname, DRAIN_SCRIPT), "utf8"),
      ...(input.tls === true && { [CERTIFICATE_SOURCE_FILE]: rendered(certificateDocument(place)) }),
      ...luaModules(input.tenant, `${place.policyDirectory}/${POLICY_FILE}`),
    },
    secrets: { [POLICY_FILE]: rendered(policyDocument(input)) },
    ...(input.tokens !== undefined && { tokens: { [TOKENS_FILE]: rendered(tokensDocument(input.tokens)) } }),
  };
}

/**
 * The guard's code and its tables, by file name.
 *
 * @param tenant Name of the tenant.
 * @param policyFile Path of the policy's file.
 */
export function luaModules(tenant: string, policyFile: string): Record<string, string> {
  const names = readdirSync(LUA_DIRECTORY).filter((name) => name.endsWith(".lua"));
  const code = names.sort().map((name) => [name, readFileSync(path.join(LUA_DIRECTORY, name), "utf8")]);
  return { ...Object.fromEntries(code), ...luaTables(tenant, policyFile) };
}

function rendered(document: Message): string {
  return `${JSON.stringify(document, null, 1)}\n`;
}
