import type { KubeConfig } from "@kubernetes/client-node";
import { type RequestOptions, request as httpsRequest } from "node:https";
import { request as httpRequest } from "node:http";

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

const secondsToAnswer = 60;

/** The objects of a cluster, of any kind that it knows. */
export class ObjectApi {
  readonly #kubeconfig: KubeConfig;
  readonly #resources = new Map<string, Promise<Resource[]>>();

  constructor(kubeconfig: KubeConfig) {
    this.#kubeconfig = kubeconfig;
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

  /** Deletes this very object, and what it owns in the background; one of the same name that was made since stays. */
  async remove(object: ApiObject): Promise<void> {
    const preconditions = { uid: object.metadata["uid"] };
    const options = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background", preconditions };
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

  async #send(method: string, address: string, type?: string, body?: object): Promise<unknown> {
    const options: RequestOptions = {};
    const server = (this.#kubeconfig.getCurrentCluster()?.server ?? "").replace(/\/+$/, "");
    // An address without TLS, as that of `kubectl proxy`, is asked as it is.
    if (server.startsWith("https:")) await this.#kubeconfig.applyToHTTPSOptions(options);
    const headers = {
      ...(options.headers as object),
      accept: "application/json",
      ...(type && { "content-type": type }),
    };
    const signal = AbortSignal.timeout(secondsToAnswer * 1000);
    const send = server.startsWith("https:") ? httpsRequest : httpRequest;
    const answer = await new Promise<{ code: number; text: string }>((resolve, reject) => {
      const request = send(`${server}${address}`, { ...options, method, headers, signal }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.once("error", reject);
        response.once("end", () => resolve({ code: response.statusCode ?? 0, text }));
      });
      request.once("error", reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
    if (answer.code >= 200 && answer.code < 300) return JSON.parse(answer.text);
    throw new ApiError(answer.code, messageOf(answer.text));
  }
}

function query({ fieldManager, dryRun }: Write): string {
  return `fieldManager=${encodeURIComponent(fieldManager)}${dryRun ? "&dryRun=All" : ""}`;
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}
