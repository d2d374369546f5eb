-- The guard as Envoy calls it: who calls, what is asked, may they; then the reply's token counts. Every decision is left
-- in the dynamic metadata `gateway`, which the RBAC filter behind this one, the audit log and the metrics read.
--
-- Envoy passes a request on when a script fails, so nothing here is trusted to run: without `decision=allow` and a
-- client in the metadata, the RBAC filter refuses. Envoy's wrappers (headers, streamInfo, ...) die at every yield
-- (body, bodyChunks, httpCall) and are fetched again after it.
local policy, clients, origins, answers = require("policy"), require("clients"), require("origins"), require("answers")
local rewrite, reply, meter = require("rewrite"), require("replies"), require("meter")
local names, lists, limits, shared = require("names"), require("lists"), require("limits"), require("shared")
local budgets = require("budgets")
local routes = require("routes").routes
local sub, find, match, gsub, format, byte = string.sub, string.find, string.match, string.gsub, string.format, string.byte
local note, answer, deny, fail = answers.note, answers.answer, answers.deny, answers.fail

-- Nearly every line below calls Envoy, which compiled code cannot do: it would leave and come back at each call, and a
-- request would cost more than in the interpreter. The modules that only compute are compiled.
jit.off(true, true)

-- The guard's own memory is under a megabyte: collecting garbage later costs little of it and saves time.
collectgarbage("setpause", 1000)

local M = {}
local CLUSTER = "ollama"
local FETCH_TIMEOUT_MS = 10000
local LOGGED_NAME = 120
-- Prompt tokens are not known before the answer: a budget is charged this many bytes per token until they are.
local BYTES_PER_TOKEN = 4
-- Bodies up to this length are not counted: as many as there may be connections fit beside those that are.
local SMALL_BODY = 16384
-- What a longer body leaves behind is collected at once, not when Lua would come to it.
local LARGE_BODY = 1048576

local function too_many(h, request, wait)
  deny(h, request, 429, "rate_limited", "too many requests", { ["retry-after"] = tostring(wait) })
  return true
end

local function budget_used(h, request, client)
  local list, now = client.budgets, os.time()
  local budget = list and budgets.used_up(list, now)
  if not budget then return false end
  request.budget_percent = meter.show_budgets(h, list, now)
  local wait = tostring(budgets.ends(budget, now) - now)
  deny(h, request, 429, "budget_used", budgets.refusal(budget, now), { ["retry-after"] = wait })
  return true
end

local function rate_limited(h, request, client)
  local per_minute = client.requests_per_minute
  local wait = per_minute and limits.take_request(client.name, per_minute, h:timestamp())
  return wait ~= nil and too_many(h, request, wait)
end

-- Refuses a client that has used up a limit, as far as this replica counts; true when it did.
local function limited(h, request, client)
  return (not shared.holds(client) and rate_limited(h, request, client)) or budget_used(h, request, client)
end

-- Refuses a client that has used up a limit on all replicas together; true when it did. It waits for an answer, and a body
-- that arrived in the meantime could not be read any more: so it comes after the body.
local function limited_together(h, request, client)
  if not shared.holds(client) then return false end
  local rule, wait, alone = shared.decide(h, client, os.time())
  if rule == "rate_limited" then return too_many(h, request, wait) end
  if rule == "limits_unavailable" then
    deny(h, request, 503, rule, "the limits cannot be checked at the moment", { ["retry-after"] = tostring(wait) })
    return true
  end
  -- A budget that the service calls used up is known here by now.
  return (alone and rate_limited(h, request, client)) or budget_used(h, request, client)
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
    return fail(h, request, 502, "the model server failed")
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

-- Passes the request on with the rebuilt body.
local function forward(h, request, spec, client, state, buffer, length)
  if client.budgets then
    request.charged = math.floor(length / BYTES_PER_TOKEN)
    budgets.keep(client.name, client.budgets)
    budgets.use(client.budgets, "tokens", request.charged, os.time())
  end
  buffer:setBytes(state.body)
  local headers = h:headers()
  strip_query(headers)
  headers:replace("content-type", "application/json")
  request.decision, request.rule, request.started = "allow", "granted", h:timestamp()
  if state.strip_usage then request.strip_usage = true end
  if state.dropped then request.dropped = table.concat(state.dropped, ", ") end
  if spec.api == "anthropic" then request.id = headers:get("x-request-id") end
  note(h, "request", request)
