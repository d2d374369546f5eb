import { PLATFORM_NAMESPACE, tenantNamespace } from "../../spec/names";
import { all, celText } from "./cel";
import type { Named } from "./concern";
import { byUser, SYSTEM_USERS } from "./users";

/** Beginning of the names of tenants' namespaces: reserved, so that a namespace is guarded before anybody has heard of it. */
export const RESERVED_PREFIX = tenantNamespace("");

/** Whether a text, given as CEL, is the name of a guarded namespace. */
export function isGuarded(name: string): string {
  return `${name}.startsWith(${celText(RESERVED_PREFIX)}) || ${name} == ${celText(PLATFORM_NAMESPACE)}`;
}

/** Requests in tenants' namespaces and in the platform's. */
export const IN_GUARDED_NAMESPACE: Named = {
  name: "in-a-guarded-namespace",
  expression: all("has(request.namespace)", isGuarded("request.namespace")),
};

/** Requests of everybody but the deployers. */
export function notByDeployers(deployers: readonly string[]): Named {
  return { name: "not-by-a-deployer", expression: `!(${byUser(deployers)})` };
}

/** Requests of everybody but the deployers and Kubernetes itself. */
export function notByDeployersOrSystem(deployers: readonly string[]): Named {
  return { name: "not-by-a-deployer-or-kubernetes", expression: `!(${byUser([...deployers, ...SYSTEM_USERS])})` };
}

/** The namespace of the request; for concerns whose requests all have one. */
export const NAMESPACE: Named = { name: "namespace", expression: "request.namespace" };
/** The object after the request, without the API's types: kinds and versions differ in them. */
export const NEW: Named = { name: "after", expression: "dyn(object)" };
/** The object before the request. */
export const OLD: Named = { name: "before", expression: "dyn(oldObject)" };

/** Whether a part of the object is after the request what it was before. */
export function unchanged(part: string): string {
  return `variables.after.?${part} == variables.before.?${part}`;
}
