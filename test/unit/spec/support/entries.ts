/** The two entries of a declaration, tried with the same environment. */
import { strict as assert } from "node:assert";
import { readArguments } from "../../../../components/arguments";
import { resolveArguments, resolvePoolArguments, type ArgumentsKind } from "../../../../components/spec/arguments";
import { DeclarationError, type LocatedFault } from "../../../../components/spec/fault";
import type { YamlDocument } from "../../../support/project";
import type { Words } from "./whole";

/** Files of an environment named `test`, as values; a test reaches into them freely. */
export interface Files {
  /** Values of the `ollama-platform:` keys of Pulumi.test.yaml. */
  config: YamlDocument;
  /** Tenant files by name without ending. */
  tenants: Record<string, YamlDocument>;
}

/** A fault with its path in the declaration, whichever entry found it. */
export interface PlacedFault extends Words {
  place: string;
}

/**
 * Asserts that an environment is refused as the arguments of a component in the same words and at the same places as
 * it is as files.
 *
 * @param files The environment.
 * @param faults What loading the files reports.
 * @returns The faults, but for those that only files can have.
 */
export function assertParity(files: Files, faults: readonly LocatedFault[]): PlacedFault[] {
  const placed = sorted(faults.flatMap(placedByFile));
  if (isComparable(files)) assert.deepEqual(faultsOfArguments(files), placed);
  return placed;
}

/** Whether every file is read and has a tenant of its own: otherwise there is no argument for it. */
function isComparable({ config, tenants }: Files): boolean {
  const list = Object.values(tenants);
  if (!["tenants/test", undefined].includes(config.tenants) || !list.every(isTenant)) return false;
  return new Set(list.map(({ metadata }) => metadata.name)).size === list.length;
}

function isTenant(file: YamlDocument): boolean {
  const isMapping = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  return isMapping(file) && isMapping(file.spec) && isMapping(file.metadata);
}

/** What only a file can be wrong in: its frame, its name, and the folder. */
const OF_THE_FILE = [/^(apiVersion|kind|metadata|spec)?$/, /^metadata\.(?!name)/];

function placedByFile({ file, path, ...fault }: LocatedFault): PlacedFault[] {
  const tenant = /^tenants\/test\/(.+)\.yaml$/.exec(file)?.[1];
  if (tenant === undefined) {
    const own = path.replace("config.ollama-platform:", "");
    // How tenants are spread over stacks is said in a stack file only.
    const allowed = fault.allowed?.replace("`ollama-platform:tenantStacks`, ", "");
    return own === "tenants" ? [] : [{ place: own, ...wordsOf({ ...fault, allowed }) }];
  }
  // A path that has a secret in it is not shown at all.
  if (path === "(not shown)") return [{ place: path, ...wordsOf(fault) }];
  if (OF_THE_FILE.some((own) => own.test(path)) || /name of the file/.test(fault.problem)) return [];
  const inside = path === "metadata.name" ? "name" : path.replace(/^spec\.?/, "");
  return [{ place: `tenant ${tenant}: ${inside}`, ...wordsOf(fault) }];
}

function faultsOfArguments(files: Files): PlacedFault[] {
  const names = tenantNames(files);
  return sorted(faultsOfComponent("platformArguments", argumentsOf(files)).map((one) => placedByArgument(one, names)));
}

/** The faults of a tenant of the environment that is declared by itself. */
export function faultsOfTenantAlone(files: Files, tenant: string): readonly LocatedFault[] {
  const { tenants, ...environment } = argumentsOf(files);
  return faultsOfComponent("tenantArguments", { ...environment, tenant: tenants[tenantNames(files).indexOf(tenant)] });
}

/** The faults of a node pool of the environment that is declared by itself. */
export function faultsOfPoolAlone({ config }: Files, index: number): readonly LocatedFault[] {
  return faultsOfComponent("nodePoolArguments", withoutAbsent(config.nodePools[index]));
}

/** The faults of a component's arguments, as its constructor finds them before it registers anything. */
function faultsOfComponent(kind: ArgumentsKind, args: YamlDocument): readonly LocatedFault[] {
  try {
    if (kind === "nodePoolArguments") resolvePoolArguments(readArguments(kind, "test", args));
    else resolveArguments(readArguments(kind, "test", args, { makesSecrets: true }));
    return [];
  } catch (error) {
    if (!(error instanceof DeclarationError)) throw error;
    return error.faults;
  }
}

function placedByArgument({ path, ...fault }: LocatedFault, names: string[]): PlacedFault {
  const place = path.replace(/^tenants\[(\d+)\]\.?/, (_, index: string) => `tenant ${names[Number(index)]}: `);
  // The names of a tenant and of the environment are keys of the arguments, and stand elsewhere in files.
  const allowed = fault.allowed
    ?.replace("`isolationLevel`, `models`, `name`, ", "`isolationLevel`, `models`, ")
    .replace("`cluster`, `environment`, ", "`cluster`, ");
  return { place, ...wordsOf({ ...fault, allowed }) };
}

/** What to do so that a secret has a value depends on where the values are, and the keys of a stack file have a prefix. */
function wordsOf({ value, problem, allowed, fix }: Words): Words {
  return {
    problem,
    fix: /pulumi config set --secret|secretValues/.test(fix) ? "give it a value" : fix.replace("ollama-platform:", ""),
    ...(value === undefined ? {} : { value }),
    ...(allowed === undefined ? {} : { allowed: allowed.replaceAll("ollama-platform:", "") }),
  };
}

function argumentsOf(files: Files): YamlDocument {
  const tenants = tenantNames(files).map((name) => {
    const file = files.tenants[name];
    return { name: file?.metadata?.name, ...file?.spec };
  });
  return withoutAbsent({ environment: "test", ...files.config, tenants });
}

/** Names of the files, in the order in which they are read. */
function tenantNames({ tenants }: Files): string[] {
  return Object.keys(tenants).sort();
}

/** A copy without keys that are undefined, as files have none. */
function withoutAbsent(value: YamlDocument): YamlDocument {
  return JSON.parse(JSON.stringify(value)) as YamlDocument;
}

function sorted(faults: PlacedFault[]): PlacedFault[] {
  const key = ({ place, problem }: PlacedFault) => `${place}\n${problem}`;
  return [...faults].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

// The schemas are compiled here, and not in the time of the first test.
for (const kind of ["platformArguments", "tenantArguments", "nodePoolArguments"] as const) faultsOfComponent(kind, {});
