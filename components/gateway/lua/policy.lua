-- The policy that a request is judged by, and whether it is still the one in its file.
local settings, budgets = require("settings"), require("budgets")
local find, match, open = string.find, string.match, io.open

jit.off(true, true)

local M = {}
-- Seconds between looks at the file.
local LOOK_EVERY = 5

-- The policy of the last request, by kind of entry: `k` clients by the hash of a key, `s` by a token's subject, `m` models,
-- `g` grants of clients that have a list of their own; `limits`, `budgets` of all clients together, `tenant`, `origins` and the
-- policy's `version`. The `budgets` of a client are those that hold for it.
local policy = {}

-- Envoy copies all of the policy for each look, which takes the longer the more clients and models a tenant has; so it is
-- read once in each version. A request that has begun keeps the version it began with.
function M.current(h)
  local version = h:virtualHost():metadata():get("version") or error("the policy has no version")
  if policy.version == version then return policy end
  local read = { version = version, k = {}, s = {}, m = {}, g = {} }
  for key, value in pairs(h:filterContext()) do
    local kind, name = match(key, "^([ksmg])_(.+)$")
    if kind then read[kind][name] = value else read[key] = value end
  end
  for _, clients in ipairs({ read.k, read.s }) do
    for _, client in pairs(clients) do client.budgets = budgets.list(client.name, client.budgets, read.budgets) end
  end
  policy = read
  return read
end

local function read_file()
  local file = open(settings.policy_file, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

local next_look, unreadable_since = 0, nil
local known = {}

-- Envoy keeps the policy it has when it cannot read a newer one, and with it keys that were withdrawn since. A version says
-- what is in the whole file, so a file without it, or with another text under the same version, is not what Envoy reads.
local function look(rules, now)
  local text = read_file()
  local same = text and find(text, rules.version, 1, true) and (known.version ~= rules.version or known.text == text)
  if same then
    known.version, known.text, unreadable_since = rules.version, text, nil
  else
    unreadable_since = unreadable_since or now
  end
end

-- Whether the policy may still be used: its file can be read, or could be until a short while ago.
function M.holds(rules, now)
  if now >= next_look then
    next_look = now + math.min(LOOK_EVERY, rules.unreadable_s)
    look(rules, now)
  end
  return not unreadable_since or now - unreadable_since < rules.unreadable_s
end

return M
