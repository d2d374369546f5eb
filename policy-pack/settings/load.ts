/** Settings of the pack, checked as a whole before any rule runs. */
import Ajv2020, { type ErrorObject, type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { parseCidr } from "../model/addresses";
import { defaultConfiguration, type PackConfiguration } from "./settings";
import { parseMilli } from "../model/quantity";
import { settingsSchema } from "./schema";
import type { Selection } from "./selection";

/** A rule that does not block. */
export interface RuleLevel {
  level: "advisory" | "disabled";
  reason: string;
}

/** A violation that is accepted for a time. */
export interface Exemption {
  rule: string;
  /** Object as reports name it: `Kind namespace/name`. */
  object: string;
  /** Only violations of this field. Default: every field. */
  field?: string;
  reason: string;
  /** Last day on which the exemption holds, YYYY-MM-DD. */
  expires: string;
}

/** Everything that the pack is told. */
export interface PackSettings {
  configuration: PackConfiguration;
  /** Rules that do not block, by ID; all others do. */
  levels: Record<string, RuleLevel>;
  exemptions: Exemption[];
  /** Rules that are looked at. */
  selection: Selection;
}

/** Settings that are refused; the message lists every fault with path, value and what is allowed. */
export class PackConfigurationError extends Error {
  override readonly name = "PackConfigurationError";
  constructor(readonly faults: readonly string[]) {
    super(
      `the configuration of tenant-isolation has ${faults.length} fault(s):\n${faults.map((f) => `  - ${f}`).join("\n")}`,
    );
    // CrossGuard prints the stack of an error instead of its message; a stack trace would bury the faults.
    this.stack = this.message;
  }
}

/** Those of the lists of rules that were asked for: a process has one or two. */
const validators = new Map<string, ValidateFunction>();

/** Quick to make, not quick to run: what it judges is small. */
function validatorFor(ruleIds: readonly string[]): ValidateFunction {
  const key = ruleIds.join();
  const known = validators.get(key);
  if (known !== undefined) return known;
  const options = { allErrors: true, verbose: true, strict: true, inlineRefs: false, code: { optimize: false } };
  const ajv = new Ajv2020(options);
  addFormats.default(ajv);
  const made = ajv.compile(settingsSchema(ruleIds));
  validators.set(key, made);
  return made;
}

/**
 * Checks settings and fills in defaults, section by section: a property that is given replaces the default's as a
 * whole, but for `cluster.dns`, whose own properties have defaults. Throws `PackConfigurationError` listing every fault.
 */
export function loadSettings(raw: Record<string, unknown>, ruleIds: readonly string[]): PackSettings {
  const validate = validatorFor(ruleIds);
  const faults = validate(raw) ? [] : (validate.errors ?? []).flatMap(describeError);
  if (faults.length > 0) throw new PackConfigurationError([...new Set(faults)]);
  const { rules = {}, exemptions = [], selection = {}, ...sections } = raw;
  const configuration = withDns(merge(sections));
  const semantic = semanticFaults(configuration);
  if (semantic.length > 0) throw new PackConfigurationError(semantic);
  return {
    configuration,
    levels: rules as Record<string, RuleLevel>,
    exemptions: exemptions as Exemption[],
    selection: selection as Selection,
  };
}

function merge(sections: Record<string, unknown>): PackConfiguration {
  const entries = Object.entries(defaultConfiguration).map(([name, value]: [string, unknown]) => {
    const given = sections[name];
    if (given === undefined) return [name, value];
    return [name, Array.isArray(value) ? given : { ...(value as object), ...(given as object) }];
  });
  return Object.fromEntries(entries) as PackConfiguration;
}

/** What the configuration says of DNS; its port and caches have defaults of their own. */
function withDns(configuration: PackConfiguration): PackConfiguration {
  const { cluster } = configuration;
  return { ...configuration, cluster: { ...cluster, dns: { ...defaultConfiguration.cluster.dns, ...cluster.dns } } };
}

function semanticFaults({ tenants, cluster, capacity }: PackConfiguration): string[] {
  const faults: string[] = [];
  if (tenants.namespaceLabel === "" && tenants.namespacePattern === "")
    faults.push(
      "tenants: namespaceLabel and namespacePattern are both empty, so no namespace would be a tenant's; set one",
    );
  for (const [key, example] of [
    ["namespacePattern", "^tenant-(.+)$"],
    ["workspacePattern", "^tenant-(.+)-apps$"],
  ] as const)
    try {
      new RegExp(tenants[key], "u");
    } catch {
      faults.push(
        `tenants.${key}: ${JSON.stringify(tenants[key])} is no regular expression; write one such as ${JSON.stringify(example)}`,
      );
    }
  for (const name of ["podCidrs", "serviceCidrs", "nodeCidrs", "metadataCidrs", "externalCidrs"] as const)
    cluster[name].forEach((cidr, index) => {
      if (parseCidr(cidr) === undefined)
        faults.push(
          `cluster.${name}[${index}]: ${JSON.stringify(cidr)} is no range; write address/prefix length, such as 10.0.0.0/8`,
        );
    });
  for (const [key, amount] of Object.entries(capacity.ceilings))
    if (parseMilli(amount) === undefined)
      faults.push(`capacity.ceilings["${key}"]: ${JSON.stringify(amount)} is no quantity; write one such as 8 or 16Gi`);
  return faults;
}

function describeError({ instancePath, keyword, message, params, data }: ErrorObject): string[] {
  // Its inner error says the same with the name.
  if (keyword === "propertyNames") return [];
  const path = instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");
  const place = path === "" ? "" : `${path}: `;
  if (keyword === "additionalProperties")
    return [`${place}unknown key ${JSON.stringify(params.additionalProperty)}; remove it or correct its spelling`];
  if (keyword === "required") return [`${place}key ${JSON.stringify(params.missingProperty)} is missing; add it`];
  if (keyword === "enum") {
    const allowed = params.allowedValues as string[];
    const hint = allowed.length > 10 ? nearest(String(data), allowed) : `allowed: ${allowed.join(", ")}`;
    return [`${place}${JSON.stringify(data)} is not allowed; ${hint}`];
  }
  return [`${place}${JSON.stringify(data)} ${message ?? "is not allowed"}`];
}

/** The names that resemble a misspelt one, for its message. */
function nearest(name: string, names: readonly string[]): string {
  const ranked = names
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
  return `did you mean ${ranked.join(" or ")}? docs/policies.md lists all areas and rules`;
}

/** Levenshtein distance of two short texts. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
