/**
 * The public surface: every method and path that is answered, what may be said there, and how tokens are counted. Whatever
 * is not here is refused. The guard's `routes.lua` is written from this table.
 */

/** An API whose shape requests, answers and errors have. */
export type Api = "ollama" | "openai" | "anthropic";

/** A list of models, as the server answers it. */
export interface ModelList {
  /** Path to fetch it from. */
  path: string;
  /** Member of the reply that holds the models. */
  array: string;
  /** Members of a model that hold its name. */
  names: string[];
  /** Text before the models in the rebuilt reply. */
  prefix: string;
  /** Text behind them. */
  suffix: string;
}

/** A route of the public surface. */
export interface SurfaceRoute {
  /** Name, by which the guard knows what is asked. */
  name: string;
  /** Methods. */
  methods: string[];
  /** Exact path; a path that ends in `/` takes one more segment. */
  path: string;
  /** Whether the model works on the request, which may take long. */
  inference: boolean;
  /** Request fields that are passed on as they are; others are dropped. Absent: the route takes no body. */
  fields?: string[];
  /** Request fields of which only some members are passed on. */
  parts?: Record<string, string[]>;
  /** Whether the request has Ollama's `options` and `keep_alive`. */
  options?: boolean;
  /** Whether Ollama still reads the model from the old field `name`. */
  oldName?: boolean;
  /** Fields that bound the number of generated tokens; the first one is passed on. */
  outputLimit?: string[];
  /** Fields whose elements the tenant bounds, and by which limit. */
  counted?: Record<string, "messages" | "inputs" | "images" | "tools">;
  /** Where the reply carries token counts: in the last line (Ollama's own API), or in an object `usage`. Absent: nowhere. */
  usage?: "ollama" | "object";
  /** Lines that an event of a stream takes, the empty one behind it included. Default: 1, as in Ollama's own API. */
  eventLines?: number;
  /** Whether a stream carries counts only when `stream_options.include_usage` asks for them. */
  usageOption?: boolean;
  /** The list that is answered. */
  list?: ModelList;
  /** Whether the path names one model of the list. */
  single?: boolean;
  /** Whether the answer is a model's description. */
  show?: boolean;
}

/** Which API a path belongs to, the more specific prefix first. */
export const API_PREFIXES: readonly { prefix: string; api: Api }[] = [
  { prefix: "/v1/messages", api: "anthropic" },
  { prefix: "/v1/", api: "openai" },
  { prefix: "/", api: "ollama" },
];

/** The API that a path belongs to. */
export function apiOf(path: string): Api {
  return API_PREFIXES.find(({ prefix }) => path.startsWith(prefix))?.api ?? "ollama";
}

const words = (text: string): string[] => text.split(" ");

const get = (name: string, path: string, more: Partial<SurfaceRoute> = {}): SurfaceRoute => ({
  name,
  methods: ["GET"],
  path,
  inference: false,
  ...more,
});
const infer = (name: string, path: string, more: Partial<SurfaceRoute>): SurfaceRoute => ({
  name,
  methods: ["POST"],
  path,
  inference: true,
  ...more,
});

const READ = { methods: ["GET", "HEAD"] };
const ollamaList = (path: string): ModelList => ({
  path,
  array: "models",
  names: ["name", "model"],
  prefix: '{"models":[',
  suffix: "]}",
});
const OPENAI_LIST: ModelList = {
  path: "/v1/models",
  array: "data",
  names: ["id"],
  prefix: '{"object":"list","data":[',
  suffix: "]}",
};

