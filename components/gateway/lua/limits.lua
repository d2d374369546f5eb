-- Limits per client: requests per minute and requests at a time; and of all clients together, the memory that their bodies
-- take. They hold for this gateway's one worker; each replica of a tenant's server counts on its own, unless the counts of
-- requests per minute are shared (`shared.lua`). They survive a change of the policy, not a restart.
local M = {}
local MINUTE_MS = 60000
local buckets, flights = {}, {}

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

local last_flight = 0
-- Bytes of all clients' bodies.
local held = 0

local function flight_of(client)
  local flight = flights[client]
  if not flight then
    flight = { count = 0, bytes = 0, sizes = {}, streams = setmetatable({}, { __mode = "v" }) }
    flights[client] = flight
  end
  return flight
end

-- Takes those requests out whose stream is gone. A stream that the client breaks off runs no more code, so its handle,
-- which Envoy drops with the stream, is held weakly.
local function forget_broken_off()
  collectgarbage("collect")
  held = 0
  for _, flight in pairs(flights) do
    flight.count, flight.bytes = 0, 0
    for id, size in pairs(flight.sizes) do
      if flight.streams[id] == nil then
        flight.sizes[id] = nil
      else
        flight.count, flight.bytes = flight.count + 1, flight.bytes + size
      end
    end
    held = held + flight.bytes
  end
end

-- Why the client may not have one more request with a body of this size; nil if it may. Nobody takes more than half of the
-- room, so that there is some for others.
local function full(flight, most, size, room)
  if most and flight.count >= most then return "too_many_at_a_time" end
  if size > 0 and (flight.bytes + size > room / 2 or held + size > room) then return "memory_full" end
end

-- Counts one more request of the client, which holds a body of `size` bytes, until `leave`. Returns nil, or the rule that
-- refuses it.
--   most    requests at a time; nil: not limited
--   room    bytes of all bodies together
--   handle  Envoy's handle of the stream
function M.enter(request, most, size, room, handle)
  local flight = flight_of(request.client)
  if full(flight, most, size, room) then
    forget_broken_off()
    local why = full(flight, most, size, room)
    if why then return why end
  end
  last_flight = last_flight + 1
  request.flight = last_flight
  flight.streams[last_flight], flight.sizes[last_flight] = handle, size
  flight.count, flight.bytes, held = flight.count + 1, flight.bytes + size, held + size
end

-- Corrects what a request holds: a body may turn out smaller, and is gone when the server has it.
function M.resize(request, size)
  local flight = request.flight and flights[request.client]
  local before = flight and flight.sizes[request.flight]
  if not before then return end
  flight.sizes[request.flight] = size
  flight.bytes, held = flight.bytes + size - before, held + size - before
end

function M.leave(request)
  local flight = request.flight and flights[request.client]
  if not flight or not flight.sizes[request.flight] then return end
  M.resize(request, 0)
  flight.sizes[request.flight], flight.streams[request.flight] = nil, nil
  flight.count = flight.count - 1
end

return M
