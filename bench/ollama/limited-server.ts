/** A real Ollama within limits of CPU and memory, as a container has them, with the small model under two names. */
import { execFile, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { freePorts } from "../../tools/local/free-ports";
import { blobFile, provideSmallModel, untilAnswering } from "../../tools/images/small-model";
import { ensureTools } from "../../tools/install";
import { limitedGroups, type Limits } from "./limits";

const run = promisify(execFile);

/** The two names: the same weights in files of their own, so that the server has two models to load. */
export const MODELS = ["first", "second"] as const;

/** Tokens of a loaded model's context. */
export const CONTEXT_LENGTH = 1024;

/** A running server. */
export interface LimitedServer {
  /** Bytes of one model's file. */
  fileBytes: number;
  get<T>(route: string): Promise<T>;
  post<T>(route: string, body: object): Promise<{ status: number; body: T }>;
  log(): string;
  stop(): Promise<void>;
}

/**
 * Starts the server; the caller has to be root.
 *
 * @param variables Of the server, beside its address and its store.
 */
export async function startLimited(limits: Limits, variables: Record<string, string> = {}): Promise<LimitedServer> {
  const program = (await ensureTools(["ollama"])).path("ollama");
  const home = mkdtempSync(path.join(tmpdir(), "ollama-bench-"));
  const groups = limitedGroups(path.join(home, "limits"), limits);
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const log = path.join(home, "log");
  const file = openSync(log, "w");
  const environment = {
    PATH: process.env["PATH"],
    HOME: home,
    OLLAMA_HOST: `127.0.0.1:${port}`,
    OLLAMA_MODELS: path.join(home, "store"),
    OLLAMA_NO_CLOUD: "1",
    OLLAMA_NUM_PARALLEL: "1",
    OLLAMA_CONTEXT_LENGTH: String(CONTEXT_LENGTH),
    ...variables,
  };
  const script = [...groups.commands, `exec ${program} serve`].join(" && ");
  const server = spawn("unshare", ["--mount", "sh", "-c", script], {
    env: environment,
    stdio: ["ignore", file, file],
  });
  closeSync(file);
  const stop = async () => {
    const ended = new Promise((resolve) => server.once("close", resolve));
    server.kill("SIGTERM");
    await ended;
    await groups.remove();
    rmSync(home, { recursive: true, force: true });
  };
  await untilAnswering(`${url}/api/version`);
  return {
    fileBytes: await makeModels(program, home, environment),
    get: async <T>(route: string) => (await (await fetch(`${url}${route}`)).json()) as T,
    post: async <T>(route: string, body: object) => {
      const reply = await fetch(`${url}${route}`, { method: "POST", body: JSON.stringify(body) });
      return { status: reply.status, body: (await reply.json()) as T };
    },
    log: () => readFileSync(log, "utf8"),
    stop,
  };
}

/** Two files that differ in one letter of the model's description; the size of each. */
async function makeModels(program: string, home: string, environment: NodeJS.ProcessEnv): Promise<number> {
  const { store, blobs } = await provideSmallModel(program, process.stderr);
  const contents = blobs.map((digest) => readFileSync(blobFile(store, digest)));
  const weights = contents.reduce((largest, one) => (one.length > largest.length ? one : largest));
  for (const name of MODELS) {
    const copy = Buffer.from(weights);
    const described = copy.indexOf("general.name");
    if (described < 0) throw new Error("the small model does not say its name");
    // Behind the key are its type and its length, twelve bytes, and then the text.
    copy.write(name.slice(0, 1), described + "general.name".length + 12, "latin1");
    const file = path.join(home, `${name}.gguf`);
    writeFileSync(file, copy);
    const modelfile = path.join(home, `${name}.modelfile`);
    writeFileSync(modelfile, `FROM ${file}\nPARAMETER temperature 0\nPARAMETER seed 1\n`);
    await run(program, ["create", name, "--file", modelfile], { env: environment });
    rmSync(file);
  }
  return weights.length;
}
