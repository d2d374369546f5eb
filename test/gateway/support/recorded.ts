/** Requests as programs in front of Ollama send them, recorded from the programs or read in their sources, with shorter texts. */
import { ALICE } from "./decisions";

/** One request of a program. */
export interface RecordedRequest {
  method: string;
  target: string;
  /** Headers beside host and key. */
  headers?: [string, string][];
  body?: unknown;
  /** Status that it gets. Default: 200. */
  status?: number;
  /** What the refusal tells the person in front of the program. */
  says?: RegExp;
  /** Types of tools that are left out. Default: none. */
  dropped?: string;
  /** What has to arrive at the server, by field. */
  arrives?: Record<string, unknown>;
}

/** A program, how it shows its key, and what it sends. */
export interface Program {
  name: string;
  key: [string, string][];
  requests: RecordedRequest[];
}

const MODEL = "llama3:8b";
const bearer: [string, string][] = [["authorization", `Bearer ${ALICE}`]];
const post = (target: string, body: object, more: Partial<RecordedRequest> = {}): RecordedRequest => ({
  method: "POST",
  target,
  body: { model: MODEL, ...body },
  ...more,
});
const get = (target: string, more: Partial<RecordedRequest> = {}): RecordedRequest => ({
  method: "GET",
  target,
  ...more,
});

const user = { role: "user", content: "hi" };
const parameters = { type: "object", properties: { path: { type: "string" } }, required: ["path"] };
const openaiTool = { type: "function", function: { name: "read", description: "Reads a file", parameters } };
const chatOfOllama = (more: object = {}) => post("/api/chat", { messages: [user], stream: true, ...more });
const STAINLESS: [string, string][] = [
  "arch",
  "lang",
  "os",
  "package-version",
  "retry-count",
  "runtime",
  "timeout",
].map((name) => [`x-stainless-${name}`, "x"]);

const claudeTools = Array.from({ length: 12 }, (_, index) => ({
  name: `Tool${index}`,
  description: "d".repeat(3500),
  input_schema: { $schema: "https://json-schema.org/draft/2020-12/schema", ...parameters, additionalProperties: false },
  ...(index > 8 && { defer_loading: true }),
}));
const cached = (text: string) => ({ type: "text", text, cache_control: { type: "ephemeral" } });
const claude = {
  max_tokens: 32_000,
  stream: true,
  system: [cached("You are a coding agent."), cached("s".repeat(4000))],
  messages: [
    { role: "user", content: [cached("<system-reminder>today</system-reminder>"), cached("hi")] },
    { role: "system", content: "Deferred tools are listed here." },
  ],
  tools: claudeTools,
  metadata: { user_id: "user_x_account__session_y" },
  thinking: { type: "adaptive" },
  context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
  output_config: { effort: "medium" },
};
const CLAUDE_HEADERS: [string, string][] = [
  ["anthropic-version", "2023-06-01"],
  ["anthropic-beta", "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27"],
  ["x-app", "cli"],
  ["anthropic-dangerous-direct-browser-access", "true"],
  ...STAINLESS,
];

