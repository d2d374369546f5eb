import type { IsolationLevel } from "../spec/index";

/** Names the tenant that an object belongs to. */
export const TENANT_LABEL = "ollama-platform.io/tenant";
/** Names the isolation level of the tenant. */
export const ISOLATION_LEVEL_LABEL = "ollama-platform.io/isolation-level";
/** Set by the API server to the namespace's own name: the one label that no tenant can edit. */
export const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

/** What an object is for: the value of `app.kubernetes.io/component`. */
export type Component =
  | "tenant"
  | "access"
  | "network"
  | "quota"
  | "server"
  | "gateway"
  | "models"
  | "node-pool"
  | "configuration"
  | "guard"
  | "monitor"
  | "limits";

const COMMON = {
  "app.kubernetes.io/part-of": "ollama-platform",
  "app.kubernetes.io/managed-by": "pulumi",
};

/** Labels of an object that belongs to the whole environment. */
export function platformLabels(component: Component): Record<string, string> {
  return { ...COMMON, "app.kubernetes.io/component": component };
}

/** Labels of an object that belongs to one tenant. */
export function tenantLabels(
  tenant: { name: string; isolationLevel: IsolationLevel },
  component: Component,
): Record<string, string> {
  return {
    ...platformLabels(component),
    [TENANT_LABEL]: tenant.name,
    [ISOLATION_LEVEL_LABEL]: tenant.isolationLevel,
  };
}

/**
 * Labels that select a tenant's server pods, and nothing else. A Deployment's selector can never change, so only
 * labels that are fixed for the tenant's life are in it.
 */
export function serverSelector(tenant: { name: string }): Record<string, string> {
  return { "app.kubernetes.io/name": SERVER_APP_NAME, [TENANT_LABEL]: tenant.name };
}

const SERVER_APP_NAME = "ollama";

/** Annotation of objects that Pulumi does not wait for: they are ready when something else is, which may be never. */
export const NO_AWAIT_ANNOTATION = { "pulumi.com/skipAwait": "true" };
