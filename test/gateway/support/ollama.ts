/** A real Ollama with a real small model, and beside it the same model under a name that no client may use. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { provideSmallModel, smallModel } from "../../../tools/images/small-model";
import { ensureTools } from "../../../tools/install";
import { freePorts } from "../../../tools/local/free-ports";
import { eventually } from "./gateway";

/** Canonical name of the model that the tests' tenant may use. */
export const REAL_MODEL = `registry.ollama.ai/${smallModel.repository}:${smallModel.tag}`;
/** Name of the model that it may not use. */
export const HIDDEN_MODEL = "secret:latest";

/** A running Ollama server. */
export interface RealOllama {
  port: number;
  /** Path of the program, which is also Ollama's command-line client. */
  program: string;
  /** Asks the server directly, past the gateway. */
  ask(path: string): Promise<string>;
  /** What the server wrote to its log. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts Ollama on a free loopback port with a store of two names. */
export async function startOllama(): Promise<RealOllama> {
  const program = (await ensureTools(["ollama"])).path("ollama");
  const { store } = await provideSmallModel(program, process.stderr);
  const directory = mkdtempSync(path.join(tmpdir(), "ollama-"));
  const models = path.join(directory, "models");
  mkdirSync(models);
  symlinkSync(path.join(store, "blobs"), path.join(models, "blobs"));
  cpSync(path.join(store, "manifests"), path.join(models, "manifests"), { recursive: true });
  const library = path.join(models, "manifests", "registry.ollama.ai", "library");
  mkdirSync(path.join(library, "secret"));
  const manifest = path.join(models, "manifests", "registry.ollama.ai", smallModel.repository, smallModel.tag);
  cpSync(manifest, path.join(library, "secret", "latest"));

  const [port = 0] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const log = path.join(directory, "log");
  const file = openSync(log, "w");
  const server: ChildProcess = spawn(program, ["serve"], {
    env: {
      PATH: process.env["PATH"],
      HOME: directory,
      OLLAMA_HOST: address,
      OLLAMA_MODELS: models,
      OLLAMA_NO_CLOUD: "1",
      OLLAMA_NOPRUNE: "1",
      OLLAMA_CONTEXT_LENGTH: "512",
      OLLAMA_NUM_PARALLEL: "1",
    },
    stdio: ["ignore", file, file],
  });
  closeSync(file);
  const ask = async (target: string): Promise<string> => (await fetch(`http://${address}${target}`)).text();
  await eventually("Ollama's start", () =>
    ask("/api/version").then(
      () => true,
      () => false,
    ),
  );
  return {
    port,
    program,
    ask,
    log: () => readFileSync(log, "utf8"),
    stop: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGTERM");
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
