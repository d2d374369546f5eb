import * as pulumi from "@pulumi/pulumi";
import { normalizeStack, normalizeTenant } from "./config/normalize";
import { validateSchema } from "./config/validate-schema";
import type { ArgumentsKind, WrittenArguments } from "./spec/arguments";
import type { Draft } from "./spec/draft";
import type { ModelStoreSpec, NodePoolSpec, TenantSpec } from "./spec/index";
import { locate } from "./spec/origin";
import type { Path } from "./spec/path";

/**
 * Reads a component's arguments, which come from programs in any language: no compiler may have seen their types.
 *
 * Every name, label and selector of the plan has to be known at preview, and none may be secret. So an argument that
 * is a secret, or an output of another resource, is a fault, in whatever language it was written. The one argument that
 * is made of secrets, `secretValues`, is looked at for its names only.
 *
 * @param kind What the arguments are.
 * @param component Token and name of the component, for the message.
 * @param options `makesSecrets`: whether the component makes tenants' Secrets, which need a value for each reference.
 * @returns The arguments without `secretValues`, as texts and numbers of the specification: `auto` is absent, a quantity
 *   is a text. With them the faults of their shape, for `resolveArguments`, which adds every other.
 */
export function readArguments<Kind extends ArgumentsKind>(
  kind: Kind,
  component: string,
  args: object,
  { makesSecrets = false } = {},
): WrittenArguments<Kind> {
  const outputs: Path[] = [];
  const value = withoutOutputs(kind === "nodePoolArguments" ? args : withoutSecretValues(args), [], outputs);
  const source = { file: component, value, locate: () => undefined };
  const { draft, faults, broken } = validateSchema<object>(kind, source, outputs);
  const unreadable = outputs.map((path) =>
    locate(source, {
      path,
      problem: "is a secret, or an output of another resource",
      allowed: "a plain value that is known at preview",
      fix: "write the value itself; nothing that is a secret belongs into these arguments",
    }),
  );
  return {
    kind,
    args: normalize(kind, draft),
    source: { ...source, broken },
    known: [...unreadable, ...faults],
    ...(makesSecrets && referencesOf(args ?? {})),
  };
}

/** Names of the values that are handed in; nothing when they are an output, as from a program in another language. */
function referencesOf({ secretValues = {} }: { secretValues?: object }): Pick<WrittenArguments, "secrets"> {
  if (pulumi.Output.isInstance(secretValues)) return {};
  const advice = (name: string) => `add \`${name}\` to \`secretValues\``;
  return { secrets: { encrypted: Object.keys(secretValues), clear: [], advice } };
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