end

local function too_long(h, request, length, most)
  local message = format("the request body has %d bytes, the limit maxBodyBytes allows %d", length, most)
  return deny(h, request, 413, "body_refused", message)
end

local REFUSALS = {
  too_many_at_a_time = "too many requests at a time",
  memory_full = "too many large requests at a time",
}

-- Takes a place for a request and room for its body before the body is read, so that whoever sends bodies slowly fills no
-- more memory than there is; true when there was none. A body whose length is not told may become as long as is allowed.
local function no_place(h, request, client, told, most, room)
  local size = told or most
  if size <= SMALL_BODY then size = 0 end
  if size == 0 and not client.max_concurrent then return false end
  local why = limits.enter(request, client.max_concurrent, size, room, h)
  if why then deny(h, request, 429, why, REFUSALS[why], { ["retry-after"] = "1" }) end
  return why ~= nil
end

-- Judges the body and does what it asks for.
local function judge(h, request, spec, client, rules, bounds, buffer, length)
  local state = rewrite(spec, buffer:getBytes(0, length), grants(rules, client), bounds)
  request.model, request.canonical = state.granted, state.canonical
  if state.model and state.model ~= state.granted then request.asked = escaped(state.model) end
  local refusal = state.refusal
  if refusal then return deny(h, request, refusal.status, refusal.rule, refusal.message) end
  if spec.show then return fetch(h, request, "POST", "/api/show", state.body, lists.show) end
  return forward(h, request, spec, client, state, buffer, length)
end

local function with_body(h, request, spec, client, rules)
  local headers, bounds = h:headers(), client.limits or rules.limits
  if headers:get("content-encoding") then
    return deny(h, request, 415, "content_encoding", "an encoded body is not accepted")
  end
  local written, most = headers:get("content-length"), bounds.max_body
  local told = written and tonumber(written)
  if told and told > most then return too_long(h, request, told, most) end
  if no_place(h, request, client, told, most, rules.room) then return end
  -- What the log says if Envoy itself refuses the body, as too large or too slow.
  request.decision, request.rule = "deny", "body_refused"
  note(h, "request", request)
  local buffer = h:body()
  local length = buffer and buffer:length() or 0
  if length == 0 then return deny(h, request, 400, "body_missing", "missing request body") end
  if length > most then return too_long(h, request, length, most) end
  limits.resize(request, length > SMALL_BODY and length or 0)
  if limited_together(h, request, client) then return end
  judge(h, request, spec, client, rules, bounds, h:body(), length)
  if length > LARGE_BODY then collectgarbage("collect") end
end

-- Whoever shows no key holds no connection that another could have.
local function keep_no_connection(h) h:streamInfo():drainConnectionUponCompletion() end

local function on_request(h)
  local headers = h:headers()
  -- A CONNECT request has no path.
  local route, path = h:streamInfo():routeName(), headers:get(":path") or ""
  local spec = routes[route]
  local rules = policy.current(h)
  local request = { route = route }
  if rules.origins and origins.preflight(h, request, headers, rules) then return keep_no_connection(h) end
  local client, why = clients.authenticate(h, headers, rules)
  if rules.origins then request.origin = origins.of(headers, rules, client) end
  if not client then
    keep_no_connection(h)
    return deny(h, request, 401, why, "a valid API key is required", { ["www-authenticate"] = "Bearer" })
  end
  request.client = client.name
  local now = os.time()
  meter.show_use(h, client, now)
  if not policy.holds(rules, now) then
    return deny(h, request, 503, "policy_unreadable", "the gateway's policy cannot be read")
  end
  if not spec then return deny(h, request, 404, "route", "not found") end
  if limited(h, request, client) then return end
  if spec.fields then return with_body(h, request, spec, client, rules) end
  -- No header tells of a chunked body here; without a body this returns at once.
  local body = h:body()
  if body and body:length() > 0 then return deny(h, request, 400, "body_unexpected", "a body is not accepted here") end
  if limited_together(h, request, client) then return end
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

M.on_response = meter.on_response

return M
