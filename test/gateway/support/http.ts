/** Requests exactly as written, byte by byte: what client libraries would tidy up is what the gateway must stand. */
import type { Socket } from "node:net";
import { connect } from "node:net";
import type { RunningGateway } from "./gateway";

/** A request to send. */
export interface RawRequest {
  method: string;
  /** Request target as it is written on the request line. */
  target: string;
  headers: [string, string][];
  body?: string | Buffer;
  /** Sends the body in chunks of this many bytes instead of with a content length. */
  chunkBytes?: number;
  /** Sends the body in writes of this many bytes, so that it arrives in pieces. */
  writeBytes?: number;
}

/** A reply as it arrived. */
export interface RawReply {
  /** Status, or 0 when the connection was closed without one. */
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Bytes of a request. */
export function encoded(request: RawRequest): Buffer {
  const body = Buffer.from(request.body ?? "");
  const headers = [...request.headers];
  if (request.chunkBytes !== undefined) headers.push(["transfer-encoding", "chunked"]);
  else if (body.length > 0 || request.method === "POST") headers.push(["content-length", String(body.length)]);
  const head = [`${request.method} ${request.target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([
    Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"),
    request.chunkBytes === undefined ? body : chunked(body, request.chunkBytes),
  ]);
}

function chunked(body: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

/** Sends one request on a connection of its own and reads the reply, or what there is of it when the gateway closes. */
export async function exchange(gateway: RunningGateway, request: RawRequest): Promise<RawReply> {
  const bytes = encoded({ ...request, headers: [...request.headers, ["connection", "close"]] });
  const socket = await opened(gateway);
  const reply = readReply(socket, request.method);
  const step = request.writeBytes ?? bytes.length;
  for (let at = 0; at < bytes.length && !socket.destroyed; at += step) {
    // A gateway that refuses early closes its side while the body is still being written.
    await new Promise<void>((resolve) => socket.write(bytes.subarray(at, at + step), () => resolve()));
  }
  return parsed(await reply, request.method);
}

/** Opens a connection to the gateway. */
export function opened(gateway: RunningGateway): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(gateway.place.port, gateway.place.address, () => resolve(socket)).once("error", reject);
    socket.setNoDelay(true);
  });
}

/** Everything that arrives until the connection ends, however it ends. */
export function readAll(socket: Socket): Promise<Buffer> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(parts)));
  });
}

/** What arrives until a reply is complete: the gateway leaves a refused connection open for a while. */
export function readReply(socket: Socket, method: string): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  socket.on("data", (part: Buffer) => {
    bytes = Buffer.concat([bytes, part]);
    if (complete(bytes, method)) socket.destroy();
  });
  return readAll(socket);
}

function complete(bytes: Buffer, method: string): boolean {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = bytes.subarray(0, end).toString("latin1").toLowerCase();
  if (/^http\/1.1 1/.test(head)) return complete(bytes.subarray(end + 4), method);
  if (method === "HEAD") return true;
  if (head.includes("transfer-encoding: chunked")) return bytes.subarray(-5).toString() === "0\r\n\r\n";
  return bytes.length >= end + 4 + Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
}

/** Reads the last reply of a connection; interim replies (1xx) before it are passed over. */
export function parsed(bytes: Buffer, method: string): RawReply {
  const text = bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return { status: 0, headers: {}, body: "" };
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const status = Number(first.split(" ")[1] ?? 0);
  if (status >= 100 && status < 200) return parsed(bytes.subarray(end + 4), method);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const rest = bytes.subarray(end + 4);
  const body = headers["transfer-encoding"] === "chunked" ? unchunked(rest) : rest;
  return { status, headers, body: method === "HEAD" ? "" : body.toString("utf8") };
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const line = bytes.indexOf("\r\n", at);
    const size = parseInt(bytes.subarray(at, line).toString("latin1"), 16);
    if (line < 0 || !(size > 0)) break;
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
