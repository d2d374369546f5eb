/** Whoever can hold rights: users, groups and service accounts, each written the way bindings and messages name it. */
import { type Subject, UNKNOWN } from "../../model/kubernetes";

/** `User name`, `Group name` or `ServiceAccount namespace/name`. */
export type Principal = string;

export const AUTHENTICATED: Principal = "Group system:authenticated";
export const UNAUTHENTICATED: Principal = "Group system:unauthenticated";
export const ANONYMOUS: Principal = "User system:anonymous";
/** The group that the API server lets do anything; it stands for the platform as a whole. */
export const MASTERS: Principal = "Group system:masters";
/** The kubelets. Whoever owns a node owns every pod that is placed on it. */
export const NODES: Principal = "Group system:nodes";
/** Every service account. */
export const ALL_ACCOUNTS: Principal = "Group system:serviceaccounts";

/** Whom a request without, or with anybody's, credentials is made as. */
export const anyone: readonly Principal[] = [UNAUTHENTICATED, ANONYMOUS, AUTHENTICATED, ALL_ACCOUNTS];

export function user(name: string): Principal {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  return account === null ? `User ${name}` : serviceAccount(account[1] ?? "", account[2] ?? "");
}

export function group(name: string): Principal {
  return `Group ${name}`;
}

export function serviceAccount(namespace: string, name: string): Principal {
  return `ServiceAccount ${namespace}/${name}`;
}

/** Namespace of a service account, or of the group of all accounts of a namespace; undefined for the others. */
export function accountNamespace(principal: Principal): string | undefined {
  return /^ServiceAccount ([^/]+)\//.exec(principal)?.[1] ?? /^Group system:serviceaccounts:(.+)$/.exec(principal)?.[1];
}

/** The groups that Kubernetes adds to everybody's own. */
export function groupsOf(principal: Principal): Principal[] {
  if (principal === ANONYMOUS) return [UNAUTHENTICATED];
  if (principal === UNAUTHENTICATED || principal === AUTHENTICATED) return [];
  const namespace = accountNamespace(principal);
  if (namespace === undefined) return [AUTHENTICATED];
  const ofNamespace = group(`system:serviceaccounts:${namespace}`);
  return [...(principal === ofNamespace ? [] : [ofNamespace]), ALL_ACCOUNTS, AUTHENTICATED];
}

/**
 * The principal of a binding's subject, as `subjectsOf` reads it. A subject that is unknown may be anybody; one that the
 * API server refuses, such as a service account without a namespace, is nobody.
 */
export function principalOf({ kind, name, namespace }: Subject): Principal | undefined {
  if (name === undefined || name === UNKNOWN || kind === undefined || kind === UNKNOWN || namespace === UNKNOWN)
    return AUTHENTICATED;
  if (kind === "User") return user(name);
  if (kind === "Group") return group(name);
  return kind === "ServiceAccount" && namespace !== undefined ? serviceAccount(namespace, name) : undefined;
}
