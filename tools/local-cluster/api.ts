import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { readCredential } from "./certificates";
import type { ClusterContext } from "./component";
import { readIfPresent } from "./files";
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
  /** Creates the object or brings the given fields to the given values, by server-side apply. */
  apply(manifest: Manifest): Promise<void>;
  /** Creates the object with its status; leaves an existing one alone. */
  createIfAbsent(manifest: Manifest): Promise<void>;
  /** Deletes the object; one that does not exist is no error. */
  remove(manifest: Manifest): Promise<void>;
  /** The pods of all namespaces that are bound to a node. */
  podsOn(node: string): Promise<Manifest[]>;
  /** Returns when a condition of the object is True; throws after `seconds`. */
  waitForCondition(manifest: Manifest, type: string, seconds?: number): Promise<void>;
}

const fieldManager = "local-cluster";

/** The administrator's access to the cluster of `context`. Certificates are read now, so renew them before. */
export function administratorApi(context: ClusterContext): AdministratorApi {
  const discovered = new Map<string, ApiResource[]>();
  const call = (method: string, path: string, body?: object, contentType?: string) =>
    send(context, method, path, body, contentType);

  async function pathOf({ apiVersion, kind, metadata }: Manifest, withName: boolean): Promise<string> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const find = () => discovered.get(root)?.find((resource) => resource.kind === kind && !resource.name.includes("/"));
    if (find() === undefined)
      discovered.set(root, ((await call("GET", root)) as { resources: ApiResource[] }).resources);
    const resource = find();
    if (resource === undefined) throw new Error(`the API server knows no kind ${kind} in ${apiVersion}`);
    const place = resource.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${root}${place}/${resource.name}${withName ? `/${metadata.name}` : ""}`;
  }

  return {
    apply: async (manifest) => {
      const path = await pathOf(manifest, true);
      const query = `?fieldManager=${fieldManager}&force=true`;
      // JSON is YAML: the content type is the one that the API server knows for apply requests.
      await call("PATCH", `${path}${query}`, manifest, "application/apply-patch+yaml");
    },
    createIfAbsent: async (manifest) => {
      try {
        await call("POST", await pathOf(manifest, false), manifest);
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 409)) throw error;
      }
    },
    remove: async (manifest) => {
      try {
        await call("DELETE", await pathOf(manifest, true));
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      }
    },
    podsOn: async (node) => {
      const { items } = (await call("GET", `/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`)) as {
        items: Omit<Manifest, "apiVersion" | "kind">[];
      };
      return items.map((item) => ({ ...item, apiVersion: "v1", kind: "Pod" }) as Manifest);
    },
    waitForCondition: async (manifest, type, seconds = 60) => {
      const path = await pathOf(manifest, true);
      const deadline = Date.now() + seconds * 1000;
      while (!hasCondition(await call("GET", path), type)) {
        if (Date.now() > deadline) {
          throw new Error(`${manifest.kind} ${manifest.metadata.name} is not ${type} after ${seconds} s`);
        }
        await sleep(200);
      }
    },
  };
}

function hasCondition(object: unknown, type: string): boolean {
  const { status } = object as { status?: { conditions?: { type: string; status: string }[] } };
  return status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}

function send(
  context: ClusterContext,
  method: string,
  path: string,
  body?: object,
  type = "application/json",
): Promise<unknown> {
  const { layout } = context;
  const admin = readCredential(layout, "admin");
  const url = `${context.server()}${path}`;
  const options = {
    method,
    ca: readIfPresent(layout.certificate(authorities.cluster)),
    cert: admin.certificate,
    key: admin.key,
    headers: { accept: "application/json", "content-type": type },
    timeout: 30_000,
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
