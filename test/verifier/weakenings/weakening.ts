/**
 * Hand-made weakenings of a running platform, made by a table: everything that isolates tenants, changed, taken away, or joined
 * by something that opens it. All of them stand in the cluster at once.
 */
import type { Call } from "../acts";

/** A weakening that must be found. */
export interface Weakening {
  what: string;
  act: Call;
  /** What the ID of the result that finds it looks like: the object, and for what was made by hand a rule. */
  found: RegExp;
  /** What the result has to tell: the field, and who wrote it where someone did. */
  told: RegExp[];
}

/** Text of a regular expression that means the text itself. */
const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
const drift = (kind: string, namespace: string, name: string): RegExp =>
  new RegExp(`^drift/${literally(`${kind} ${place(namespace)}${name}`)}$`);

const where = (namespace: string): string[] => (namespace === "" ? [] : ["--namespace", namespace]);
const place = (namespace: string): string => (namespace === "" ? "" : `${namespace}/`);

/** A field of a declared object that is changed, by JSON patch. */
export const changed = (
  kind: string,
  resource: string,
  namespace: string,
  name: string,
  field: string,
  ...operations: object[]
): Weakening => ({
  what: `${field} of ${kind} ${place(namespace)}${name}`,
  act: {
    args: ["patch", resource, name, ...where(namespace), "--type=json", "--patch", JSON.stringify(operations)],
  },
  found: drift(kind, namespace, name),
  told: [
    new RegExp(literally(field)),
    // Of what was taken away the API server does not say by whom.
    ...(operations.some((operation) => (operation as { op: string }).op !== "remove") ? [/, by kubectl/] : []),
  ],
});
export const put = (path: string, value: unknown) => ({ op: "add", path, value });
export const taken = (path: string) => ({ op: "remove", path });

/** A declared object that is deleted. */
export const gone = (kind: string, resource: string, namespace: string, name: string): Weakening => ({
  what: `${kind} ${place(namespace)}${name} deleted`,
  act: { args: ["delete", resource, name, ...where(namespace), "--wait=false"] },
  found: drift(kind, namespace, name),
  told: [/it is gone/],
});

/** An object that is made by hand, which a rule sees. */
export const made = (kind: string, object: Record<string, unknown>): Weakening => {
  const { name, namespace = "" } = object["metadata"] as { name: string; namespace?: string };
  return {
    what: `${kind} ${place(namespace)}${name} made`,
    act: { args: ["create"], input: { kind, ...object } },
    found: new RegExp(`^rules/\\S+ ${literally(`${kind} ${place(namespace)}${name}`)}( |$)`),
    told: [],
  };
};

export const FINANCE = "tenant-finance";
export const HR = "tenant-hr";
export const PLATFORM = "ollama-platform-system";

/** A key as a JSON pointer has it. */
export const escape = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");