const codexTool = { type: "function", name: "shell", description: "Runs", strict: false, parameters };
const turn = (index: number) => [
  { type: "reasoning", summary: [{ type: "summary_text", text: "thought" }], encrypted_content: null },
  { type: "function_call", name: "shell", arguments: "{}", call_id: `call_${index}` },
  { type: "function_call_output", call_id: `call_${index}`, output: "done" },
];
const codex = {
  instructions: "i".repeat(20_000),
  input: [
    { type: "message", role: "developer", content: [{ type: "input_text", text: "<permissions>" }] },
    { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
    ...Array.from({ length: 86 }, (_, index) => turn(index)).flat(),
  ],
  tools: [
    codexTool,
    { type: "web_search", external_web_access: false },
    { type: "namespace", name: "n", tools: [codexTool] },
  ],
  tool_choice: "auto",
  parallel_tool_calls: false,
  reasoning: { effort: "medium", summary: "auto" },
  store: false,
  stream: true,
  include: ["reasoning.encrypted_content"],
  prompt_cache_key: "0199",
  client_metadata: { originator: "codex" },
};

/** Programs that people use. */
export const PROGRAMS: Program[] = [
  {
    name: "Claude Code",
    key: bearer,
    requests: [
      post("/v1/messages?beta=true", claude, {
        headers: CLAUDE_HEADERS,
        arrives: { max_tokens: 32_000, output_config: { effort: "medium" }, thinking: { type: "adaptive" } },
      }),
      post(
        "/v1/messages?beta=true",
        { ...claude, tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 8 }] },
        { headers: CLAUDE_HEADERS, dropped: "web_search" },
      ),
      post("/v1/messages?beta=true", claude, { headers: [...CLAUDE_HEADERS, ["x-api-key", ""]] }),
    ],
  },
  {
    name: "Codex",
    key: bearer,
    requests: [
      post("/v1/responses", codex, {
        headers: [
          ["x-codex-turn-metadata", JSON.stringify({ turn: "t".repeat(600) })],
          ["originator", "codex_exec"],
          ["accept", "text/event-stream"],
        ],
        dropped: "web_search",
        arrives: { tools: [codex.tools[0], codex.tools[2]], input: codex.input },
      }),
    ],
  },
  {
    name: "Open WebUI, Ollama connection",
    key: bearer,
    requests: [
      get("/api/version"),
      get("/api/tags"),
      get("/api/ps"),
      post("/api/show", { name: MODEL }),
      chatOfOllama({ options: { temperature: 0.7, num_ctx: 8192 }, keep_alive: "30m", think: false, tools: [] }),
      post("/api/generate", { prompt: "", keep_alive: 0, stream: false }),
      post("/api/embed", { input: ["a", "b"] }),
      post("/api/pull", { name: MODEL, stream: true }, { status: 404, says: /not found/ }),
    ],
  },
  {
    name: "Open WebUI, OpenAI connection",
    key: bearer,
    requests: [
      get("/v1/models"),
      post("/v1/chat/completions", { messages: [user], stream: true, stream_options: { include_usage: true } }),
      post("/v1/embeddings", { input: ["a"] }),
      post("/v1/audio/speech", { input: "hi", voice: "x" }, { status: 404, says: /not found/ }),
    ],
  },
  {
    name: "LibreChat",
    key: bearer,
    requests: [
      get("/v1/models"),
      post("/v1/chat/completions", { messages: [user], stream: true, user: "65f0", stop: null, tools: [openaiTool] }),
    ],
  },
  {
    name: "Continue",
    key: bearer,
    requests: [
      get("/api/tags"),
      post("/api/show", { name: MODEL }),
      chatOfOllama({ options: { num_predict: 2048, stop: ["<|im_end|>"], num_ctx: 8192 }, keep_alive: 1800 }),
      post("/api/generate", { prompt: "def f(", suffix: "return 1", raw: false, options: { num_predict: 256 } }),
      post("/api/generate", { prompt: "<PRE>", raw: true }, { status: 400, says: /raw is not available/ }),
      post("/api/embed", { input: ["a"] }),
    ],
  },
  {
    name: "Cline",
    key: bearer,
    requests: [get("/api/tags"), chatOfOllama({ options: { num_ctx: 32_768 } })],
  },
  {
    name: "Zed",
    key: bearer,
    requests: [
      get("/api/tags"),
      post("/api/show", {}),
      chatOfOllama({ keep_alive: -1, options: { num_ctx: 16_384, stop: [] }, think: true, tools: [openaiTool] }),
    ],
  },
  {
    name: "VS Code Copilot, Ollama provider",
    key: [],
    requests: [get("/api/version", { status: 401, says: /API key is required/ })],
  },
  {
    name: "VS Code Copilot, OpenAI compatible",
    key: bearer,
    requests: [
      post("/v1/chat/completions", { messages: [user], stream: true, n: 1, tools: [openaiTool], tool_choice: "auto" }),
    ],
  },
  {
    name: "n8n",
    key: bearer,
    requests: [get("/api/tags"), chatOfOllama({ options: { temperature: 0.7 } }), post("/api/embed", { input: ["a"] })],
  },
  {
    name: "LangChain",
    key: bearer,
    requests: [
      chatOfOllama({ options: { mirostat: null, num_ctx: 2048, stop: null }, keep_alive: null, format: "" }),
      post("/api/embed", { input: Array.from({ length: 1000 }, (_, index) => `text ${index}`), truncate: true }),
      post("/v1/embeddings", { input: Array.from({ length: 1000 }, () => "x"), encoding_format: "base64" }),
    ],
  },
  {
    name: "LlamaIndex",
    key: bearer,
    requests: [
      chatOfOllama({ options: { temperature: 0.75, num_ctx: 3900 }, keep_alive: "5m", tools: null, format: "json" }),
      post("/api/embed", { input: Array.from({ length: 100 }, () => "x"), options: {} }),
    ],
  },
  {
    name: "LiteLLM",
    key: bearer,
    requests: [
      post("/api/show", { name: MODEL }),
      chatOfOllama({ options: { num_predict: 100 }, format: null, tools: [openaiTool] }),
      post("/v1/chat/completions", { messages: [user], max_completion_tokens: 50, extra_body: {} }),
    ],
  },
  {
    name: "ollama for JavaScript and Python",
    key: bearer,
    requests: [
      get("/api/version"),
      get("/api/tags"),
      get("/api/ps"),
      post("/api/show", { name: "" }),
      chatOfOllama({ format: { type: "object", properties: { age: { type: "integer" } } } }),
      post("/api/generate", { prompt: "hi", stream: false, images: ["aGk="] }),
      post("/api/embed", { input: "a" }),
      post("/v1/systemone", {}, { status: 404, says: /not found/ }),
    ],
  },
  {
    name: "openai",
    key: bearer,
    requests: [
      get("/v1/models"),
      get(`/v1/models/${encodeURIComponent(MODEL)}`),
      post("/v1/chat/completions", { messages: [user], max_tokens: 5, n: 1, seed: 1 }, { headers: STAINLESS }),
      post("/v1/completions", { prompt: "hi" }, { headers: STAINLESS }),
      post("/v1/responses", { input: "hi", store: true }, { headers: STAINLESS }),
    ],
  },
  {
    name: "anthropic",
    key: [["x-api-key", ALICE]],
    requests: [
      post(
        "/v1/messages",
        { max_tokens: 5, messages: [user] },
        { headers: [["anthropic-version", "2023-06-01"], ...STAINLESS] },
      ),
      post("/v1/messages/count_tokens", { messages: [user] }, { status: 404, says: /not found/ }),
    ],
  },
];
