-- Coverage-guided fuzzing of the guard's JSON reader and body rewriter. Arguments: the modules' folder, a seed, and how many
-- documents to try. The first documents come on stdin, each as its length in decimal, a line break and the bytes. A document that
-- takes a new step from one line of code to another is kept and changed further.
--
-- Output: a line of figures ("tried kept edges"), then a line for each document that was kept or that the reader accepts: the verdict,
-- a tab, the document in hexadecimal.
-- Ends with an error, which names the document in hexadecimal, when
--   * the guard raises anything but its own faults,
--   * its work is more than in proportion to the document's length,
--   * what it would send upstream is not strict JSON with the allowed model first, or would be judged otherwise a second time.
package.path = arg[1] .. "/?.lua"
jit.off()
local json, routes, rewrite = require("json"), require("routes").routes, require("rewrite")
math.randomseed(tonumber(arg[2]))
local random = math.random

-- Steps of the interpreter that a document may take: a part that every document takes, and a part for each byte.
local FIXED_STEPS, STEPS_PER_BYTE, LONGEST = 20000, 400, 2000
local ALLOWED = "registry.ollama.ai/library/llama3:8b"
local LIMITS = { max_tokens = 4096, num_ctx = 4096, keep_alive = "5m", max_messages = 4, max_inputs = 4, max_images = 2, max_tools = 2 }

