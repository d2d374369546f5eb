-- Budgets of a client, and of all clients of the tenant together: tokens, and milliseconds for which models work, in a day or
-- in 30 days. They are counted for this gateway's one worker; each replica of a tenant's server counts on its own, unless the
-- counts are shared (`shared.lua`). They survive a change of the policy, not a restart.
local kinds = require("kinds")
local floor, max = math.floor, math.max

local M = {}
-- In the place of a client's name: all of them together. No client can be called so.
local EVERYBODY = "(all)"
-- The service that counts for all replicas counts in 32 bits; beyond, it is told thousands of what it is told else.
local MOST_HITS = 4e9
local THOUSAND = 1000

-- What was used of each budget in its time, by owner and name.
local counts = {}
-- The budgets that hold for a client, by its name.
local lists = {}

local function append(list, owner, declared)
  for _, kind in ipairs(kinds) do
    local most = declared and declared[kind.name]
    if most then
      local budget = setmetatable({ owner = owner, most = most * kind.scale, limit = kind.name }, { __index = kind })
      if budget.most / kind.hit > MOST_HITS then
        budget.hit, budget.step, budget.limit = kind.hit * THOUSAND, 1, kind.name .. ".thousands"
      end
      budget.key = owner .. "." .. kind.name
      list[#list + 1] = budget
    end
  end
end

-- The budgets that hold for a client: its own, and those of all clients together; nil for none. A budget has the members of
-- its kind (`budgets.ts`), and
--   owner  the client's name, or what stands for all clients
--   most   how much may be used, in what is counted
--   limit  its name among the counts of the service
function M.list(client, own, of_all)
  local list = {}
  append(list, client, own)
  append(list, EVERYBODY, of_all)
  return list[1] and list or nil
end

-- Keeps the list for when the answer comes.
function M.keep(client, list) lists[client] = list end

function M.kept(client) return lists[client] end

local function count_of(budget, now_s)
  local period = floor(now_s / budget.seconds)
  local count = counts[budget.key]
  if not count or count.period ~= period then
    count = { period = period, used = 0, untold = 0 }
    counts[budget.key] = count
  end
  return count
end

-- What has been used of a budget in this day or month, as far as this replica knows.
function M.used(budget, now_s)
  local count = counts[budget.key]
  return count and count.period == floor(now_s / budget.seconds) and count.used or 0
end

-- The time (since 1970) at which a budget begins again.
function M.ends(budget, now_s) return (floor(now_s / budget.seconds) + 1) * budget.seconds end

function M.percent(budget, now_s) return floor(100 * M.used(budget, now_s) / budget.most) end

-- The budget that is used up, of several the one that begins again last; nil when none is.
function M.used_up(list, now_s)
  local found
  for _, budget in ipairs(list) do
    if M.used(budget, now_s) >= budget.most and (not found or budget.seconds > found.seconds) then found = budget end
  end
  return found
end

-- The budget of which most is used, and the percentage.
function M.fullest(list, now_s)
  local found, most = nil, -1
  for _, budget in ipairs(list) do
    local percent = M.percent(budget, now_s)
    if percent > most then found, most = budget, percent end
  end
  return found, most
end

-- Charges every budget that counts this; a guess that was too high is taken back by a negative amount.
function M.use(list, what, amount, now_s)
  for _, budget in ipairs(list) do
    if budget.counts == what then
      local count = count_of(budget, now_s)
      count.used, count.untold = max(0, count.used + amount), count.untold + amount
    end
  end
end

-- How many hits the service is to be told; 0 when they are fewer than `least`. What is left of a hit is told later, and a
-- guess that was too high is made up for by later ones.
function M.take_untold(budget, least, now_s)
  local count = count_of(budget, now_s)
  local hits = floor(count.untold / budget.hit)
  if hits < 1 or hits < least then return 0 end
  count.untold = count.untold - hits * budget.hit
  return hits
end

-- Keeps hits that could not be told.
function M.give_back_untold(budget, hits, now_s)
  local count = count_of(budget, now_s)
  count.untold = count.untold + hits * budget.hit
end

-- Takes over what all replicas together have used. A service that lost its counts does not make this replica forget its own.
function M.learn(budget, used, now_s)
  local count = count_of(budget, now_s)
  count.used = max(count.used, used + count.untold)
end

local function utc(seconds) return os.date("!%Y-%m-%dT%H:%M:%SZ", seconds) end

-- Why a request is refused for a budget.
function M.refusal(budget, now_s)
  local whose = budget.owner == EVERYBODY and "tenant" or "client"
  return "the " .. whose .. "'s budget " .. budget.name .. " is used up until " .. utc(M.ends(budget, now_s))
end

return M
