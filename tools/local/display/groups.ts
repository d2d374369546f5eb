import type { Step, StepState } from "./events";

/** Part of the platform that people think in: `tenant hr`, `model store`, `node pool finance-gpu`, `admission guard`, `platform`. */
export type Group = string;

/** Where resources belong that are in no part of their own. */
export const wholePlatform: Group = "platform";

/**
 * Name of the resource that a URN is of, and its type. A URN is `urn:pulumi:<stack>::<project>::<types of the ancestors>$<type>::<name>`.
 */
function ofUrn(urn: string): { type: string; name: string } {
  const [, , types = "", ...names] = urn.split("::");
  return { type: types.split("$").pop() ?? "", name: names.join("::") };
}

/** The part that a step's resource belongs to, by the component that holds it. */
export function groupOf({ urn, old, new: next }: Pick<Step, "urn" | "old" | "new">): Group {
  const parent = parentOf(next) ?? parentOf(old);
  const { type, name } = ofUrn(parent ?? urn);
  const component = /^ollama-platform:index:(\w+)$/.exec(type)?.[1];
  const inputs = next?.inputs ?? old?.inputs;
  switch (component) {
    case "OllamaServer":
      return `tenant ${withoutPrefix(name.replace(/-server$/, ""), "tenant")}`;
    case "Tenant":
      return `tenant ${withoutPrefix(name, "tenant")}`;
    case "GpuNodePool":
      return `node pool ${nameIn(inputs) ?? withoutPrefix(name, "pool")}`;
    case "ModelStore":
      return "model store";
    case "AdmissionGuard":
      return "admission guard";
    default:
      return wholePlatform;
  }
}

const parentOf = (state: StepState | null | undefined): string | undefined =>
  state?.parent === undefined || state.parent === "" ? undefined : state.parent;

/** `hr` of `ollama-tenant-hr`: names of components begin with that of the platform's component. */
function withoutPrefix(name: string, kind: string): string {
  const at = name.indexOf(`${kind}-`);
  return at === -1 ? name : name.slice(at + kind.length + 1);
}

function nameIn(inputs: Record<string, unknown> | undefined): string | undefined {
  return (inputs as { metadata?: { name?: string } } | undefined)?.metadata?.name;
}

/** An object of the cluster, or what the engine keeps itself, as people name it: `Deployment ollama`, `client key portal`. */
export function titleOf({ urn, type, old, new: next }: Pick<Step, "urn" | "type" | "old" | "new">): string {
  const kind = type.split(":").pop() ?? type;
  const known = nameIn(next?.inputs) ?? nameIn(old?.inputs);
  if (known !== undefined) return `${kind} ${known}`;
  const { name } = ofUrn(urn);
  const key = /-client-(.+)-key-\d+$/.exec(name)?.[1];
  return key === undefined ? `${kind} ${name}` : `client key ${key}`;
}

/** Whether a step is about something that exists: an object or a key, and no frame around some. */
export const isObject = ({ type }: Pick<Step, "type">): boolean => /^(kubernetes|random):/.test(type);
