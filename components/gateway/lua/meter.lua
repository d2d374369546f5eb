-- The reply's side: token counts while the answer passes, and what the log and the metrics say of it.
local replies, limits, usage, origins = require("replies"), require("limits"), require("usage"), require("origins")
local shared, budgets = require("shared"), require("budgets")
local answers, routes, quote = require("answers"), require("routes").routes, require("json").quote
local sub, find = string.sub, string.find
local note, NAMESPACE = answers.note, answers.NAMESPACE

jit.off(true, true)

local M = {}
local CHUNKS_PER_NOTE = 8
local TENANT = require("settings").tenant
local WARN_AT = 80
local COUNTED = { "prompt_tokens", "completion_tokens", "model_milliseconds" }
local MOST_COUNTERS = 1000

-- Name of a client's metric. Envoy's start-up configuration makes labels of its parts.
local function metric(client, name) return TENANT .. "." .. client .. ".gateway." .. name end

local counter_names, counter_count = {}, 0
-- Names of the counters of what a client has used of a model; they are put together once.
local function counters(client, model)
  local of_client = counter_names[client]
  local known = of_client and of_client[model]
  if known then return known end
  if counter_count == MOST_COUNTERS then counter_names, counter_count, of_client = {}, 0, nil end
  known = {}
  for place, name in ipairs(COUNTED) do known[place] = metric(client, name .. "." .. model) end
  of_client = of_client or {}
  counter_names[client], of_client[model], counter_count = of_client, known, counter_count + 1
  return known
end

-- Sets the gauges of how much of each budget is used, and until when it holds. Returns the highest percentage, for the log.
function M.show_budgets(h, list, now)
  local stats = h:stats()
  for _, budget in ipairs(list) do
    stats:gauge(metric(budget.owner, "budget_used_percent." .. budget.name)):set(budgets.percent(budget, now))
    stats:gauge(metric(budget.owner, "budget_ends." .. budget.name)):set(budgets.ends(budget, now))
  end
  local _, percent = budgets.fullest(list, now)
  return percent
end

local last_uses = {}
-- Sets the gauges of when a client last showed a key that holds, and of when that key ends (0: never); once a second.
function M.show_use(h, client, now)
  if last_uses[client.name] == now then return end
  last_uses[client.name] = now
  local stats = h:stats()
  stats:gauge(metric(client.name, "last_use")):set(now)
  stats:gauge(metric(client.name, "key_expires")):set(client.expires or 0)
end

-- Tells a client that most of a budget is used.
local function warn(h, list)
  local budget, percent = budgets.fullest(list, os.time())
  if percent < WARN_AT then return end
  local headers = h:headers()
  headers:replace("x-gateway-budget", budget.name)
  headers:replace("x-gateway-budget-used-percent", tostring(percent))
end

-- A model that is absent looks like one that is forbidden.
local function hide_absence(h, request, spec)
  -- On this side the headers are the reply's; Envoy adds the request's id to them only later.
  h:body(true):setBytes(replies(spec.api, 404, "model not found", request.id))
  h:headers():replace("content-type", "application/json")
end

-- The guard's part of a metered answer's line in the log, where Envoy would take long to collect it value by value.
-- Names of clients and routes, canonical names and kinds of tools have no character that JSON escapes.
local function note_line(h, request, response)
  local percent = response.budgets and M.show_budgets(h, response.budgets, os.time())
  note(h, "line", '"client":"' .. request.client .. '","route":"' .. request.route .. '","model":"' .. request.canonical
    .. '","asked_model":' .. (request.asked and quote(request.asked) or "null") .. ',"dropped_tools":'
    .. (request.dropped and quote(request.dropped) or "null") .. ',"decision":"' .. request.decision
    .. '","rule":"' .. request.rule .. '","prompt_tokens":' .. (response.prompt_tokens or "null") .. ',"completion_tokens":'
    .. (response.completion_tokens or "null") .. ',"budget_percent":' .. (percent or "null") .. ',"chunks":'
    .. response.chunks .. ',"partial":' .. tostring(response.partial))
end

-- Charges this answer to the budgets with so many tokens and milliseconds in all.
local function charge(request, response, tokens, milliseconds)
  local now, before = os.time(), response.charged_ms or 0
  budgets.use(response.budgets, "tokens", tokens - request.charged, now)
  budgets.use(response.budgets, "milliseconds", milliseconds - before, now)
  request.charged, response.charged_ms = tokens, milliseconds
end

