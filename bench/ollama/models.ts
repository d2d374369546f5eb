/**
 * Two models of one size on a real Ollama. Loaded one at a time, by turns, under limits of memory with room for the files of
 * both, of one and of none: how many loads are refused. And a chat and an embedding by turns, with both loaded and with
 * one: how often a model is loaded.
 *
 * Run as root: `npm run bench -- models`.
 */
import { MIB } from "../../components/models/quantity";
import { MODELS, startLimited, type LimitedServer } from "./limited-server";

const ROUNDS = 10;
/** Of the server's and the runner's own processes; the platform counts half a GiB. */
const PROCESSES = 100 * MIB;
const ONE_AT_A_TIME = { OLLAMA_MAX_LOADED_MODELS: "1" };

interface Loaded {
  models: { size: number }[];
}

/** Bytes of a loaded model, as the server tells it, and of its file. */
async function sizes(): Promise<{ loaded: number; file: number }> {
  const server = await startLimited({});
  try {
    await server.post("/api/generate", { model: MODELS[0] });
    const { models } = await server.get<Loaded>("/api/ps");
    return { loaded: models[0]?.size ?? 0, file: server.fileBytes };
  } finally {
    await server.stop();
  }
}

/** Loads and unloads the models by turns; what was refused. */
async function byTurns(memoryBytes: number): Promise<string> {
  const server = await startLimited({ memoryBytes }, ONE_AT_A_TIME);
  try {
    let refused = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const model of MODELS) {
        const { status } = await server.post("/api/generate", { model });
        if (status !== 200) refused += 1;
        await server.post("/api/generate", { model, keep_alive: 0 });
      }
    }
    return `${refused} of ${ROUNDS * MODELS.length} loads refused`;
  } finally {
    await server.stop();
  }
}

const loadsOf = (server: LimitedServer): number => server.log().match(/msg="loaded runners"/g)?.length ?? 0;

/** A chat with one model and an embedding by the other by turns; what was loaded. */
async function chatAndSearch(loadedModels: number): Promise<string> {
  const server = await startLimited({}, { OLLAMA_MAX_LOADED_MODELS: String(loadedModels) });
  try {
    const [model, searching] = MODELS;
    const messages = [{ role: "user", content: "Hello" }];
    // One thread: several wait for each other where other programs have the cores.
    const options = { num_predict: 2, num_thread: 1 };
    for (let round = 0; round < ROUNDS; round += 1) {
      await server.post("/api/chat", { model, messages, stream: false, options });
      await server.post("/api/embed", { model: searching, input: `question ${round}`, options });
    }
    return `${loadsOf(server)} loads in ${ROUNDS} rounds`;
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  const { loaded, file } = await sizes();
  const mebibytes = (bytes: number) => `${Math.round(bytes / MIB)} MiB`;
  console.log(`loaded ${mebibytes(loaded)}, its file ${mebibytes(file)}`);
  const limits: [string, number][] = [
    ["the files of both", loaded + PROCESSES + MODELS.length * file],
    ["the file of one", loaded + PROCESSES + file],
    ["no file", loaded + PROCESSES],
  ];
  for (const [name, bytes] of limits) {
    const times = (bytes / loaded).toFixed(1);
    console.log(`by turns, room for ${name}: ${mebibytes(bytes)}, ${times} times: ${await byTurns(bytes)}`);
  }
  for (const count of [2, 1]) console.log(`chat and embedding, ${count} loaded: ${await chatAndSearch(count)}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
