-- Limits that all replicas of a tenant's server share. The counts are kept by the platform's rate limit service, which is
-- asked before a request is let in and told what answers cost. One question takes a client's requests of the minute and the
-- budgets that hold for it; what this replica has counted and not told yet is told with it.
local settings, budgets = require("settings"), require("budgets")
local find, gmatch, match, format, concat = string.find, string.gmatch, string.match, string.format, table.concat

jit.off(true, true)

local M = {}
local CLUSTER = "shared-limits"
local DOMAIN = "ollama-gateway"
local ANSWER_MS = 500
-- Seconds in which a service that did not answer is not asked again.
local PAUSE_S = 1

local tenant, service = settings.tenant, settings.shared
local away_since, ask_again = nil, 0

-- Whether the client has limits that replicas share.
function M.holds(client)
  return service ~= nil and (client.requests_per_minute or client.budgets) ~= nil
end

-- Names of tenants and clients are DNS labels, or in brackets: they need no escapes.
local function descriptor(client, limit, most, unit, hits)
  return format('{"entries":[{"key":"tenant","value":"%s"},{"key":"client","value":"%s"},{"key":"limit","value":"%s"}],'
    .. '"limit":{"requestsPerUnit":%d,"unit":"%s"},"hitsAddend":"%d"}', tenant, client, limit, most, unit, hits)
end

local function body_of(descriptors) return format('{"domain":"%s","descriptors":[%s]}', DOMAIN, concat(descriptors, ",")) end

-- The service refuses what goes above the number; a budget is used up when it is reached.
local function most_hits(budget) return math.floor(budget.most / budget.hit) - 1 end

local function charged(budget, hits)
  return descriptor(budget.owner, budget.limit, most_hits(budget), budget.unit, hits)
end

local function headers()
  return { [":method"] = "POST", [":path"] = "/json", [":authority"] = CLUSTER, ["content-type"] = "application/json" }
end

-- The answers in the order of the question: whether within the limit, how much is left, seconds until it begins again.
local function read(text)
  local answers, at = {}, {}
  for first in gmatch(text, '()"code"') do at[#at + 1] = first end
  for index, first in ipairs(at) do
    local part = string.sub(text, first, (at[index + 1] or #text + 1) - 1)
    answers[index] = {
      ok = find(part, '^"code"%s*:%s*"OK"') ~= nil,
      left = tonumber(match(part, '"limitRemaining"%s*:%s*(%d+)') or "0"),
      wait = tonumber(match(part, '"durationUntilReset"%s*:%s*"(%d+)') or "1"),
    }
  end
  return answers
end

-- Asks about each of the budgets with what was not told yet. Returns how much that is of each.
local function ask(asked, list, now)
  local told = {}
  for index, budget in ipairs(list) do
    told[index] = budgets.take_untold(budget, 1, now)
    asked[#asked + 1] = charged(budget, told[index])
  end
  return told
end

-- Counts a request, and what was not told yet. Returns nil if the client may go on, `rate_limited` with the seconds to wait,
-- or `away` when the service does not answer. What is used of the budgets is known to `budgets` afterwards.
local function take(h, client, now)
  if now < ask_again then return "away" end
  local asked, list = {}, client.budgets or {}
  if client.requests_per_minute then
    asked[1] = descriptor(client.name, "requests_per_minute", client.requests_per_minute, "MINUTE", 1)
  end
  local told = ask(asked, list, now)
  local reply, text = h:httpCall(CLUSTER, headers(), body_of(asked), ANSWER_MS)
  local status = reply[":status"]
  local answers = (status == "200" or status == "429") and read(text or "") or {}
  if #answers ~= #asked then
    for index, budget in ipairs(list) do budgets.give_back_untold(budget, told[index], now) end
    away_since, ask_again = away_since or now, now + PAUSE_S
    return "away"
  end
  away_since = nil
  for index, budget in ipairs(list) do
    local answer = answers[#answers - #list + index]
    local used = answer.ok and (most_hits(budget) - answer.left) * budget.hit or budget.most
    budgets.learn(budget, used, now)
  end
  local minute = client.requests_per_minute and answers[1]
  if minute and not minute.ok then return "rate_limited", math.max(1, minute.wait) end
end

-- Decides about one more request. Returns nil or the rule that refuses it, with the seconds to wait; and whether this replica
-- has to count for itself, because nobody else does.
function M.decide(h, client, now)
  local rule, wait = take(h, client, now)
  if rule ~= "away" then return rule, wait, false end
  if service.when_away == "count" or now - away_since < service.grace_s then return nil, nil, true end
  return "limits_unavailable", PAUSE_S, false
end

-- Tells the service what was counted of budgets since; while an answer passes only where it is worth it.
function M.tell(h, list, passing, now)
  if not service or now < ask_again then return end
  local told = {}
  for _, budget in ipairs(list) do
    local hits = budgets.take_untold(budget, passing and budget.step or 1, now)
    if hits > 0 then told[#told + 1] = charged(budget, hits) end
  end
  if told[1] then h:httpCall(CLUSTER, headers(), body_of(told), ANSWER_MS, true) end
end

return M
