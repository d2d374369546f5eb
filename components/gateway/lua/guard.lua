-- The guard as Envoy calls it: who calls, what is asked, may they; then the reply's token counts. Every decision is left
-- in the dynamic metadata `gateway`, which the RBAC filter behind this one, the audit log and the metrics read.
--
-- Envoy passes a request on when a script fails, so nothing here is trusted to run: without `decision=allow` and a
-- client in the metadata, the RBAC filter refuses. Envoy's wrappers (headers, streamInfo, ...) die at every yield
-- (body, bodyChunks, httpCall) and are fetched again after it.
local sha256, rewrite, reply = require("sha256"), require("rewrite"), require("replies")
local names, lists, usage, limits = require("names"), require("lists"), require("usage"), require("limits")
local routes, quote = require("routes").routes, require("json").quote
local sub, find, match, gsub, format, byte = string.sub, string.find, string.match, string.gsub, string.format, string.byte

-- Nearly every line below calls Envoy, which compiled code cannot do: it would leave and come back at each call, and a
-- request would cost more than in the interpreter. The modules that only compute are compiled.
jit.off(true, true)

-- The guard's own memory is under a megabyte: collecting garbage later costs little of it and saves time.
collectgarbage("setpause", 400)

local M = {}
local NAMESPACE, CLUSTER = "gateway", "ollama"
local TOKENS = "envoy.filters.http.jwt_authn"
local KEY_SHORTEST, KEY_LONGEST = 20, 128
local FETCH_TIMEOUT_MS = 10000
local LOGGED_NAME = 120
-- Prompt tokens are not known before the answer: a budget is charged this many bytes per token until they are.
local BYTES_PER_TOKEN = 4
local CHUNKS_PER_NOTE = 8
local COUNTED = { "prompt_tokens", "completion_tokens" }

-- Why a token does not hold, in the words of Envoy's filter; everything else is `token_invalid`.
local FAILURES = {
  ["Jwt is expired"] = "token_expired", ["Audiences in Jwt are not allowed"] = "token_audience",
  ["Jwt issuer is not configured"] = "token_issuer",
}

local last_flight = 0
-- The policy of the last request, by kind of entry: `k` clients by the hash of a key, `s` by a token's subject, `m` models,
-- `g` grants of clients that have a list of their own; `limits`, `tenant` and the policy's `version`.
local policy = {}

local function note(h, key, values) h:streamInfo():dynamicMetadata():set(NAMESPACE, key, values) end

-- The policy that this request is judged by. Envoy copies all of it for each look, which takes the longer the more clients
-- and models a tenant has; so it is read once in each version. A request that has begun keeps the version it began with.
local function current_policy(h)
  local version = h:virtualHost():metadata():get("version") or error("the policy has no version")
  if policy.version == version then return policy end
  local read = { version = version, k = {}, s = {}, m = {}, g = {} }
  for key, value in pairs(h:filterContext()) do
    local kind, name = match(key, "^([ksmg])_(.+)$")
    if kind then read[kind][name] = value else read[key] = value end
  end
  policy = read
  return read
end

-- Name of a client's metric. Envoy's start-up configuration makes labels of its parts.
local function metric(client, name) return policy.tenant .. "." .. client .. ".gateway." .. name end

-- Sets the gauges of how much of the day's tokens a client has used. Returns the percentage, for the log.
local function show_budget(h, client, tokens_per_day, now)
  local percent, stats = math.floor(100 * limits.used(client, now) / tokens_per_day), h:stats()
  stats:gauge(metric(client, "budget_used_percent")):set(percent)
  stats:gauge(metric(client, "budget_day")):set(limits.day(now))
  return percent
end

local function answer(h, request, status, body, headers)
  request.replied = true
  note(h, "request", request)
  headers = headers or {}
  headers[":status"], headers["content-type"] = tostring(status), "application/json"
  h:respond(headers, body)
end

-- Body of an error reply in the shape of the API that was called.
local function shaped(h, request, status, message)
  local headers, spec = h:headers(), routes[request.route]
  local api = spec and spec.api or (sub(headers:get(":path"), 1, 4) == "/v1/" and "openai" or "ollama")
  return reply(api, status, message, api == "anthropic" and headers:get("x-request-id"))
