/** An API server for tests: a few resources over HTTP, with lists and watches that a test can break. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Credentials } from "../../../../verifier/cluster-api";

/** Plain objects by the path of their collection, for example `/api/v1/namespaces`. */
export interface FakeResource {
  group: string;
  version: string;
  resource: string;
  kind: string;
  namespaced: boolean;
}

type Plain = Record<string, unknown> & { metadata: Record<string, unknown> };

export class FakeApiServer {
  /** Objects by collection and name. */
  private readonly collections = new Map<string, Map<string, Plain>>();
  private readonly watches = new Set<{ path: string; response: ServerResponse }>();
  private readonly sockets = new Set<Socket>();
  private version = 1;
  private server: Server | undefined;
  private port = 0;
  /** Collections that the asker may not list or watch. */
  readonly forbidden = new Set<string>();
  /** Whether watches that name an old version are refused, as after a compaction. */
  forgetful = false;
  /** Every path that was asked for. */
  readonly asked: string[] = [];

  constructor(private readonly resources: readonly FakeResource[]) {}

  async start(): Promise<void> {
    this.server = createServer((request, response) => this.answer(request, response));
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    await once(this.server.listen(this.port, "127.0.0.1"), "listening");
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Ends with every connection; `start` brings it back at the same address. */
  async stop(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.sockets) socket.destroy();
    this.watches.clear();
    await closed;
  }

  get credentials(): Credentials {
    const server = `http://127.0.0.1:${this.port}`;
    return {
      getCurrentCluster: () => ({ name: "fake", server, skipTLSVerify: false }),
      getCurrentContext: () => "fake",
      applyToHTTPSOptions: () => Promise.resolve(),
    };
  }

  put(path: string, object: Plain): void {
    const collection = this.collections.get(path) ?? new Map<string, Plain>();
    this.collections.set(path, collection);
    const key = keyOf(object);
    const type = collection.has(key) ? "MODIFIED" : "ADDED";
    const stored = this.stamped(object);
    collection.set(key, stored);
    this.tell(path, type, stored);
  }

  remove(path: string, name: string, namespace?: string): void {
    const key = keyOf({ metadata: { name, namespace } });
    const object = this.collections.get(path)?.get(key);
    if (object === undefined) throw new Error(`there is no ${path} ${key}`);
    this.collections.get(path)?.delete(key);
    this.tell(path, "DELETED", this.stamped(object));
  }

  private stamped(object: Plain): Plain {
    this.version += 1;
    return { ...object, metadata: { uid: keyOf(object), ...object.metadata, resourceVersion: `${this.version}` } };
  }

  private tell(path: string, type: string, object: Plain): void {
    for (const watch of this.watches)
      if (watch.path === path) watch.response.write(`${JSON.stringify({ type, object })}\n`);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://fake");
    this.asked.push(request.url ?? "");
    const send = (status: number, body: object) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (pathname === "/api" || pathname === "/apis") return send(200, this.discovery(pathname === "/api"));
    if (this.forbidden.has(pathname))
      return send(403, { kind: "Status", message: `User "monitor" cannot list resource "x" at the cluster scope` });
    if (searchParams.get("watch") !== "1") {
      const items = [...(this.collections.get(pathname)?.values() ?? [])];
      const begin = Number(searchParams.get("continue") ?? 0);
      const end = begin + Number(searchParams.get("limit") ?? items.length);
      const rest = end < items.length ? { continue: `${end}` } : {};
      return send(200, { metadata: { resourceVersion: `${this.version}`, ...rest }, items: items.slice(begin, end) });
    }
    if (this.forgetful && searchParams.get("resourceVersion") !== `${this.version}`)
      return send(410, { kind: "Status", message: "too old resource version" });
    response.writeHead(200, { "content-type": "application/json" });
    response.write("\n");
    const watch = { path: pathname, response };
    this.watches.add(watch);
    // What came since the version that is named: here everything, which a client has to bear too.
    for (const object of this.collections.get(pathname)?.values() ?? [])
      if (Number(object.metadata["resourceVersion"]) > Number(searchParams.get("resourceVersion")))
        response.write(`${JSON.stringify({ type: "MODIFIED", object })}\n`);
    request.on("close", () => this.watches.delete(watch));
  }

  private discovery(core: boolean): object {
    const groups = new Map<string, FakeResource[]>();
    for (const one of this.resources.filter(({ group }) => (group === "") === core))
      groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
    return {
      kind: "APIGroupDiscoveryList",
      items: [...groups].map(([name, resources]) => ({
        metadata: { name },
        versions: [
          {
            version: resources[0]?.version,
            resources: resources.map(({ resource, kind, namespaced }) => ({
              resource,
              responseKind: { kind },
              scope: namespaced ? "Namespaced" : "Cluster",
              verbs: ["get", "list", "watch"],
            })),
          },
        ],
      })),
    };
  }
}

function keyOf({ metadata }: { metadata: Record<string, unknown> }): string {
  return `${String(metadata["namespace"] ?? "")}/${String(metadata["name"])}`;
}
