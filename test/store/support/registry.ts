/** A real registry, and models in it. */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ensureTools } from "../../../tools/install";
import { eventually } from "../../support/wait";

/** A registry on a loopback port. */
export interface Registry {
  /** Host and port. */
  host: string;
  /** Publishes a model; blobs that are there already are published again. */
  publish(model: Model, repository: string, tag: string): Promise<void>;
  /** Overwrites the bytes of a published blob, as a failing disk would. */
  damage(digest: string): void;
  stop(): Promise<void>;
}

/** A model as registries hold it. */
export interface Model {
  manifest: string;
  digest: string;
  blobs: Map<string, Buffer>;
}

export const digestOf = (bytes: Buffer | string): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** A model of random weights with the shape of Ollama's: they are not served, so their content does not matter. */
export function makeModel(layers: Buffer[] = [randomBytes(300_000)]): Model {
  const config = Buffer.from(JSON.stringify({ model_format: "gguf", id: randomBytes(4).toString("hex") }));
  const blobs = new Map([config, ...layers].map((bytes) => [digestOf(bytes), bytes]));
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: {
      mediaType: "application/vnd.docker.container.image.v1+json",
      digest: digestOf(config),
      size: config.length,
    },
    layers: layers.map((bytes) => ({
      mediaType: "application/vnd.ollama.image.model",
      digest: digestOf(bytes),
      size: bytes.length,
    })),
  });
  return { manifest, digest: digestOf(manifest), blobs };
}

/** Starts `crane registry serve` with a folder of its own. */
export async function startRegistry(): Promise<Registry> {
  const crane = (await ensureTools(["crane"])).path("crane");
  const disk = mkdtempSync(path.join(tmpdir(), "registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const server = spawn(crane, ["registry", "serve", `--address=${host}`, `--disk=${disk}`], { stdio: "ignore" });
  await eventually("the registry to answer", 20, async () => (await fetch(`http://${host}/v2/`)).ok || undefined);
  return {
    host,
    publish: (model, repository, tag) => publish(`http://${host}/v2/${repository}`, model, tag),
    damage: (digest) => {
      const file = path.join(disk, digest.replace(":", "/"));
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(file, bytes);
    },
    stop: async () => {
      const ended = new Promise((resolve) => server.once("close", resolve));
      server.kill("SIGTERM");
      await ended;
      rmSync(disk, { recursive: true, force: true });
    },
  };
}

async function publish(api: string, { manifest, blobs }: Model, tag: string): Promise<void> {
  for (const [digest, bytes] of blobs) {
    const opened = await request("POST", `${api}/blobs/uploads/`);
    const location = new URL(opened.headers.get("location") ?? "", `${api}/`);
    location.searchParams.set("digest", digest);
    await request("PUT", location.href, bytes);
  }
  await request("PUT", `${api}/manifests/${tag}`, manifest, "application/vnd.docker.distribution.manifest.v2+json");
}

async function request(
  method: string,
  url: string,
  body?: Buffer | string,
  type = "application/octet-stream",
): Promise<Response> {
  const answer = await fetch(url, {
    method,
    body: typeof body === "string" ? body : body && new Blob([new Uint8Array(body)]),
    headers: { "content-type": type },
  });
  if (!answer.ok) throw new Error(`${method} ${url} was answered with ${answer.status}: ${await answer.text()}`);
  return answer;
}

/** A port that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