end

local function deny(h, request, status, rule, message, headers)
  request.decision, request.rule = "deny", rule
  answer(h, request, status, shaped(h, request, status, message), headers)
end

-- The key that the request carries; nil when there is none, or two that differ.
local function presented_key(headers, authorization)
  local plain, key = headers:get("x-api-key"), nil
  if authorization then
    if headers:getNumValues("authorization") ~= 1 then return nil end
    key = match(authorization, "^[Bb][Ee][Aa][Rr][Ee][Rr] +([%w_%-]+)$")
    if plain and plain ~= key then return nil end
  else
    key = plain and match(plain, "^[%w_%-]+$")
  end
  if plain and headers:getNumValues("x-api-key") ~= 1 then return nil end
  if key and #key >= KEY_SHORTEST and #key <= KEY_LONGEST then return key end
end

local function by_key(headers, rules, authorization)
  local key = presented_key(headers, authorization)
  if not key then return nil, (authorization or headers:get("x-api-key")) and "key_invalid" or "key_missing" end
  local client = rules.k[sha256(key)]
  return client, not client and "key_unknown"
end

-- The filter before this one has verified the token and left its claims, or why they do not hold, in its own metadata.
local function by_token(h, headers, rules)
  if headers:getNumValues("authorization") ~= 1 or headers:get("x-api-key") then return nil, "token_invalid" end
  local verified = h:streamInfo():dynamicMetadata():get(TOKENS) or {}
  local subject = verified.claims and verified.claims.sub
  if not subject then return nil, verified.failure and FAILURES[verified.failure.message] or "token_invalid" end
  local client = rules.s[subject]
  return client, not client and "token_unknown"
end

-- The client record of the key or the token, or nil and the rule that refuses it. No key has a dot, and every token has.
local function authenticate(h, headers, rules)
  local authorization = headers:get("authorization")
  local token = authorization and find(authorization, ".", 1, true) and find(authorization, "^[Bb][Ee][Aa][Rr][Ee][Rr] ")
  local client, why
  if token then client, why = by_token(h, headers, rules) else client, why = by_key(headers, rules, authorization) end
  if client and client.expires and os.time() >= client.expires then return nil, "key_expired" end
  return client, why
end

-- Refuses a client that has used up a limit; true when it did.
local function limited(h, request, client)
  local wait = client.requests_per_minute and limits.take_request(client.name, client.requests_per_minute, h:timestamp())
  if wait then
    deny(h, request, 429, "rate_limited", "too many requests", { ["retry-after"] = tostring(wait) })
    return true
  end
  local now = os.time()
  if client.tokens_per_day and limits.used(client.name, now) >= client.tokens_per_day then
    request.budget_percent = show_budget(h, client.name, client.tokens_per_day, now)
    local midnight = tostring(limits.until_midnight(now))
    deny(h, request, 429, "budget_used", "the token budget of the day is used up", { ["retry-after"] = midnight })
    return true
  end
end

local function without_query(path)
  local mark = find(path, "?", 1, true)
  return mark and sub(path, 1, mark - 1) or path
end

-- Query strings do not go upstream; the other headers are seen to by a filter behind this one.
local function strip_query(headers)
  local path = headers:get(":path")
  local bare = without_query(path)
  if bare ~= path then headers:replace(":path", bare) end
end

-- function(canonical) -> name to ask the server for, or nil
local function grants(rules, client)
  return function(canonical)
    local model = rules.m[canonical]
    if model and (client.all_models or rules.g[client.name .. " " .. canonical]) then
      return model.stored or canonical
    end
  end
end

