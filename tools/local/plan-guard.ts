import type { Step } from "./display/events";

/** What a tenant cannot get back: its namespace with everything in it, its models, and the keys that its clients use. */
const irreplaceable: Record<string, string> = {
  "kubernetes:core/v1:Namespace": "namespace",
  "kubernetes:core/v1:PersistentVolumeClaim": "claim",
  "random:index/randomPassword:RandomPassword": "client key",
};

/**
 * Says what a plan would take from tenants that are still declared: a namespace, claim or key that it replaces, and a namespace or claim that
 * it deletes. A key is deleted when the tenant's file names the client, or that generation of its key, no more: then the file says so.
 *
 * A policy pack cannot tell: it is shown what resources will be, and not what happens to those that are.
 *
 * @param steps Every step of the plan, unchanged resources too.
 * @returns One line for each; none when the plan takes nothing.
 */
export function takenFromTenants(steps: readonly Step[]): string[] {
  const staying = new Set(
    steps.filter(({ op, type }) => !op.startsWith("delete") && irreplaceable[type] === "namespace").map(namespaceOf),
  );
  const lines = steps.flatMap((step) => {
    const kind = irreplaceable[step.type];
    if (kind === undefined) return [];
    const isReplaced = /replace/.test(step.op);
    const isDeleted = step.op === "delete" && kind !== "client key" && staying.has(namespaceOf(step));
    if (!isReplaced && !isDeleted) return [];
    return [`${kind} ${step.urn.split("::").pop() ?? ""} would be ${isReplaced ? "replaced" : "deleted"}`];
  });
  return [...new Set(lines)];
}

/** Namespace that an object is, or is in. */
function namespaceOf({ old, new: next }: Step): string {
  const { metadata } = (old?.inputs ?? next?.inputs ?? {}) as { metadata?: { name?: string; namespace?: string } };
  return metadata?.namespace ?? metadata?.name ?? "";
}
