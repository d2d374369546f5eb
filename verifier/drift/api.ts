import { isSuccess, refusalOf, type ClusterApi } from "../cluster-api";

/** An object of the API server as it is written in JSON: nothing is converted, so that nothing is lost in a comparison. */
export interface ApiObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    managedFields?: ManagedFields[];
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** Who has set which fields. */
export interface ManagedFields {
  manager: string;
  /** `Apply` for server-side apply, `Update` for everything else. */
  operation: string;
  /** Part of the API that the fields were set by, for example `scale`. Absent for the object itself. */
  subresource?: string;
  fieldsV1?: object;
}

/** A refusal of the API server. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  /** @param code HTTP status. */
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** How an object is sent. */
export interface Write {
  /** Name under which the fields are set. */
  fieldManager: string;
  /** Whether the server only says what would come of it. */
  dryRun: boolean;
}

interface Resource {
  name: string;
  kind: string;
  namespaced: boolean;
}

/** The objects of a cluster, of any kind that it knows. */
export class ObjectApi {
  readonly #api: ClusterApi;
  readonly #resources = new Map<string, Promise<Resource[]>>();

  constructor(api: ClusterApi) {
    this.#api = api;
  }

  /** The object as it is; undefined when there is none. */
  async read(object: ApiObject): Promise<ApiObject | undefined> {
    try {
      return (await this.#send("GET", await this.#address(object))) as ApiObject;
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** Server-side apply that takes every field from whoever has it. Returns the object that comes of it. */
  async apply(object: ApiObject, write: Write): Promise<ApiObject> {
    const address = `${await this.#address(object)}?force=true&${query(write)}`;
    return (await this.#send("PATCH", address, "application/apply-patch+yaml", object)) as ApiObject;
  }

  /** Puts the object in the place of the one that has its resource version. */
  async replace(object: ApiObject, write: Write): Promise<void> {
    await this.#send("PUT", `${await this.#address(object)}?${query(write)}`, "application/json", object);
  }

  /**
   * Deletes this very object; one of the same name that was made since stays.
   *
   * @param propagationPolicy Whether what it owns goes after it, or first. Default: after it.
   */
  async remove(object: ApiObject, propagationPolicy: "Background" | "Foreground" = "Background"): Promise<void> {
    const preconditions = { uid: object.metadata["uid"] };
    const options = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy, preconditions };
    await this.#send("DELETE", await this.#address(object), "application/json", options);
  }

  async #address({ apiVersion, kind, metadata }: ApiObject): Promise<string> {
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    let listed = this.#resources.get(group);
    if (listed === undefined) {
      listed = this.#send("GET", group).then((list) => (list as { resources: Resource[] }).resources);
      this.#resources.set(group, listed);
    }
    const resource = (await listed).find((one) => one.kind === kind && !one.name.includes("/"));
    if (resource === undefined) throw new ApiError(404, `the cluster knows no ${kind} of ${apiVersion}`);
    const scope = resource.namespaced ? `/namespaces/${encodeURIComponent(metadata.namespace ?? "default")}` : "";
    return `${group}${scope}/${resource.name}/${encodeURIComponent(metadata.name)}`;
  }

  async #send(
    method: "DELETE" | "GET" | "PATCH" | "PUT",
    path: string,
    contentType?: string,
    body?: object,
  ): Promise<Record<string, unknown>> {
    const reply = await this.#api.request({ method, path, contentType, body });
    if (isSuccess(reply)) return reply.body as Record<string, unknown>;
    throw new ApiError(reply.status, refusalOf(reply));
  }
}

function query({ fieldManager, dryRun }: Write): string {
  return `fieldManager=${encodeURIComponent(fieldManager)}${dryRun ? "&dryRun=All" : ""}`;
}
