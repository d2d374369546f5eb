import * as pulumi from "@pulumi/pulumi";
import { normalizeStack, normalizeTenant } from "./config/normalize";
import type { ArgumentsKind } from "./config/schemas";
import type { ModelStoreSpec, NodePoolSpec, TenantSpec } from "./spec/index";
import { validateSchema } from "./config/validate-schema";
import { checkDeclaration } from "./spec/declaration";
import type { Declared } from "./spec/declared";
import type { Draft } from "./spec/draft";
import { collectFaults, locate, type CheckedSource, type Origin } from "./spec/origin";
import type { Path } from "./spec/path";

/**
 * Checks a component's arguments, which come from programs in any language: no compiler may have seen their types.
 *
 * Every name, label and selector of the plan has to be known at preview, and none may be secret. So an argument that
 * is a secret, or an output of another resource, is a fault, in whatever language it was written. The one argument that
 * is made of secrets, `secretValues`, is looked at for its names only. What is checked is what is checked of files, in the same words.
 *
 * @param kind What the arguments are.
 * @param component Token and name of the component, for the message.
 * @param options `makesSecrets`: whether the component makes tenants' Secrets, which need a value for each reference.
 * @returns The arguments without `secretValues`, as texts and numbers of the specification: `auto` is absent, a quantity
 *   is a text.
 * @throws DeclarationError, which the engine prints without a stack trace, with every fault of the arguments.
 */
export function readArguments<T extends object>(
  kind: ArgumentsKind,
  component: string,
  args: T,
  { makesSecrets = false } = {},
): Omit<T, "secretValues"> {
  const outputs: Path[] = [];
  const value = withoutOutputs(kind === "nodePoolArguments" ? args : withoutSecretValues(args), [], outputs);
  const source = { file: component, value, locate: () => undefined };
  const { draft, faults: known, broken } = validateSchema<T>(kind, source, outputs);
  const unreadable = outputs.map((path) =>
    locate(source, {
      path,
      problem: "is a secret, or an output of another resource",
      allowed: "a value in clear that is known at preview",
      fix: "write the value itself; nothing that is a secret belongs into these arguments",
    }),
  );
  const normal = normalize(kind, draft);
  const faults = collectFaults(originOf(kind, { ...source, broken }), [...unreadable, ...known]);
  checkDeclaration({ ...declaredBy(kind, normal), ...(makesSecrets && referencesOf(args ?? {})) }, faults.report);
  faults.throwAny();
  return normal as T;
}

/** The declaration that arguments make. */
function declaredBy(kind: ArgumentsKind, args: object): Declared {
  if (kind === "platformArguments") return { spec: args, isWhole: true };
  if (kind === "nodePoolArguments") return { spec: { nodePools: [args] }, isWhole: false };
  const { tenant, ...environment } = args as { tenant?: Draft<TenantSpec> };
  return { spec: { ...environment, tenants: [tenant] }, isWhole: false };
}

/** Names of the values that are handed in; nothing when they are an output, as from a program in another language. */
function referencesOf({ secretValues = {} }: { secretValues?: object }): Pick<Declared, "secrets"> {
  if (pulumi.Output.isInstance(secretValues)) return {};
  const advice = (name: string) => `add \`${name}\` to \`secretValues\``;
  return { secrets: { encrypted: Object.keys(secretValues), clear: [], advice } };
}

/** Finds values of a declaration in the arguments that it was made of. */
function originOf(kind: ArgumentsKind, source: CheckedSource): Origin {
  const list = { platformArguments: undefined, tenantArguments: "tenants", nodePoolArguments: "nodePools" }[kind];
  const base = kind === "tenantArguments" ? ["tenant"] : [];
  return {
    find: (path) => {
      const [key, , ...rest] = path;
      return { source, path: list !== undefined && key === list ? [...base, ...rest] : path };
    },
  };
}

function withoutSecretValues(args: object): object {
  return Object.fromEntries(Object.entries(args ?? {}).filter(([key]) => key !== "secretValues"));
}

/** A copy without outputs and promises; `found` receives the ways to them. */
function withoutOutputs(value: unknown, path: Path, found: Path[]): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) {
    found.push(path);
    return undefined;
  }
  if (Array.isArray(value)) return value.map((item, index) => withoutOutputs(item, [...path, index], found));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      const copy = withoutOutputs(item, [...path, key], found);
      return copy === undefined ? [] : [[key, copy]];
    }),
  );
}

/** Arguments of all kinds, as far as quantities are concerned. */
interface Quantities {
  tenant?: TenantSpec;
  tenants?: TenantSpec[];
  nodePools?: NodePoolSpec[];
  modelStore?: ModelStoreSpec;
}

function normalize(kind: ArgumentsKind, args: object): object {
  if (kind === "nodePoolArguments") return normalizePools([args as NodePoolSpec])[0] ?? args;
  const { tenant, tenants, nodePools, modelStore, ...rest } = args as Quantities;
  return {
    ...rest,
    ...(nodePools && { nodePools: normalizePools(nodePools) }),
    ...(modelStore && { modelStore: normalizeStore(modelStore) }),
    ...(tenant && { tenant: normalizeOne(tenant) }),
    ...(tenants && { tenants: tenants.map(normalizeOne) }),
  };
}

const normalizeOne = (tenant: TenantSpec) => normalizeTenant({ spec: tenant as Draft<TenantSpec> }).spec as TenantSpec;

const normalizePools = (pools: NodePoolSpec[]) =>
  normalizeStack({ config: { "ollama-platform:nodePools": pools } }).config?.[
    "ollama-platform:nodePools"
  ] as NodePoolSpec[];

const normalizeStore = (store: ModelStoreSpec) =>
  normalizeStack({ config: { "ollama-platform:modelStore": store } }).config?.[
    "ollama-platform:modelStore"
  ] as ModelStoreSpec;
