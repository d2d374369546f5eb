import { checkDeclaration, resolveDeclaration, type Resolved } from "./declaration";
import type { Declared } from "./declared";
import type { Draft } from "./draft";
import type { LocatedFault } from "./fault";
import { checkNodes } from "./node-pool/nodes";
import { resolveNodePool, type NodePool, type NodePoolSpec } from "./node-pool/pool";
import { collectFaults, type CheckedSource, type Origin } from "./origin";
import { below } from "./path";
import type { SecretReferences } from "./secrets";
import type { TenantSpec } from "./tenant";

/** What components take as arguments: an environment, a tenant with its environment, a node pool. */
export type ArgumentsKind = "platformArguments" | "tenantArguments" | "nodePoolArguments";

/** Arguments of a component whose shape was checked. */
export interface WrittenArguments<Kind extends ArgumentsKind = ArgumentsKind> {
  kind: Kind;
  /** Without the parts of a wrong type. */
  args: object;
  /** Where they are, for the message. */
  source: CheckedSource;
  /** Faults of their shape. */
  known: readonly LocatedFault[];
  /** Values that tenants' Secrets may refer to; absent when they are not known yet, or not needed. */
  secrets?: SecretReferences;
}

/**
 * Arguments that a compiler has seen, for a plan without a program.
 *
 * @param what What they declare, for the message.
 */
export function typedArguments<Kind extends ArgumentsKind>(
  kind: Kind,
  what: string,
  args: object,
): WrittenArguments<Kind> {
  return { kind, args, source: { file: what, locate: () => undefined, broken: [] }, known: [] };
}

/**
 * Reads the declaration that arguments make.
 *
 * @throws DeclarationError with every fault.
 */
export function resolveArguments(
  written: WrittenArguments<"platformArguments"> | WrittenArguments<"tenantArguments">,
): Resolved {
  return resolveDeclaration(declaredBy(written), collectFaults(originOf(written), written.known));
}

/**
 * Reads the pool that arguments make.
 *
 * @throws DeclarationError with every fault.
 */
export function resolvePoolArguments(written: WrittenArguments<"nodePoolArguments">): NodePool {
  const faults = collectFaults(originOf(written), written.known);
  checkDeclaration(declaredBy(written), faults.report);
  faults.throwAny();
  const pool = resolveNodePool(written.args as NodePoolSpec);
  checkNodes(pool, below("nodePools", 0), faults.report);
  faults.throwAny();
  return pool;
}

function declaredBy({ kind, args, secrets }: WrittenArguments): Declared {
  if (kind === "platformArguments") return { spec: args, isWhole: true, secrets };
  if (kind === "nodePoolArguments") return { spec: { nodePools: [args] }, isWhole: false };
  const { tenant, ...environment } = args as { tenant?: Draft<TenantSpec> };
  return { spec: { ...environment, tenants: [tenant] }, isWhole: false, secrets };
}

/** Keys of the lists in a declaration whose one item the arguments are, and where the arguments have it. */
const ONE_ITEM = {
  platformArguments: undefined,
  tenantArguments: { list: "tenants", path: ["tenant"] },
  nodePoolArguments: { list: "nodePools", path: [] },
} as const;

/** Finds values of a declaration in the arguments that it was made of. */
function originOf({ kind, source }: WrittenArguments): Origin {
  const one = ONE_ITEM[kind];
  return {
    find: (path) => {
      const [key, , ...rest] = path;
      return { source, path: one !== undefined && key === one.list ? [...one.path, ...rest] : path };
    },
  };
}
