/** Tries acts on a real API server, each as the one who acts and without an effect. */
import { request } from "node:https";
import { readFileSync } from "node:fs";
import type { ClusterLayout } from "../../../tools/local-cluster/layout";
import { authorities } from "../../../tools/local-cluster/pki";
import { after, changed, resourceOf, type Act, type Loose } from "./acts";

/** An answer of the API server. */
export interface Reply {
  status: number;
  /** The whole answer. */
  text: string;
}

/** A client of the API server that acts as others. */
export class LiveApi {
  private readonly tls: object;

  constructor(
    layout: ClusterLayout,
    private readonly server: string,
  ) {
    this.tls = {
      ca: readFileSync(layout.certificate(authorities.cluster)),
      cert: readFileSync(layout.certificate("admin")),
      key: readFileSync(layout.key("admin")),
    };
  }

  /** Sends one request as someone. */
  send(method: string, path: string, who: Act["who"], body?: object, type = "application/json"): Promise<Reply> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      accept: "application/json",
      "Impersonate-User": who.username,
      "Impersonate-Group": [...(who.plain === true ? [] : ["system:masters"]), ...(who.groups ?? [])],
      ...(text !== undefined && { "content-type": type, "content-length": Buffer.byteLength(text) }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.server}${path}`,
        { ...this.tls, method, headers, timeout: 30_000 },
        (response) => {
          let answer = "";
          response.on("data", (part: Buffer) => (answer += part.toString()));
          response.once("end", () => resolve({ status: response.statusCode ?? 0, text: answer }));
        },
      );
      // A connection that is let through may end at a node that nobody answers for.
      outgoing.once("timeout", () => {
        resolve({ status: 504, text: `${method} ${path} was not answered` });
        outgoing.destroy();
      });
      outgoing.once("error", reject);
      outgoing.end(text);
    });
  }

  /** Creates an object, or brings it to what is given. */
  async apply(object: Loose, who: Act["who"]): Promise<Reply> {
    const query = "?fieldManager=guard-test&force=true";
    return this.send("PATCH", pathOf(actOn(object)) + query, who, object, "application/apply-patch+yaml");
  }

  /** Tries an act without an effect. */
  async try(act: Act): Promise<Reply> {
    const path = pathOf(act);
    const dry = "?dryRun=All&fieldManager=guard-test";
    switch (act.operation) {
      case "CREATE":
        return this.send("POST", (act.subresource === undefined ? collectionOf(act) : path) + dry, act.who, act.object);
      case "UPDATE":
        return this.send("PUT", path + dry, act.who, await this.edited(act));
      case "DELETE":
        return act.name === ""
          ? this.send("DELETE", `${collectionOf(act)}${dry}`, act.who)
          : this.send("DELETE", path + dry, act.who);
      case "CONNECT":
        return this.send("POST", path + connectQuery(act), act.who);
    }
  }

  /** The object as the cluster has it, with the act's change. */
  private async edited(act: Act): Promise<Loose> {
    // What ends a namespace is written to, and never read.
    const path = pathOf(act.subresource === "finalize" ? { ...act, subresource: undefined } : act);
    const present = await this.send("GET", path, act.who);
    if (present.status !== 200) throw new Error(`${path} is not there: ${present.text}`);
    return changed(JSON.parse(present.text), act.edit ?? (() => undefined));
  }
}

/** Whether the guard is who refused. */
export function refusedByGuard({ status, text }: Reply): boolean {
  return status >= 400 && text.includes("ValidatingAdmissionPolicy 'ollama-platform-");
}

function actOn(object: Loose): Act {
  const { apiVersion, kind, metadata } = object;
  return {
    who: { username: "" },
    operation: "CREATE",
    object,
    apiVersion,
    kind,
    resource: resourceOf(kind),
    namespace: metadata.namespace,
    name: metadata.name,
  };
}

function collectionOf({ apiVersion, resourceVersion = apiVersion, resource, namespace }: Act): string {
  const root = resourceVersion.includes("/") ? `/apis/${resourceVersion}` : `/api/${resourceVersion}`;
  return `${root}${namespace === undefined || resource === "namespaces" ? "" : `/namespaces/${namespace}`}/${resource}`;
}

function pathOf(act: Act): string {
  // A proxied path is part of the URL; the rest of what a connection asks for is its query.
  const proxied = act.subresource === "proxy" ? `/${String(after(act)?.path ?? "").replace(/^\//, "")}` : "";
  const part = act.subresource === undefined ? "" : `/${act.subresource}`;
  return `${collectionOf(act)}/${act.name}${part}${proxied}`;
}

function connectQuery({ object, subresource }: Act): string {
  if (subresource === "proxy") return "";
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(object as Record<string, unknown>)) {
    if (key === "apiVersion" || key === "kind") continue;
    for (const one of [value].flat()) query.append(key, String(one));
  }
  return `?${query.toString()}`;
}
