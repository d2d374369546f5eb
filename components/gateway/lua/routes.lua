-- What may be asked on each route: the request fields that are passed on, and how limits and token counts are expressed.
-- The keys are the names that the route configuration gives to Envoy's routes; whatever is not listed here is refused.
--
--   api            whose shape errors take: ollama, openai or anthropic
--   fields         request fields that are passed on as they are; others are dropped
--   options        true: the request has Ollama's `options` and `keep_alive`
--   output_limit   fields that bound the number of generated tokens, the first one is the one passed on
--   usage          where the reply carries token counts: ollama (last line), or object ("usage" member)
--   usage_option   true: a stream carries counts only when `stream_options.include_usage` asks for them
--   list           path to fetch, the array in the reply and the members that hold a model's name
local function set(words)
  local members = {}
  for word in words:gmatch("%S+") do members[word] = true end
  return members
end

local TAGS = { path = "/api/tags", array = "models", names = set("name model"), prefix = '{"models":[', suffix = "]}" }
local PS = { path = "/api/ps", array = "models", names = set("name model"), prefix = '{"models":[', suffix = "]}" }
local MODELS = { path = "/v1/models", array = "data", names = set("id"), prefix = '{"object":"list","data":[', suffix = "]}" }

local M = {}

M.routes = {
  root = { api = "ollama", forward = true },
  version = { api = "ollama", forward = true },
  tags = { api = "ollama", list = TAGS },
  ps = { api = "ollama", list = PS },
  openai_models = { api = "openai", list = MODELS },
  openai_model = { api = "openai", list = MODELS, single = true },
  show = { api = "ollama", show = true, fields = {} },
  chat = {
    api = "ollama", options = true, output_limit = { "num_predict" }, usage = "ollama",
    fields = set("messages tools stream format think truncate logprobs top_logprobs"),
  },
  generate = {
    api = "ollama", options = true, output_limit = { "num_predict" }, usage = "ollama",
    fields = set("prompt suffix system images stream format think context truncate logprobs top_logprobs"),
  },
  embed = { api = "ollama", options = true, usage = "ollama", fields = set("input truncate dimensions") },
  embeddings = { api = "ollama", options = true, fields = set("prompt") },
  openai_chat = {
    api = "openai", output_limit = { "max_tokens", "max_completion_tokens" }, usage = "object", usage_option = true,
    fields = set("messages tools tool_choice stream stop temperature top_p presence_penalty frequency_penalty seed "
      .. "response_format reasoning reasoning_effort logprobs top_logprobs"),
  },
  openai_completions = {
    api = "openai", output_limit = { "max_tokens" }, usage = "object", usage_option = true,
    fields = set("prompt suffix stream stop temperature top_p presence_penalty frequency_penalty seed echo logprobs"),
  },
  openai_embeddings = { api = "openai", usage = "object", fields = set("input encoding_format dimensions") },
  openai_responses = {
    api = "openai", output_limit = { "max_output_tokens" }, usage = "object",
    fields = set("input instructions tools stream temperature top_p text reasoning truncation"),
  },
  anthropic_messages = {
    api = "anthropic", output_limit = { "max_tokens" }, usage = "object",
    fields = set("messages system tools tool_choice stream stop_sequences temperature top_p top_k thinking"),
  },
}

-- Sampling options of a request; what changes how a model is loaded (num_ctx, num_gpu, ...) would reload it for all.
M.sampling = set("temperature top_p top_k min_p typical_p repeat_penalty repeat_last_n presence_penalty "
  .. "frequency_penalty seed stop mirostat mirostat_eta mirostat_tau num_keep")

-- Fields that would show or bypass what the model's author set. Refused, because dropping them changes the answer.
M.refused = set("raw template _debug_render_only")

-- Every field that any route binds. Ollama compares keys without case, so a variant of one of these is an ambiguity.
M.bound = set("model name keep_alive options shift stream_options source destination from files adapters remote_host "
  .. "insecure verbose raw template _debug_render_only num_predict")
for _, spec in pairs(M.routes) do
  for field in pairs(spec.fields or {}) do M.bound[field] = true end
  for _, field in ipairs(spec.output_limit or {}) do M.bound[field] = true end
end

return M