-- Fetches from the server and answers with what `build` makes of the reply. On this side of the request nothing can
-- leak: when a step fails, there is only the error below.
local function fetch(h, request, method, path, body, build)
  local headers = { [":method"] = method, [":path"] = path, [":authority"] = "localhost", ["content-type"] = "application/json" }
  local replied, text = h:httpCall(CLUSTER, headers, body, FETCH_TIMEOUT_MS)
  local status = replied[":status"]
  if status == "404" then return deny(h, request, 404, "model_absent", "model not found") end
  local ok, result = pcall(build, text or "")
  if status ~= "200" or not ok then
    request.decision, request.rule = "allow", "upstream_failed"
    return answer(h, request, 502, shaped(h, request, 502, "the model server failed"))
  end
  if not result then return deny(h, request, 404, "model_absent", "model not found") end
  request.decision, request.rule = "allow", "granted"
  return answer(h, request, 200, result)
end

local function escaped(raw)
  if #raw <= LOGGED_NAME and not find(raw, "[^%g ]") then return raw end
  return (gsub(sub(raw, 1, LOGGED_NAME), "[^%g ]", function(c) return format("\\x%02x", byte(c)) end))
end

local function percent_decoded(text)
  return (gsub(text, "%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function list(h, request, spec, granted, path)
  local wanted
  if spec.single then
    local raw = percent_decoded(match(without_query(path), "^/v1/models/(.*)$") or "")
    wanted = names.canonical(raw)
    request.asked, request.canonical = escaped(raw), wanted
    if not wanted or not granted(wanted) then
      return deny(h, request, 404, wanted and "model_denied" or "model_malformed", "model not found")
    end
    request.model = wanted
  end
  return fetch(h, request, "GET", spec.list.path, nil, function(text)
    return lists.filter(spec.list, text, granted, wanted)
  end)
end

-- Passes the request on with the rebuilt body, if the client may have one more at a time.
local function forward(h, request, spec, client, state, buffer, length)
  if client.max_concurrent then
    last_flight = last_flight + 1
    if not limits.enter(client.name, client.max_concurrent, last_flight, h) then
      return deny(h, request, 429, "too_many_at_a_time", "too many requests at a time", { ["retry-after"] = "1" })
    end
    request.flight = last_flight
  end
  if client.tokens_per_day then
    request.charged, request.budget = math.floor(length / BYTES_PER_TOKEN), client.tokens_per_day
    limits.use(client.name, request.charged, os.time())
  end
  buffer:setBytes(state.body)
  local headers = h:headers()
  strip_query(headers)
  headers:replace("content-type", "application/json")
  request.decision, request.rule = "allow", "granted"
  if state.strip_usage then request.strip_usage = true end
  if spec.api == "anthropic" then request.id = headers:get("x-request-id") end
  note(h, "request", request)
end

local function with_body(h, request, spec, client, rules)
  if h:headers():get("content-encoding") then
    return deny(h, request, 415, "content_encoding", "an encoded body is not accepted")
  end
  -- What the log says if Envoy itself refuses the body, as too large or too slow.
  request.decision, request.rule = "deny", "body_refused"
  note(h, "request", request)
  local buffer = h:body()
  local length = buffer and buffer:length() or 0
  if length == 0 then return deny(h, request, 400, "body_missing", "missing request body") end
  local state = rewrite(spec, buffer:getBytes(0, length), grants(rules, client), rules.limits, client)
  request.model, request.canonical = state.granted, state.canonical
  if state.model and state.model ~= state.granted then request.asked = escaped(state.model) end
  local refusal = state.refusal
  if refusal then return deny(h, request, refusal.status, refusal.rule, refusal.message) end
  if spec.show then return fetch(h, request, "POST", "/api/show", state.body, lists.show) end
  return forward(h, request, spec, client, state, buffer, length)
end

local function on_request(h)
  local headers = h:headers()
  local route, path = h:streamInfo():routeName(), headers:get(":path")
  local spec = routes[route]
  local request = { route = route }
  local rules = current_policy(h)
  local client, why = authenticate(h, headers, rules)
  if not client then return deny(h, request, 401, why, "a valid API key is required", { ["www-authenticate"] = "Bearer" }) end
  request.client = client.name
  if not spec then return deny(h, request, 404, "route", "not found") end
  if limited(h, request, client) then return end
  if spec.fields then return with_body(h, request, spec, client, rules) end
  -- No header tells of a chunked body here; without a body this returns at once.
  local body = h:body()
  if body and body:length() > 0 then return deny(h, request, 400, "body_unexpected", "a body is not accepted here") end
  if spec.list then return list(h, request, spec, grants(rules, client), path) end
  strip_query(h:headers())
  request.decision, request.rule = "allow", "granted"
  note(h, "request", request)
end

function M.on_request(h)
  local ok, fault = pcall(on_request, h)
  if ok then return end
  h:logErr("guard failed: " .. sub(tostring(fault), 1, 200))
  pcall(note, h, "request", { decision = "deny", rule = "internal_error", replied = true })
  h:respond({ [":status"] = "500", ["content-type"] = "application/json" }, reply("ollama", 500, "internal error"))
end

-- A model that is absent looks like one that is forbidden.
local function hide_absence(h, request, spec)
  -- On this side the headers are the reply's; Envoy adds the request's id to them only later.
  h:body(true):setBytes(reply(spec.api, 404, "model not found", request.id))
  h:headers():replace("content-type", "application/json")
end

-- The guard's part of a metered answer's line in the log, where Envoy would take long to collect it value by value.
-- Names of clients and routes, and canonical names, have no character that JSON escapes.
local function note_line(h, request, response)
  local percent = request.charged and show_budget(h, request.client, request.budget, os.time())
  note(h, "line", '"client":"' .. request.client .. '","route":"' .. request.route .. '","model":"' .. request.canonical
    .. '","asked_model":' .. (request.asked and quote(request.asked) or "null") .. ',"decision":"' .. request.decision
    .. '","rule":"' .. request.rule .. '","prompt_tokens":' .. (response.prompt_tokens or "null") .. ',"completion_tokens":'
    .. (response.completion_tokens or "null") .. ',"budget_percent":' .. (percent or "null") .. ',"chunks":'
    .. response.chunks .. ',"partial":' .. tostring(response.partial))
end

-- Charges this answer to the day's budget with so many tokens in all.
local function charge(request, tokens)
  limits.use(request.client, tokens - request.charged, os.time())
  request.charged = tokens
end

-- Counts what the reply has told of its tokens so far.
local function count_tokens(h, request, spec, response, tail)
  local prompt, completion = usage.counts(spec.usage, tail)
  if not prompt then return end
  local told = { prompt_tokens = prompt, completion_tokens = completion }
  local stats = h:stats()
  for _, name in ipairs(COUNTED) do
    local before = response[name] or 0
    response[name] = math.max(before, told[name])
    stats:counter(metric(request.client, name .. "." .. request.model)):add(response[name] - before)
  end
  if request.charged then charge(request, response.prompt_tokens + response.completion_tokens) end
end

local function meter(h, request, spec, response)
  local headers = h:headers()
  local strip = request.strip_usage and find(headers:get("content-type") or "", "^text/event%-stream")
  -- A reply of known length comes at once; a stream may be broken off, and is partial until it is whole.
  local stream = not headers:get("content-length")
  local tail, held, last = usage.tail(), "", nil
  response.chunks, response.partial = 0, true
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
      -- An answer that is broken off stays charged with about a token per chunk.
      if request.charged then charge(request, request.charged + 1) end
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

local function on_response(h)
  local metadata = h:streamInfo():dynamicMetadata():get(NAMESPACE)
  local request = metadata and metadata.request
  -- This hook also runs on replies that Envoy or the guard itself made.
  if not request or request.replied or request.decision ~= "allow" then return end
  local spec = routes[request.route]
  if not spec.fields then return end
  local status, response = h:headers():get(":status"), {}
  local ok, fault = true, nil
  if status == "404" then ok, fault = pcall(hide_absence, h, request, spec)
  elseif status == "200" then ok, fault = pcall(meter, h, request, spec, response) end
  if not ok then h:logErr("metering failed: " .. sub(tostring(fault), 1, 200)) end
  if request.flight then limits.leave(request.client, request.flight) end
  if request.charged then charge(request, (response.prompt_tokens or 0) + (response.completion_tokens or 0)) end
  if response.partial == false then note_line(h, request, response)
  elseif request.charged then show_budget(h, request.client, request.budget, os.time()) end
end

function M.on_response(h) on_response(h) end

return M
