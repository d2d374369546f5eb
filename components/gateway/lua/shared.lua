-- Limits that all replicas of a tenant's server share. The counts are kept by the platform's rate limit service, which is
-- asked before a request is let in and told what answers cost. One question takes a client's requests of the minute and the
-- budgets that hold for it; what this replica has counted and not told yet is told with it. Of a client without budgets
-- whose limit is far away, some requests are counted ahead, so that few wait for the service.
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
-- Part of a minute's requests that are left that a replica may count ahead, and the most that it does: what it then does not
-- need is missing to the others until the minute ends.
local PART_AHEAD, MOST_AHEAD = 1 / 64, 512
-- Requests that are counted and not let in yet, by client: a changed policy has other clients, and begins anew.
local ahead = setmetatable({}, { __mode = "k" })

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

-- What is counted ahead of a client in this minute: `left` of the `size` that is asked for at a time, until the time `ends`.
-- Nil for a client with budgets, of whom each request has to hear what the others have used.
local function counted_ahead(client, now)
  if client.budgets then return nil end
  local counted = ahead[client] or { left = 0, size = 0, ends = 0 }
  ahead[client] = counted
  if now >= counted.ends then counted.left = 0 end
  return counted
end

-- Takes one of the requests that are counted ahead, if there is one; and whether nobody has to ask for more now.
local function take_ahead(counted, now)
  if not counted or counted.left == 0 then return false end
  counted.left = counted.left - 1
  return true, counted.left > counted.size / 2 or now <= (counted.asked or 0)
end

-- Notes what the service has counted ahead when it was asked at a time: for the minute of that time, which may be over.
local function note_ahead(counted, hits, answer, asked_at)
  local ends, now = asked_at + answer.wait, os.time()
  if hits > 0 then counted.asked = nil end
  if now >= counted.ends then counted.left = 0 end
  if answer.ok and now < ends then counted.left = counted.left + hits end
  counted.ends = math.max(counted.ends, ends)
  counted.size = answer.ok and math.min(MOST_AHEAD, math.floor(answer.left * PART_AHEAD)) or 0
end

-- Counts a request, and what was not told yet. Returns nil if the client may go on, `rate_limited` with the seconds to wait,
-- or `away` when the service does not answer. What is used of the budgets is known to `budgets` afterwards.
local function take(h, client, now)
  local counted = counted_ahead(client, now)
  local is_counted, is_enough = take_ahead(counted, now)
  if is_enough then return nil end
  if now < ask_again then return not is_counted and "away" or nil end
  local asked, list = {}, client.budgets or {}
  -- One request at a time asks for more. When its client hangs up it never hears the answer, and others ask a second later.
  local more = counted and now > (counted.asked or 0) and counted.size or 0
  if is_counted and more == 0 then return nil end
  if more > 0 then counted.asked = now + 1 end
  if client.requests_per_minute then
    local hits = more + (is_counted and 0 or 1)
    asked[1] = descriptor(client.name, "requests_per_minute", client.requests_per_minute, "MINUTE", hits)
  end
  local told = ask(asked, list, now)
  local reply, text = h:httpCall(CLUSTER, headers(), body_of(asked), ANSWER_MS)
  local status = reply[":status"]
  local answers = (status == "200" or status == "429") and read(text or "") or {}
  if #answers ~= #asked then
    for index, budget in ipairs(list) do budgets.give_back_untold(budget, told[index], now) end
    away_since, ask_again = away_since or now, now + PAUSE_S
    return not is_counted and "away" or nil
  end
  away_since = nil
  for index, budget in ipairs(list) do
    local answer = answers[#answers - #list + index]
    local used = answer.ok and (most_hits(budget) - answer.left) * budget.hit or budget.most
    budgets.learn(budget, used, now)
  end
  local minute = client.requests_per_minute and answers[1]
  if counted then note_ahead(counted, more, minute, now) end
  if minute and not minute.ok and not is_counted then return "rate_limited", math.max(1, minute.wait) end
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
