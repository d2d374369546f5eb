import type { ApiObject } from "./api";

/** An object that a stack manages, as its last update declared it. */
export interface DeclaredObject {
  object: ApiObject;
  /** Name under which the stack's provider applies it. */
  fieldManager: string;
}

/** What the state of a stack says about its objects. */
export interface Declared {
  /** In the order in which they depend on each other. */
  objects: DeclaredObject[];
  /** Identity of the cluster that they are in. Absent when an older program made the last update. */
  clusterIdentity?: string;
  /** Context of the kubeconfig that the provider uses. Default: the current one. */
  context?: string;
}

interface StateResource {
  type: string;
  custom: boolean;
  external?: boolean;
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/**
 * Reads the output of `pulumi stack export --show-secrets`.
 *
 * @throws Error when it is not such an output.
 */
export function declaredObjects(exported: string): Declared {
  const { deployment } = JSON.parse(exported) as { deployment?: { resources?: StateResource[] } };
  if (deployment === undefined) throw new Error("the export of the stack holds no deployment");
  const resources = deployment.resources ?? [];
  const typed = (type: string) => resources.find((resource) => resource.type === type);
  const outputs = typed("pulumi:pulumi:Stack")?.outputs ?? {};
  const provider = typed("pulumi:providers:kubernetes")?.inputs ?? {};
  return {
    objects: resources.filter(isManagedObject).map(({ inputs, outputs: live = {} }) => ({
      object: withoutInternals(decrypted(inputs) as ApiObject),
      fieldManager: String(live["__fieldManager"] ?? ""),
    })),
    ...(typeof outputs["clusterIdentity"] === "string" ? { clusterIdentity: outputs["clusterIdentity"] } : {}),
    ...(typeof provider["context"] === "string" ? { context: provider["context"] } : {}),
  };
}

function isManagedObject({ type, custom, external, delete: isLeaving, inputs, outputs }: StateResource): boolean {
  const isObject = type.startsWith("kubernetes:") && custom && inputs?.["apiVersion"] !== undefined;
  return isObject && external !== true && isLeaving !== true && outputs?.["__fieldManager"] !== undefined;
}

/** Key and value by which the engine marks a secret in a state. */
const secretMark = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"] as const;

/** A value of the state with the plain texts of its secrets. */
function decrypted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decrypted);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  if (fields[secretMark[0]] === secretMark[1]) {
    if (typeof fields["plaintext"] !== "string")
      throw new Error("the export of the stack holds encrypted values: export it with --show-secrets");
    return decrypted(JSON.parse(fields["plaintext"]));
  }
  return Object.fromEntries(Object.entries(fields).map(([name, inner]) => [name, decrypted(inner)]));
}

/** The provider's own notes are no fields of the object. */
function withoutInternals(object: ApiObject): ApiObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !name.startsWith("__"))) as ApiObject;
}
