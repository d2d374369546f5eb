/** The guard's tables as Lua modules, written from the TypeScript ones so that each fact stands once. */
import { BUDGET_KINDS } from "./budgets";
import { ERROR_TYPES } from "./errors";
import type { GatewayInput } from "./input";
import type { SurfaceRoute } from "./routes";
import { API_PREFIXES, apiOf, boundFields, HOSTED_TOOLS, REFUSED_FIELDS, SAMPLING, SURFACE } from "./routes";

/** A value that Lua can be given: text, numbers, truth, lists and tables by name. */
type LuaValue = string | number | boolean | LuaValue[] | { [name: string]: LuaValue | undefined };

/**
 * What differs between tenants, as a module by its file name.
 *
 * @param policyFile Path of the policy's file.
 */
export function luaSettings({ tenant, sharedLimits }: GatewayInput, policyFile: string): Record<string, string> {
  const shared = sharedLimits && {
    when_away: sharedLimits.whenUnavailable === "countPerReplica" ? "count" : "refuse",
    grace_s: sharedLimits.graceSeconds,
  };
  return { "settings.lua": moduleOf({ tenant, policy_file: policyFile, shared }) };
}

/** The modules that are the same for every tenant, by file name. */
export function luaTables(): Record<string, string> {
  return {
    "kinds.lua": moduleOf(BUDGET_KINDS as unknown as LuaValue),
    "errors.lua": moduleOf(ERROR_TYPES as unknown as LuaValue),
    "routes.lua": moduleOf({
      routes: Object.fromEntries(SURFACE.map((route) => [route.name, routeTable(route)])),
      prefixes: API_PREFIXES.map(({ prefix, api }) => ({ prefix, api })),
      sampling: set(SAMPLING),
      refused: set(REFUSED_FIELDS),
      bound: set(boundFields()),
      hosted_tools: HOSTED_TOOLS,
    }),
  };
}

function routeTable(route: SurfaceRoute): LuaValue {
  return {
    api: apiOf(route.path),
    fields: route.fields && set(route.fields),
    parts:
      route.parts && Object.fromEntries(Object.entries(route.parts).map(([name, members]) => [name, set(members)])),
    options: route.options,
    old_name: route.oldName,
    output_limit: route.outputLimit,
    counted: route.counted,
    usage: route.usage,
    event_lines: route.eventLines ?? 1,
    usage_option: route.usageOption,
    list: route.list && { ...route.list, names: set(route.list.names) },
    single: route.single,
    show: route.show,
  };
}

const set = (names: string[]): Record<string, true> => Object.fromEntries(names.map((name) => [name, true]));

const moduleOf = (value: LuaValue): string => `return ${written(value)}\n`;

/** A value as Lua's source text. Texts are plain ASCII, whose escapes JSON and Lua share. */
function written(value: LuaValue): string {
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Array.isArray(value)
    ? value.map((item) => written(item))
    : Object.entries(value).flatMap(([name, item]) => (item === undefined ? [] : [`${key(name)}=${written(item)}`]));
  return `{${entries.join()}}`;
}

const key = (name: string): string => (/^\d+$/.test(name) ? `[${name}]` : `[${JSON.stringify(name)}]`);
