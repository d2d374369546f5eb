import type { Fault } from "./faults";
import { formatPath, leadsTo, type Path } from "./paths";
import { showValue, withoutSecretWords } from "./show-value";
import type { ClusterSpec, ImagesSpec, IngressSpec, ModelSpec, ModelStoreSpec, NodePoolSpec, TenantSpec } from "./spec";
import type { StackSecrets } from "./stack-secrets";
import type { SourceFile } from "./yaml-file";

/**
 * A value of which every part may be missing: what is left of a file when the parts of a wrong type are taken out. The
 * checks work on it, so that one fault does not hide the others.
 */
export type Draft<T> = T extends (infer Item)[]
  ? (Draft<Item> | undefined)[]
  : T extends object
    ? { [Key in keyof T]?: Draft<T[Key]> }
    : T;

/** Keys of the program's own configuration in a stack file. */
export interface StackConfig {
  "ollama-platform:cluster": ClusterSpec;
  "ollama-platform:images": ImagesSpec;
  "ollama-platform:nodePools": NodePoolSpec[];
  "ollama-platform:models": ModelSpec[];
  "ollama-platform:modelStore": ModelStoreSpec;
  "ollama-platform:ingress": IngressSpec;
  "ollama-platform:tenants": string;
}

/** A stack file. */
export interface StackFile {
  config: StackConfig;
}

/** A tenant file. */
export interface TenantFile {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: Omit<TenantSpec, "name">;
}

/** What a check found wrong. */
export interface Finding {
  /** Way to the value. */
  path: Path;
  /** The value; absent when something is missing. */
  value?: unknown;
  /** What is wrong, beginning in lower case. */
  problem: string;
  allowed?: string;
  fix: string;
  /** Other values that the finding rests on: it is dropped when one of them is at fault itself. */
  restsOn?: Path[];
  /** Whether the position is that of the value or of its key. Default: the value. */
  at?: "key" | "value";
}

/** A file under check. */
export interface Checked<T> {
  /** File, relative to the project. */
  file: string;
  /** Its content without the parts of a wrong type. */
  draft: Draft<T>;
  /** Adds a fault to the list, unless it only follows from one that is there. */
  report(finding: Finding): void;
}

/** The files of an environment under check. */
export interface PlatformDraft {
  /** Name of the environment. */
  environment: string;
  stack: Checked<StackFile>;
  /** What the stack's config has for tenants' secrets. */
  secrets: StackSecrets;
  tenants: Checked<TenantFile>[];
}

/** Turns a finding into a fault with its place. */
export function faultOf(source: SourceFile, finding: Finding): Fault {
  return {
    file: source.file,
    path: withoutSecretWords(formatPath(finding.path)),
    ...source.locate(finding.path, finding.at ?? "value"),
    ...("value" in finding ? { value: showValue(finding.value, finding.path) } : {}),
    problem: withoutSecretWords(finding.problem),
    allowed: finding.allowed,
    fix: withoutSecretWords(finding.fix),
  };
}

/**
 * A file under check.
 *
 * @param source The file.
 * @param draft Its content without the parts of a wrong type.
 * @param broken Ways to values that are already known to be at fault.
 * @param faults List that findings are added to.
 */
export function checkedFile<T>(
  source: SourceFile,
  draft: Draft<T>,
  broken: readonly Path[],
  faults: Fault[],
): Checked<T> {
  const isBroken = (path: Path) => broken.some((outer) => leadsTo(outer, path));
  return {
    file: source.file,
    draft,
    report: (finding) => {
      if (![finding.path, ...(finding.restsOn ?? [])].some(isBroken)) faults.push(faultOf(source, finding));
    },
  };
}

/** Way to a value of the stack file, for example `stackPath("models", 0, "name")`. */
export function stackPath(
  key: "cluster" | "images" | "nodePools" | "models" | "modelStore" | "ingress" | "tenants",
  ...rest: Path
): Path {
  return ["config", `ollama-platform:${key}`, ...rest];
}

/** Items of a list that are there, each with its index. */
export function present<T>(list: readonly (T | undefined)[] | undefined): { item: T; index: number }[] {
  return (list ?? []).flatMap((item, index) => (item === undefined ? [] : [{ item, index }]));
}