/** The public surface, from the routes that Ollama registers; those that manage models or leave the pod are left out. */
export const SURFACE: SurfaceRoute[] = [
  get("root", "/", READ),
  get("version", "/api/version", READ),
  get("tags", "/api/tags", { ...READ, list: ollamaList("/api/tags") }),
  get("ps", "/api/ps", { list: ollamaList("/api/ps") }),
  get("openai_models", "/v1/models", { list: OPENAI_LIST }),
  get("openai_model", "/v1/models/", { list: OPENAI_LIST, single: true }),
  { ...get("show", "/api/show"), methods: ["POST"], show: true, fields: [], oldName: true },
  infer("chat", "/api/chat", {
    fields: words("messages tools stream format think truncate logprobs top_logprobs"),
    counted: { messages: "messages", tools: "tools" },
    options: true,
    outputLimit: ["num_predict"],
    usage: "ollama",
  }),
  infer("generate", "/api/generate", {
    fields: words("prompt suffix system images stream format think context truncate logprobs top_logprobs"),
    counted: { images: "images" },
    options: true,
    outputLimit: ["num_predict"],
    usage: "ollama",
  }),
  infer("embed", "/api/embed", {
    fields: words("input truncate dimensions"),
    counted: { input: "inputs" },
    options: true,
    usage: "ollama",
  }),
  infer("embeddings", "/api/embeddings", { fields: ["prompt"], options: true }),
  infer("openai_chat", "/v1/chat/completions", {
    fields: words(
      "messages tools tool_choice stream stop temperature top_p presence_penalty frequency_penalty seed " +
        "response_format reasoning reasoning_effort logprobs top_logprobs",
    ),
    counted: { messages: "messages", tools: "tools" },
    outputLimit: ["max_tokens", "max_completion_tokens"],
    usage: "object",
    eventLines: 2,
    usageOption: true,
  }),
  infer("openai_completions", "/v1/completions", {
    fields: words("prompt suffix stream stop temperature top_p presence_penalty frequency_penalty seed echo logprobs"),
    outputLimit: ["max_tokens"],
    usage: "object",
    eventLines: 2,
    usageOption: true,
  }),
  infer("openai_embeddings", "/v1/embeddings", {
    fields: words("input encoding_format dimensions"),
    counted: { input: "inputs" },
    usage: "object",
  }),
  infer("openai_responses", "/v1/responses", {
    fields: words("input instructions tools stream temperature top_p text reasoning truncation"),
    // The items of a conversation: messages, calls of tools and their results.
    counted: { input: "messages", tools: "tools" },
    outputLimit: ["max_output_tokens"],
    usage: "object",
    eventLines: 3,
  }),
  infer("anthropic_messages", "/v1/messages", {
    fields: words("messages system tools tool_choice stream stop_sequences temperature top_p top_k thinking"),
    // Releases of Ollama that do not know the field ignore it.
    parts: { output_config: ["effort"] },
    counted: { messages: "messages", tools: "tools" },
    outputLimit: ["max_tokens"],
    usage: "object",
    eventLines: 3,
  }),
];

/** Sampling options of a request; what changes how a model is loaded (num_ctx, num_gpu, ...) would reload it for all. */
export const SAMPLING = words(
  "temperature top_p top_k min_p typical_p repeat_penalty repeat_last_n presence_penalty frequency_penalty seed stop " +
    "mirostat mirostat_eta mirostat_tau num_keep",
);

/** Fields that would show or bypass what the model's author set. Refused, because dropping them changes the answer. */
export const REFUSED_FIELDS = words("raw template _debug_render_only");

/** Fields that Ollama reads on some route beside those of the table. */
const OTHER_FIELDS = words(
  "model name keep_alive options shift stream_options source destination from files adapters remote_host insecure verbose",
);

/** Every field that any route reads. Ollama compares keys without case, so a variant of one of these is an ambiguity. */
export function boundFields(): string[] {
  const ofRoutes = SURFACE.flatMap(({ fields = [], parts = {}, outputLimit = [] }) => [
    ...fields,
    ...Object.keys(parts),
    ...outputLimit,
  ]);
  return [...new Set([...OTHER_FIELDS, ...REFUSED_FIELDS, ...ofRoutes])].sort();
}

/**
 * Types of tools that the server itself would have to run, or that reach beyond it: a tool whose type has one of these
 * words in it is not passed on. Ollama runs one that searches the web, past every policy.
 */
export const HOSTED_TOOLS = words(
  "web_search web_fetch file_search code_interpreter code_execution image_generation tool_search mcp computer",
);