-- Charges what the answer has told, and tells it to the other replicas.
local function settle(h, request, response)
  local tokens = (response.prompt_tokens or 0) + (response.completion_tokens or 0)
  charge(request, response, tokens, response.model_milliseconds or 0)
  shared.tell(h, response.budgets, false, os.time())
end

-- Counts what the reply has told of its tokens so far.
local function count_tokens(h, request, spec, response, tail)
  local prompt, completion, work_ms = usage.counts(spec.usage, tail)
  if not prompt then return end
  -- Ollama's own API tells how long the model worked; the others do not, and waiting is counted with it.
  work_ms = work_ms or math.max(0, h:timestamp() - request.started)
  local told = { prompt_tokens = prompt, completion_tokens = completion, model_milliseconds = work_ms }
  local stats, metrics = h:stats(), counters(request.client, request.model)
  for place, name in ipairs(COUNTED) do
    local before = response[name] or 0
    response[name] = math.max(before, told[name])
    stats:counter(metrics[place]):add(response[name] - before)
  end
  if response.budgets then settle(h, request, response) end
end

-- Charges what an answer that is broken off after this chunk has cost, of which it tells no number: a token for each event,
-- and the time that it took. Where the end would tell how long the model worked, waiting for its turn is not counted.
-- What counts have been told is charged by them.
local function charge_chunk(h, request, spec, response, text)
  if response.prompt_tokens then return end
  local now_ms = h:timestamp()
  response.began = response.began or (spec.usage == "ollama" and now_ms or request.started)
  response.breaks = (response.breaks or 0) + usage.breaks(text)
  local events = math.floor(response.breaks / spec.event_lines)
  charge(request, response, request.prompt + events, math.max(0, now_ms - response.began))
  shared.tell(h, response.budgets, true, os.time())
end

local function meter(h, request, spec, response)
  local headers = h:headers()
  local strip = request.strip_usage and find(headers:get("content-type") or "", "^text/event%-stream")
  -- A reply of known length comes at once; a stream may be broken off, and is partial until it is whole.
  local stream = not headers:get("content-length")
  local tail, held, last = usage.tail(), "", nil
  response.chunks, response.partial = 0, true
  request.prompt = request.charged
  for chunk in h:bodyChunks() do
    local length = chunk:length()
    last = chunk
    if length > 0 then
      local text = chunk:getBytes(0, length)
      usage.append(tail, text)
      if strip then
        local passed
        passed, held = usage.without_usage(held, text)
        if #passed ~= length or #held > 0 then chunk:setBytes(passed) end
      end
      response.chunks = response.chunks + 1
      if response.budgets and stream then charge_chunk(h, request, spec, response, text) end
      -- Many clients close the connection as soon as they have read the last event, before the stream has ended.
      local counted = stream and usage.told(spec.usage, text)
      if counted then count_tokens(h, request, spec, response, tail) end
      if counted or (response.prompt_tokens and response.chunks % CHUNKS_PER_NOTE == 1) then
        note_line(h, request, response)
      elseif stream and response.chunks % CHUNKS_PER_NOTE == 1 then
        note(h, "response", { partial = true, chunks = response.chunks })
      end
    end
  end
  if held ~= "" then last:setBytes(held) end
  count_tokens(h, request, spec, response, tail)
  response.partial = false
end

-- Meters the answer to a request that was passed on, and gives back what was kept for it.
local function finish(h, request, spec)
  local status, response = h:headers():get(":status"), { budgets = request.charged and budgets.kept(request.client) }
  -- The server has the body: it is not in memory any more.
  limits.resize(request, 0)
  local ok, fault = true, nil
  if status == "404" then ok, fault = pcall(hide_absence, h, request, spec)
  elseif status == "200" then ok, fault = pcall(meter, h, request, spec, response) end
  if not ok then h:logErr("metering failed: " .. sub(tostring(fault), 1, 200)) end
  limits.leave(request)
  if response.budgets then settle(h, request, response) end
  if response.partial == false then note_line(h, request, response)
  elseif response.budgets then M.show_budgets(h, response.budgets, os.time()) end
end

-- This hook also runs on replies that Envoy or the guard itself made.
function M.on_response(h)
  local metadata = h:streamInfo():dynamicMetadata():get(NAMESPACE)
  local request = metadata and metadata.request
  if not request then return end
  if request.origin then origins.admit(h:headers(), request.origin) end
  if request.replied then return end
  if request.charged then warn(h, budgets.kept(request.client)) end
  if request.dropped then h:headers():replace("x-gateway-dropped-tools", request.dropped) end
  local spec = routes[request.route]
  if request.decision ~= "allow" or not spec.fields then return limits.leave(request) end
  return finish(h, request, spec)
end

return M
