import { createHash } from "node:crypto";
import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { readCredential } from "./certificates";
import type { ClusterContext } from "./component";
import { readIfPresent, writePrivateFile } from "./files";
import { authorities } from "./pki";

/** An object as it stands in a YAML file. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  [field: string]: unknown;
}

/** An answer of the API server that is no success. */
export class ApiError extends Error {
  constructor(
    /** HTTP status. */
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

interface ApiResource {
  name: string;
  kind: string;
  namespaced: boolean;
}

/**
 * The administrator's way to the API server, for manifests that must arrive letter by letter. (The object API of @kubernetes/client-node
 * renames fields on their way through its typed models and so drops `default` and `enum` from the schemas of custom resource definitions.)
 */
export interface AdministratorApi {
  /**
   * Creates the objects or brings the given fields to the given values, by server-side apply, one after the other. What was applied before
   * and still has every field is left alone: to ask for it takes a tenth of the time.
   */
  apply(...manifests: Manifest[]): Promise<void>;
  /** Creates the object with its status; leaves an existing one alone. */
  createIfAbsent(manifest: Manifest): Promise<void>;
  /** Deletes the object, and with it what it owns; one that does not exist is no error. */
  remove(manifest: Manifest): Promise<void>;
  /** The object as it is; undefined when it does not exist. */
  find(manifest: Manifest): Promise<Manifest | undefined>;
  /** Creates an object by server-side apply, for the field manager who had applied it before. Default: this cluster's own. */
  applyFor(manifest: Manifest, manager?: string): Promise<void>;
  /** The pods of all namespaces that are bound to a node. */
  podsOn(node: string): Promise<Manifest[]>;
  /** Returns when a condition of the object is True; throws after `seconds`. */
  waitForCondition(manifest: Manifest, type: string, seconds?: number): Promise<void>;
  /** Returns when the object is gone; throws after `seconds`. */
  waitForAbsence(manifest: Manifest, seconds?: number): Promise<void>;
  /** Returns when the object exists; throws after `seconds`. */
  waitForExistence(manifest: Manifest, seconds?: number): Promise<void>;
}

const fieldManager = "local-cluster";

/** Each connection costs a handshake with certificates on both sides: a few are used again and again. */
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/**
 * The administrator's access to the cluster of `context`. Certificates are read now, so renew them before.
 *
 * @param user Whose certificate is shown: the guard lets the deployer alone change what the platform is made of. Default: the administrator's.
 */
export function administratorApi(
  context: Pick<ClusterContext, "layout" | "server">,
  user: "admin" | "deployer" = "admin",
): AdministratorApi {
  const discovered = new Map<string, Promise<ApiResource[]>>();
  const call = (method: string, path: string, body?: object, contentType?: string) =>
    send(context, user, method, path, body, contentType);

  async function pathOf({ apiVersion, kind, metadata }: Manifest, withName: boolean): Promise<string> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const findIn = async (resources: Promise<ApiResource[]>) =>
      (await resources).find((resource) => resource.kind === kind && !resource.name.includes("/"));
    const resource = (await findIn(discovered.get(root) ?? discover(root))) ?? (await findIn(discover(root)));
    if (resource === undefined) throw new Error(`the API server knows no kind ${kind} in ${apiVersion}`);
    const place = resource.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${root}${place}/${resource.name}${withName ? `/${metadata.name}` : ""}`;
  }

  function discover(root: string): Promise<ApiResource[]> {
    const asked = call("GET", root).then((answer) => (answer as { resources: ApiResource[] }).resources);
    discovered.set(root, asked);
    // A group may be served a moment later.
    asked.catch(() => discovered.delete(root));
    return asked;
  }

  async function isApplied(manifest: Manifest): Promise<boolean> {
    if (readIfPresent(appliedFile(context, manifest)) !== digestOf(manifest)) return false;
    return pathOf(manifest, true)
      .then((path) => call("GET", path))
      .then(
        (found) => hasFields(found, manifest),
        () => false,
      );
  }

  async function find(manifest: Manifest): Promise<Manifest | undefined> {
    const path = await pathOf(manifest, true);
    const found = await call("GET", path).catch(unless(404));
    return found === false ? undefined : (found as Manifest);
  }

  async function applyFor(manifest: Manifest, manager = fieldManager): Promise<void> {
    const path = await pathOf(manifest, true);
    const query = `?fieldManager=${encodeURIComponent(manager)}&force=true`;
    // JSON is YAML: the content type is the one that the API server knows for apply requests.
    await call("PATCH", `${path}${query}`, manifest, "application/apply-patch+yaml");
  }

  async function applyOne(manifest: Manifest): Promise<void> {
    await applyFor(manifest);
    writePrivateFile(appliedFile(context, manifest), digestOf(manifest));
  }

  return {
    apply: async (...manifests) => {
      const done = await Promise.all(manifests.map(isApplied));
      for (const [index, manifest] of manifests.entries()) if (done[index] !== true) await applyOne(manifest);
    },
    createIfAbsent: async (manifest) => {
      await pathOf(manifest, false)
        .then((path) => call("POST", path, manifest))
        .catch(unless(409));
    },
    remove: async (manifest) => {
      await pathOf(manifest, true)
        // Jobs leave their pods behind unless it is said.
        .then((path) => call("DELETE", `${path}?propagationPolicy=Background`))
        .catch(unless(404));
    },
    find,
    applyFor,
    podsOn: async (node) => {
      const { items } = (await call("GET", `/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`)) as {
        items: Omit<Manifest, "apiVersion" | "kind">[];
      };
      return items.map((item) => ({ ...item, apiVersion: "v1", kind: "Pod" }) as Manifest);
    },
    waitForCondition: async (manifest, type, seconds = 60) => {
      const path = await pathOf(manifest, true);
      await until(`${manifest.kind} ${manifest.metadata.name} is not ${type}`, seconds, async () =>
        hasCondition(await call("GET", path), type),
      );
    },
    waitForAbsence: (manifest, seconds = 60) =>
      until(`${manifest.kind} ${manifest.metadata.name} is still there`, seconds, async () => {
        return (await find(manifest)) === undefined;
      }),
    waitForExistence: (manifest, seconds = 60) =>
      until(`${manifest.kind} ${manifest.metadata.name} does not exist`, seconds, async () => {
        return (await find(manifest)) !== undefined;
      }),
  };
}

/** Takes an answer of this status for false, and no other error. */
const unless =
  (status: number) =>
  (error: unknown): false => {
    if (error instanceof ApiError && error.status === status) return false;
    throw error;
  };

async function until(otherwise: string, seconds: number, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`${otherwise} after ${seconds} s`);
    await sleep(200);
  }
}

const digestOf = (manifest: Manifest): string => createHash("sha256").update(JSON.stringify(manifest)).digest("hex");

/** Remembers what was last applied of an object: a field that is not given any more has to be taken away, and cannot be seen as missing. */
function appliedFile({ layout }: Pick<ClusterContext, "layout">, { apiVersion, kind, metadata }: Manifest): string {
  const name = [apiVersion, kind, metadata.namespace ?? "", metadata.name].join(" ");
  return layout.applied(createHash("sha256").update(name).digest("hex").slice(0, 32));
}

/** Whether an object has every field that a manifest gives, with its value, and no list with more than the manifest gives. */
export function hasFields(found: unknown, given: unknown): boolean {
  if (typeof given !== "object" || given === null) return found === given;
  if (typeof found !== "object" || found === null || Array.isArray(found) !== Array.isArray(given)) return false;
  if (Array.isArray(given) && (found as unknown[]).length !== given.length) return false;
  return Object.entries(given).every(
    ([key, value]) => value === undefined || hasFields((found as Record<string, unknown>)[key], value),
  );
}

function hasCondition(object: unknown, type: string): boolean {
  const { status } = object as { status?: { conditions?: { type: string; status: string }[] } };
  return status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}

function send(
  context: Pick<ClusterContext, "layout" | "server">,
  user: string,
  method: string,
  path: string,
  body?: object,
  type = "application/json",
): Promise<unknown> {
  const { layout } = context;
  const credential = readCredential(layout, user);
  const url = `${context.server()}${path}`;
  const options = {
    method,
    ca: readIfPresent(layout.certificate(authorities.cluster)),
    cert: credential.certificate,
    key: credential.key,
    headers: { accept: "application/json", "content-type": type },
    timeout: 30_000,
    agent,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.once("error", reject);
      response.once("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(JSON.parse(text));
        else reject(new ApiError(status, `${method} ${path} was answered with ${status}: ${messageOf(text)}`));
      });
    });
    outgoing.once("timeout", () => outgoing.destroy(new Error(`${method} ${path} was not answered within 30 s`)));
    outgoing.once("error", (error) => reject(new Error(`${method} ${url}: ${error.message}`)));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The message of a Kubernetes Status object, or the text itself. */
function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}
