import { readArguments } from "../../components/arguments";
import { resolveArguments, resolvePoolArguments } from "../../components/spec/arguments";
import { DeclarationError, type LocatedFault } from "../../components/spec/fault";
import type { NodePoolSpec, PlatformSpec } from "../../components/spec/index";

/** The faults of an environment as the arguments of a component; none when there is none. */
export function faultsOfPlatform(spec: PlatformSpec): readonly LocatedFault[] {
  return faultsOf(() => resolveArguments(readArguments("platformArguments", "platform", spec)));
}

/** The faults of a node pool as the arguments of a component. */
export function faultsOfPool(spec: NodePoolSpec): readonly LocatedFault[] {
  return faultsOf(() => resolvePoolArguments(readArguments("nodePoolArguments", "pool", spec)));
}

function faultsOf(run: () => unknown): readonly LocatedFault[] {
  try {
    run();
    return [];
  } catch (error) {
    if (!(error instanceof DeclarationError)) throw error;
    return error.faults;
  }
}

/** A fault on one line, with the name of the tenant or node pool that it is in: `tenant hr: server.gpus: "2" is ...`. */
export function lineOf({ path, value, problem, allowed, fix }: LocatedFault, spec: PlatformSpec): string {
  const [, list, index, rest = ""] = /^(tenants|nodePools)\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
  const item = list === "tenants" ? spec.tenants[Number(index)] : spec.nodePools?.[Number(index)];
  const subject =
    list === undefined
      ? `environment ${spec.environment}: ${path}`
      : `${list === "tenants" ? "tenant" : "node pool"} ${item?.name}: ${rest}`;
  return [subject, [value, problem].filter((part) => part !== undefined).join(" "), allowed, fix]
    .filter((part) => part !== undefined)
    .join(": ");
}
