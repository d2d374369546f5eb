/**
 * Asks through the gateway with client libraries for JavaScript. Environment: GATEWAY (address), KEY, MODEL, HIDDEN (a
 * model that the key does not open) and BAD_KEY. Prints one JSON object: a call's name to its outcome.
 */
const { Ollama } = require("ollama");
const OpenAI = require("openai").default;
const Anthropic = require("@anthropic-ai/sdk").default;
const { ChatOllama, Ollama: OllamaLLM, OllamaEmbeddings } = require("@langchain/ollama");

const { GATEWAY, KEY, MODEL, HIDDEN, BAD_KEY } = process.env;
const messages = [{ role: "user", content: "Say hello." }];
const limit = { max_tokens: 5 };
const options = { num_predict: 5 };

const ollama = (key) => new Ollama({ host: GATEWAY, headers: { Authorization: `Bearer ${key}` } });
const openai = (key) => new OpenAI({ baseURL: `${GATEWAY}/v1`, apiKey: key, maxRetries: 0 });
const anthropic = (key) => new Anthropic({ baseURL: GATEWAY, apiKey: key, maxRetries: 0 });
/** A model of LangChain's. It tries a refused call again unless told not to. */
const langchain = (Kind, key = KEY, model = MODEL) =>
  new Kind({
    baseUrl: GATEWAY,
    model,
    headers: { Authorization: `Bearer ${key}` },
    maxRetries: 0,
    ...(Kind !== OllamaEmbeddings && { numPredict: 5 }),
  });

/** Joins what `pick` takes from the parts of a stream. */
async function joined(stream, pick) {
  let text = "";
  for await (const part of stream) text += pick(part) ?? "";
  return text;
}

const calls = {
  "ollama chat": async () => (await ollama(KEY).chat({ model: MODEL, messages, options })).message.content,
  "ollama chat, streamed": async () =>
    joined(await ollama(KEY).chat({ model: MODEL, messages, options, stream: true }), (part) => part.message.content),
  "ollama generate": async () => (await ollama(KEY).generate({ model: MODEL, prompt: "Say hello.", options })).response,
  "ollama generate, streamed": async () =>
    joined(
      await ollama(KEY).generate({ model: MODEL, prompt: "Say hello.", options, stream: true }),
      (part) => part.response,
    ),
  "ollama embed": async () => (await ollama(KEY).embed({ model: MODEL, input: ["a", "b"] })).embeddings.length,
  "ollama list": async () => (await ollama(KEY).list()).models.map(({ name }) => name).join(),
  "ollama show": async () => (await ollama(KEY).show({ model: MODEL })).capabilities.join(),
  "ollama ps": async () => (await ollama(KEY).ps()).models.map(({ name }) => name).join(),
  "ollama pull": () => ollama(KEY).pull({ model: MODEL }),
  "ollama hidden model": () => ollama(KEY).chat({ model: HIDDEN, messages }),
  "ollama bad key": () => ollama(BAD_KEY).chat({ model: MODEL, messages }),
  "openai chat": async () =>
    (await openai(KEY).chat.completions.create({ model: MODEL, messages, ...limit })).choices[0].message.content,
  "openai chat, streamed": async () =>
    joined(
      await openai(KEY).chat.completions.create({ model: MODEL, messages, ...limit, stream: true }),
      (part) => part.choices[0].delta.content,
    ),
  "openai completions": async () =>
    (await openai(KEY).completions.create({ model: MODEL, prompt: "Say hello.", ...limit })).choices[0].text,
  "openai responses": async () =>
    (await openai(KEY).responses.create({ model: MODEL, input: "Say hello.", max_output_tokens: 5 })).output_text,
  "openai responses, streamed": async () =>
    joined(
      await openai(KEY).responses.create({ model: MODEL, input: "Say hello.", max_output_tokens: 5, stream: true }),
      (part) => (part.type === "response.output_text.delta" ? part.delta : ""),
    ),
  "openai embeddings": async () =>
    (await openai(KEY).embeddings.create({ model: MODEL, input: ["a", "b"] })).data.length,
  "openai models": async () => (await openai(KEY).models.list()).data.map(({ id }) => id).join(),
  "openai model": async () => (await openai(KEY).models.retrieve(MODEL)).id,
  "openai hidden model": () => openai(KEY).chat.completions.create({ model: HIDDEN, messages, ...limit }),
  "openai bad key": () => openai(BAD_KEY).chat.completions.create({ model: MODEL, messages, ...limit }),
  "anthropic messages": async () =>
    (await anthropic(KEY).messages.create({ model: MODEL, messages, ...limit })).content[0].text,
  "anthropic messages, streamed": async () =>
    joined(await anthropic(KEY).messages.create({ model: MODEL, messages, ...limit, stream: true }), (part) =>
      part.type === "content_block_delta" ? part.delta.text : "",
    ),
  "anthropic hidden model": () => anthropic(KEY).messages.create({ model: HIDDEN, messages, ...limit }),
  "anthropic bad key": () => anthropic(BAD_KEY).messages.create({ model: MODEL, messages, ...limit }),
  "langchain chat": async () => (await langchain(ChatOllama).invoke("Say hello.")).content,
  "langchain chat, streamed": async () =>
    joined(await langchain(ChatOllama).stream("Say hello."), (part) => part.content),
  "langchain generate": () => langchain(OllamaLLM).invoke("Say hello."),
  "langchain generate, streamed": async () => joined(await langchain(OllamaLLM).stream("Say hello."), (part) => part),
  "langchain embed": async () => (await langchain(OllamaEmbeddings).embedDocuments(["a", "b"])).length,
  "langchain hidden model": () => langchain(ChatOllama, KEY, HIDDEN).invoke("Say hello."),
  "langchain bad key": () => langchain(ChatOllama, BAD_KEY).invoke("Say hello."),
};

async function main() {
  const outcomes = {};
  for (const [name, call] of Object.entries(calls)) {
    try {
      outcomes[name] = { answer: String(await call()) };
    } catch (error) {
      outcomes[name] = { error: error.constructor.name, status: error.status ?? error.status_code ?? null };
    }
  }
  console.log(JSON.stringify(outcomes));
}

void main();
