/** Models that a tenant may use after a change and could not before. */
import { record } from "../model/json";
import type { State, Weakening } from "./weakening";

/** Models on the access lists of `after` that the same namespace's list in `before` lacks. */
export function modelWeakenings(before: State, after: State): Weakening[] {
  return after.model.tenantNamespaces().flatMap(({ name, tenant }) => {
    if (!before.model.namespaces.has(name)) return [];
    const known = allowedModels(before, name);
    return allowedModels(after, name)
      .filter((model) => !known.includes(model))
      .map((model): Weakening => ({ kind: "model", tenant, what: `Tenant ${tenant ?? name} may use model ${model}.` }));
  });
}

/** Names on the access list of a namespace: what it allows and does not deny; empty where there is no list to read. */
export function allowedModels({ model, configuration }: State, namespace: string): string[] {
  const configMap = model
    .of("ConfigMap", "")
    .find((o) => o.namespace === namespace && o.object.metadata.name === configuration.models.accessConfigMap);
  return Object.values(record(configMap?.object.data)).flatMap((text) => {
    const { allow, deny } = parse(text);
    return allow.filter((name) => !deny.includes(name));
  });
}

function parse(text: unknown): { allow: string[]; deny: string[] } {
  try {
    const document = record(JSON.parse(String(text)));
    const names = (value: unknown) => (Array.isArray(value) ? value.filter((name) => typeof name === "string") : []);
    return { allow: names(document.allow), deny: names(document.deny) };
  } catch {
    return { allow: [], deny: [] };
  }
}
