/** Acts on a cluster and their twins, as data: judged without a cluster, and tried on a real one. */

/** An object as loosely typed JSON. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

/** Who acts. */
export interface Who {
  username: string;
  groups?: string[];
  /** Whether they have no rights but their groups'. Default: on a live cluster they may do everything, so that the guard alone refuses. */
  plain?: boolean;
}

/** One request to the API server. */
export interface Act {
  who: Who;
  operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  /** The object, or for CONNECT the options; absent for DELETE. */
  object?: Loose;
  /** Kind and version of what the request sends. */
  apiVersion: string;
  kind: string;
  resource: string;
  /** Group and version of the resource; the object's where nothing is said. */
  resourceVersion?: string;
  subresource?: string;
  namespace?: string;
  name: string;
  /** Changes the object as the cluster has it, for UPDATE. */
  edit?: (object: Loose) => void;
  /** The object before the request, for UPDATE and DELETE: what the judge is given, and what a live cluster has. */
  before?: Loose;
}

/** An act that the guard has to refuse, and its twin, which differs in one thing and passes. */
export interface Case {
  title: string;
  act: Act;
  twin: Act;
}

/** An administrator: all rights, and no deployer. */
export const ADMIN: Who = { username: "ada", groups: ["system:masters", "system:authenticated"] };
/** The user that deploys the platform. */
export const DEPLOYER: Who = { username: "deployer", groups: ["system:masters", "system:authenticated"] };

/** A controller of Kubernetes, as it acts with an account of its own. */
export function controller(name: string): Who {
  return {
    username: `system:serviceaccount:kube-system:${name}`,
    groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
  };
}

/** The resource of a kind. */
export function resourceOf(kind: string): string {
  if (kind === "Endpoints") return "endpoints";
  const name = kind.toLowerCase();
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|x)$/.test(name) ? `${name}es` : `${name}s`;
}

function base(object: Loose): Pick<Act, "apiVersion" | "kind" | "resource" | "namespace" | "name" | "who"> {
  const { apiVersion, kind, metadata } = object;
  return {
    who: ADMIN,
    apiVersion,
    kind,
    resource: resourceOf(kind),
    namespace: metadata.namespace,
    name: metadata.name,
  };
}

/** Creates an object. */
export function create(object: Loose, over: Partial<Act> = {}): Act {
  return { ...base(object), operation: "CREATE", object, ...over };
}

/** Changes an object. */
export function update(before: Loose, edit: (object: Loose) => void, over: Partial<Act> = {}): Act {
  return { ...base(before), operation: "UPDATE", before, edit, ...over };
}

/** Deletes an object. */
export function remove(before: Loose, over: Partial<Act> = {}): Act {
  return { ...base(before), operation: "DELETE", before, ...over };
}

/** Opens a connection by a subresource. */
export function connect(
  resource: string,
  subresource: string,
  place: { namespace?: string; name: string },
  options: Loose,
  over: Partial<Act> = {},
): Act {
  return {
    who: ADMIN,
    operation: "CONNECT",
    apiVersion: "v1",
    kind: options.kind,
    resource,
    resourceVersion: "v1",
    subresource,
    object: { apiVersion: "v1", ...options },
    ...place,
    ...over,
  };
}

/** A deep copy, so that no two cases share a part. */
export function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** A copy with changes. */
export function changed(object: Loose, edit: (object: Loose) => void): Loose {
  const made = copy(object);
  edit(made);
  return made;
}

/** The object after an act; undefined when it deletes. */
export function after(act: Act): Loose {
  if (act.operation === "UPDATE") return changed(act.before, act.edit ?? (() => undefined));
  return act.operation === "DELETE" ? undefined : act.object;
}