local NAMES = {}
for name, route in pairs(routes) do
  if route.fields then NAMES[#NAMES + 1] = name end
end
table.sort(NAMES)

local TOKENS = {
  '{', '}', '[', ']', ',', ':', '"', '\\', 'null', 'true', 'false', '-0', '1e999', '0.5', '9007199254740993', '""', '"a":', '{"a":1}',
  '"model":"llama3:8b",', '"model":"secret",', '"Model":"secret",', '"mode\\u006c":', '"\\u006dodel":', '"name":"",', '"name":"secret",',
  '"options":{"num_predict":5,"num_ctx":9,"stop":["x"]},', '"num_predict":-1,', '"keep_alive":0,', '"messages":[{"role":"user","content":"x"}],',
  '"messages":[{"content":[{"type":"image_url"}],"images":["QQ=="]}],', '"images":["QQ==","QQ==","QQ=="],', '"input":["a","b","c","d","e"],',
  '"tools":[{"type":"web_search_20250305"}],', '"tools":[{"TYPE":"web_search"}],', '"stream":true,', '"stream_options":{"include_usage":true},',
  '"raw":true,', '"template":"x",', '"max_tokens":1.5,', '"max_completion_tokens":"7",', '"shift":true,', '\\ud83d\\ude00', '\\ud800', '\\udc00',
  '\\u0000', '\\/', '\197\191', '\226\132\170', '\195\169', '\240\159\152\128', '\237\160\128', '\192\175', '\239\187\191', '\0', '\127', '\r\n', ' ',
}

-- What strings may say, rightly and wrongly.
local TEXTS = {
  "llama3:8b", "model", "mod\\u0065l", "a\\ud83d\\ude00", "\\ud83d\\u0041", "\\ud800", "\\udc00x", "\\u12g4", "\\x", "\\u0000", "\197\191tream",
  "\237\160\128", "\192\175", "\240\159\152", "\1", "\127", string.rep("long ", 12), string.rep("\195\169", 30),
}

-- Edges between lines, each seen for the first time in the document that is being tried.
local edges, edge_count, fresh, last_line = {}, 0, false, 0
local steps, allowed_steps, exceeded = 0, 0, false

local function on_line(_, line)
  local edge = last_line * 65536 + line
  last_line = line
  if not edges[edge] then
    edges[edge] = true
    edge_count = edge_count + 1
    fresh = true
  end
  steps = steps + 1
  if steps > allowed_steps and not exceeded then
    exceeded = true
    error("too much work", 0)
  end
end

local function hex(text) return (text:gsub(".", function(c) return string.format("%02x", c:byte()) end)) end

local function fail(why, document) error(why .. ": " .. hex(document), 0) end

local function granted(canonical) return canonical == ALLOWED and canonical or nil end

local function watched(f, ...)
  debug.sethook(on_line, "l")
  local ok, result = pcall(f, ...)
  debug.sethook()
  return ok, result
end

local function verdict(document)
  steps, allowed_steps, exceeded, last_line = 0, FIXED_STEPS + STEPS_PER_BYTE * #document, false, 0
  local ok, fault = watched(json.visit, document, nil, {})
  if ok then return "ok" end
  if type(fault) ~= "table" or not fault.json then fail("the reader raised " .. tostring(fault), document) end
  return fault.json
end

-- Whether a text has an escape of one half of a pair without the other.
local function half_character(text)
  text = text:gsub("\\[^u]", ""):gsub("\\u[dD][89abAB]%x%x\\u[dD][c-fC-F]%x%x", "")
  return text:find("\\u[dD][89a-fA-F]%x%x") ~= nil
end

local function kind_of_tool(state, key, first, last, kind)
  if key:lower() ~= "type" or kind ~= 34 then return end
  if json.string(state.text, first, last):lower():find("^web_search") then state.searches = true end
end

-- Whether one of the tools is a search of the web. What a tool has within its own fields is no tool.
local function searches(body)
  local state = { text = body }
  json.visit(body, { fields = { tools = { each = { member = kind_of_tool } } } }, state)
  return state.searches
end

local function rewritten(document, name)
  local spec = routes[name]
  steps, last_line = 0, 0
  local ok, state = watched(rewrite, spec, document, granted, LIMITS)
  if not ok then fail("the rewriter of " .. name .. " raised " .. tostring(state), document) end
  if not state.body then
    if not state.refusal or not state.refusal.rule then fail("neither a body nor a refusal", document) end
    return
  end
  if state.body:find('{"model":"' .. ALLOWED .. '"', 1, true) ~= 1 then fail("the body begins with another model", document) end
  if not pcall(json.visit, state.body, nil, {}) then fail("the body is not strict JSON", document) end
  if half_character(state.body) then fail("the body has half a character", document) end
  if spec.fields.tools and searches(state.body) then fail("the body asks for a search of the web", document) end
  local again = rewrite(spec, state.body, granted, LIMITS)
  if again.body ~= state.body and not spec.options and not spec.usage_option then fail("the body would be judged otherwise", document) end
  if not again.body then fail("the body would be refused", document) end
end

local function changed(corpus)
  local text = corpus[random(#corpus)]
  for _ = 1, random(4) do
    local kind, at = random(7), random(0, #text)
    if kind <= 2 then text = text:sub(1, at) .. TOKENS[random(#TOKENS)] .. text:sub(at + 1)
    elseif kind == 3 then text = text:sub(1, at) .. string.char(random(0, 255)) .. text:sub(at + 2)
    elseif kind == 4 then text = text:sub(1, at) .. text:sub(at + 1 + random(8))
    elseif kind == 5 then
      local to = math.min(#text, at + random(40))
      text = text:sub(1, to) .. text:sub(at + 1)
    elseif kind == 6 then
      local first, last = text:find('"[^"]*"', at + 1)
      if first then text = text:sub(1, first) .. TEXTS[random(#TEXTS)] .. text:sub(last) end
    else
      local other = corpus[random(#corpus)]
      text = text:sub(1, at) .. other:sub(random(0, #other) + 1)
    end
  end
  return text:sub(1, LONGEST)
end

local corpus, shown = {}, {}
local function try(document)
  fresh = false
  local found = verdict(document)
  rewritten(document, NAMES[random(#NAMES)])
  if fresh or #corpus == 0 then corpus[#corpus + 1] = document end
  if fresh or found == "ok" then shown[#shown + 1] = found .. "\t" .. hex(document) end
end

-- Requests that pass, for every route.
local REQUESTS = {
  '{"model":"llama3:8b","messages":[{"role":"user","content":"a\\ud83d"}],"prompt":"\\udc00","input":["\\ud83d\\ud83d\\ude00"],"stream":true}',
  '{"model":"llama3:8b","tools":[{"type":"function","name":"a"},{"type":"web_search"}],"output_config":{"effort":"low"},"name":""}',
  '{"model":"llama3:8b","format":{"type":"string","maxLength":9,"default":{"maxLength":9999}},"options":{"num_predict":5}}',
}
for _, request in ipairs(REQUESTS) do
  try(request)
  for _, name in ipairs(NAMES) do rewritten(request, name) end
end

while true do
  local length = io.read("*l")
  if not length then break end
  try(io.read(tonumber(length)) or "")
end
local tried = tonumber(arg[3])
for _ = 1, tried do try(changed(corpus)) end
io.write(tried, " ", #corpus, " ", edge_count, "\n")
for _, line in ipairs(shown) do io.write(line, "\n") end
