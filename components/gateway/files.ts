/** The files of a gateway, as they are mounted into its pod. */
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { packed } from "./archive";
import { bootstrapDocument } from "./bootstrap";
import type { Message } from "./envoy";
import type { GatewayInput } from "./input";
import { checkGatewayInput } from "./check-input";
import { bundled, minified } from "./lua-source";
import { luaSettings, luaTables } from "./lua-tables";
import type { Placement } from "./placement";
import {
  BOOTSTRAP_FILE,
  CERTIFICATE_SOURCE_FILE,
  CONFIG_ARCHIVE,
  DRAIN_SCRIPT,
  GUARD_FILE,
  POD_PLACEMENT,
  POLICY_FILE,
  PROGRAM_ARCHIVE,
  TOKENS_FILE,
} from "./placement";
import { policyDocument } from "./policy";
import { certificateDocument } from "./tls";
import { tokensDocument } from "./tokens";

/** Files of a gateway by name. */
export interface GatewayFiles {
  /** The guard with its tables, and the drain script: the same for every tenant. A change needs a new pod. */
  program: Record<string, string>;
  /** Start-up configuration and the guard's settings. A change needs a new pod. */
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
    program: gatewayProgram(),
    config: configFiles(input, place),
    secrets: { [POLICY_FILE]: rendered(policyDocument(input)) },
    ...(input.tokens !== undefined && { tokens: { [TOKENS_FILE]: rendered(tokensDocument(input.tokens)) } }),
  };
}

function configFiles(input: GatewayInput, place: Placement): Record<string, string> {
  return {
    [BOOTSTRAP_FILE]: rendered(bootstrapDocument(input, place)),
    ...(input.tls === true && { [CERTIFICATE_SOURCE_FILE]: rendered(certificateDocument(place)) }),
    ...luaSettings(input, `${place.policyDirectory}/${POLICY_FILE}`),
  };
}

/** The guard's modules by file name, its tables among them. They are read once. */
export const guardModules = once((): Record<string, string> => {
  const names = readdirSync(LUA_DIRECTORY).filter((name) => name.endsWith(".lua"));
  const code = names.sort().map((name) => [name, readFileSync(path.join(LUA_DIRECTORY, name), "utf8")]);
  return { ...Object.fromEntries(code), ...luaTables() };
});

/** The guard as pods get it, in one file. */
export function guardProgram(modules = guardModules()): string {
  return bundled(Object.fromEntries(Object.entries(modules).map(([name, code]) => [name, minified(code)])), GUARD_FILE);
}

/** The files that are the same for every tenant: the guard and the drain script, which are for no reader there. */
const gatewayProgram = once((): Record<string, string> => {
  const drain = readFileSync(path.join(__dirname, DRAIN_SCRIPT), "utf8").replace(/^# .*\n/gm, "");
  return { [GUARD_FILE]: guardProgram(), [DRAIN_SCRIPT]: drain };
});

const packedProgram = once(() => packed(gatewayProgram()));

/** The gateway's files that need a new pod, packed, by the archives' names. */
export function gatewayArchives(input: GatewayInput, place: Placement = POD_PLACEMENT): Record<string, Buffer> {
  checkGatewayInput(input);
  return { [PROGRAM_ARCHIVE]: packedProgram(), [CONFIG_ARCHIVE]: packed(configFiles(input, place)) };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function rendered(document: Message): string {
  return `${JSON.stringify(document)}\n`;
}
