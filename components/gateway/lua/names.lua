-- Model names as Ollama resolves them: canonical is lower-case `host/namespace/model:tag` with every default filled in.
-- The rules are those of Ollama's types/model/name.go and internal/modelref, except that a scheme is refused.
local byte, sub, find, match, lower = string.byte, string.sub, string.find, string.match, string.lower

local M = {}
local MAX_RAW = 600

-- White space outside ASCII that Go's strings.TrimSpace removes, in UTF-8.
local WIDE_SPACE = {
  ["\194\133"] = true, ["\194\160"] = true, ["\225\154\128"] = true, ["\226\128\168"] = true, ["\226\128\169"] = true,
  ["\226\128\175"] = true, ["\226\129\159"] = true, ["\227\128\128"] = true,
}
for last = 128, 138 do WIDE_SPACE["\226\128" .. string.char(last)] = true end

local function is_space(c) return c == 32 or (c >= 9 and c <= 13) end

local function trim(s)
  local first, last = 1, #s
  while first <= last do
    if is_space(byte(s, first)) then first = first + 1
    elseif WIDE_SPACE[sub(s, first, first + 1)] then first = first + 2
    elseif WIDE_SPACE[sub(s, first, first + 2)] then first = first + 3
    else break end
  end
  while last >= first do
    if is_space(byte(s, last)) then last = last - 1
    elseif WIDE_SPACE[sub(s, last - 1, last)] then last = last - 2
    elseif WIDE_SPACE[sub(s, last - 2, last)] then last = last - 3
    else break end
  end
  return sub(s, first, last)
end

local function valid(part, pattern, longest) return #part <= longest and find(part, pattern) ~= nil end

-- What a name's last suffix says about where the model runs: "cloud", "local" or nil; and the name before the suffix.
local function source(name)
  local base, suffix = match(name, "^(.*):([^:]*)$")
  if not base then return nil end
  suffix = trim(suffix)
  if suffix == "local" or suffix == "cloud" then return suffix, base end
  if find(suffix, "%-cloud$") and not find(suffix, "/", 1, true) then return "cloud", base .. ":" .. sub(suffix, 1, -7) end
end

local function resolved(raw)
  if #raw > MAX_RAW then return nil, "malformed" end
  local name = lower(trim(raw))
  if name == "" then return nil, "malformed" end
  local where, base = source(name)
  if where and source(base) then return nil, "malformed" end
  if where == "cloud" then return nil, "cloud" end
  name = base or name
  if find(name, "[\128-\255%c\127]") or find(name, "://", 1, true) then return nil, "malformed" end
  local host, namespace, rest = "registry.ollama.ai", "library", name
  if find(name, "/", 1, true) then
    local a, b, c = match(name, "^([^/]*)/([^/]*)/([^/]*)$")
    if a then
      host, namespace, rest = a, b, c
    else
      namespace, rest = match(name, "^([^/]*)/([^/]*)$")
      if not rest then return nil, "malformed" end
    end
  end
  local model, tag = match(rest, "^([^:]*):([^:]*)$")
  if not model then model, tag = rest, "latest" end
  if not (valid(host, "^[%w_][%w_.:%-]*$", 350) and valid(namespace, "^[%w_][%w_%-]*$", 80)
    and valid(model, "^[%w_][%w_.%-]*$", 80) and valid(tag, "^[%w_][%w_.%-]*$", 80)) then
    return nil, "malformed"
  end
  return host .. "/" .. namespace .. "/" .. model .. ":" .. tag
end

-- A tenant's clients write few names, each many times. What a name means never changes, so nothing makes this stale.
local MOST_KNOWN = 256
local known, known_count = {}, 0

-- Canonical name, or nil and why not: "malformed" (Ollama would refuse it too, or it carries a scheme) or "cloud".
function M.canonical(raw)
  if known[raw] then return known[raw] end
  local canonical, why = resolved(raw)
  if not canonical then return nil, why end
  if known_count == MOST_KNOWN then known, known_count = {}, 0 end
  known[raw], known_count = canonical, known_count + 1
  return canonical
end

return M
