-- Limits per client: requests per minute, requests at a time, tokens per day. They hold for this gateway's one worker;
-- each replica of a tenant's server counts on its own. The counts survive a change of the policy, not a restart.
local M = {}
local MINUTE_MS, DAY_S = 60000, 86400
local buckets, flights, budgets = {}, {}, {}

-- Takes one request from the client's bucket, which holds a minute's worth. Returns nil, or seconds to wait.
function M.take_request(client, per_minute, now_ms)
  local bucket = buckets[client]
  if not bucket or bucket.size ~= per_minute then
    bucket = { size = per_minute, left = per_minute, at = now_ms }
    buckets[client] = bucket
  end
  bucket.left = math.min(per_minute, bucket.left + math.max(0, now_ms - bucket.at) * per_minute / MINUTE_MS)
  bucket.at = now_ms
  if bucket.left < 1 then return math.ceil((1 - bucket.left) * MINUTE_MS / per_minute / 1000) end
  bucket.left = bucket.left - 1
  return nil
end

local function count(streams)
  local n = 0
  for _ in pairs(streams) do n = n + 1 end
  return n
end

-- Whether the client may have one more request at a time; if so, it is counted under `id` until `leave`. A stream that
-- the client breaks off runs no more code, so `handle`, which Envoy drops with the stream, is held weakly: before a
-- refusal, garbage is collected and the streams that are really there are counted.
function M.enter(client, most, id, handle)
  local flight = flights[client]
  if not flight then
    flight = { count = 0, streams = setmetatable({}, { __mode = "v" }) }
    flights[client] = flight
  end
  if flight.count >= most then
    collectgarbage("collect")
    flight.count = count(flight.streams)
    if flight.count >= most then return false end
  end
  flight.streams[id] = handle
  flight.count = flight.count + 1
  return true
end

function M.leave(client, id)
  local flight = flights[client]
  if flight and flight.streams[id] ~= nil then
    flight.streams[id] = nil
    flight.count = flight.count - 1
  end
end

-- Days since 1970-01-01, UTC.
function M.day(now_s) return math.floor(now_s / DAY_S) end

-- Tokens that the client has used since midnight UTC.
function M.used(client, now_s)
  local budget = budgets[client]
  return budget and budget.day == M.day(now_s) and budget.tokens or 0
end

function M.use(client, tokens, now_s)
  local day = M.day(now_s)
  local budget = budgets[client]
  if not budget or budget.day ~= day then
    budget = { day = day, tokens = 0 }
    budgets[client] = budget
  end
  budget.tokens = math.max(0, budget.tokens + tokens)
end

-- Seconds until the budget begins anew.
function M.until_midnight(now_s) return DAY_S - math.floor(now_s) % DAY_S end

return M
