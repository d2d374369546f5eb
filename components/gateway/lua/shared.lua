-- Limits that all replicas of a tenant's server share. The counts are kept by the platform's rate limit service, which is
-- asked before a request is let in and told what answers cost. One question takes a client's requests of the minute and its
-- tokens of the day; what this replica has counted and not told yet is told with it.
local settings, limits = require("settings"), require("limits")
local find, gmatch, match, format, concat = string.find, string.gmatch, string.match, string.format, table.concat

jit.off(true, true)

local M = {}
local CLUSTER = "shared-limits"
local DOMAIN = "ollama-gateway"
local ANSWER_MS = 500
-- Seconds in which a service that did not answer is not asked again.
local PAUSE_S = 1
-- Tokens of an answer that is under way after which the service is told of them: an answer that is broken off tells no end.
local STEP = 64

local tenant, service = settings.tenant, settings.shared
local away_since, ask_again = nil, 0

-- Whether the client has limits that replicas share.
function M.holds(client)
  return service ~= nil and (client.requests_per_minute or client.tokens_per_day) ~= nil
end

-- Names of tenants and clients are DNS labels: they need no escapes.
local function descriptor(client, limit, most, unit, hits)
  return format('{"entries":[{"key":"tenant","value":"%s"},{"key":"client","value":"%s"},{"key":"limit","value":"%s"}],'
    .. '"limit":{"requestsPerUnit":%d,"unit":"%s"},"hitsAddend":"%d"}', tenant, client, limit, most, unit, hits)
end

local function body_of(descriptors) return format('{"domain":"%s","descriptors":[%s]}', DOMAIN, concat(descriptors, ",")) end

-- The service refuses what goes above the number; a budget is used up when it is reached.
local function tokens(client, per_day, hits) return descriptor(client, "tokens_per_day", per_day - 1, "DAY", hits) end

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

-- Counts a request, and what was not told yet. Returns nil if the client may go on, `rate_limited` with the seconds to wait,
-- or `away` when the service does not answer. What is used of the day's tokens is known to `limits` afterwards.
local function take(h, client, now)
  if now < ask_again then return "away" end
  local asked, told = {}, 0
  if client.requests_per_minute then
    asked[1] = descriptor(client.name, "requests_per_minute", client.requests_per_minute, "MINUTE", 1)
  end
  if client.tokens_per_day then
    told = limits.take_untold(client.name, 0, now)
    asked[#asked + 1] = tokens(client.name, client.tokens_per_day, told)
  end
  local reply, text = h:httpCall(CLUSTER, headers(), body_of(asked), ANSWER_MS)
  local status = reply[":status"]
  local answers = (status == "200" or status == "429") and read(text or "") or {}
  if #answers ~= #asked then
    limits.give_back_untold(client.name, told, now)
    away_since, ask_again = away_since or now, now + PAUSE_S
    return "away"
  end
  away_since = nil
  local minute, day = client.requests_per_minute and answers[1], client.tokens_per_day and answers[#asked]
  if day then limits.learn(client.name, day.ok and client.tokens_per_day - 1 - day.left or client.tokens_per_day, now) end
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

-- Tells the service of tokens that were counted since, if there are at least so many.
function M.tell(h, client, per_day, least, now)
  if not service or now < ask_again then return end
  local untold = limits.take_untold(client, least, now)
  if untold > 0 then h:httpCall(CLUSTER, headers(), body_of({ tokens(client, per_day, untold) }), ANSWER_MS, true) end
end

-- The same while an answer passes.
function M.tell_some(h, client, per_day, now) M.tell(h, client, per_day, STEP, now) end

return M
