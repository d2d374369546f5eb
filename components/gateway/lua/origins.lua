-- Web pages that may call: what a browser asks before it sends a request for a page, and what it must be told after it.
local answers = require("answers")
local find = string.find

jit.off(true, true)

local M = {}
local LONGEST_LIST = 1024
local REMEMBERED_S = "600"

-- Answers what a browser asks before the request itself (a preflight), which carries no key; true when it did.
function M.preflight(h, request, headers, rules)
  local origin = headers:get("origin")
  if headers:get(":method") ~= "OPTIONS" or not origin or not rules.origins[origin] then return false end
  local wanted = headers:get("access-control-request-headers") or ""
  if #wanted > LONGEST_LIST or find(wanted, "[^%w%-, ]") then return false end
  request.decision, request.rule, request.origin = "allow", "preflight", origin
  answers.answer(h, request, 204, nil, {
    ["access-control-allow-methods"] = "GET, HEAD, POST", ["access-control-allow-headers"] = wanted,
    ["access-control-max-age"] = REMEMBERED_S,
  })
  return true
end

-- The origin of the page that calls, if it is one of the client's; of any client's while it is not known who calls.
function M.of(headers, rules, client)
  local origin = headers:get("origin")
  local known = rules.origins
  if client then known = client.origins end
  return origin and known and known[origin] and origin or nil
end

-- Lets the page read the reply.
function M.admit(headers, origin)
  headers:replace("access-control-allow-origin", origin)
  headers:replace("access-control-expose-headers", "retry-after, x-gateway-budget, x-gateway-budget-used-percent, x-gateway-dropped-tools, x-request-id")
  headers:add("vary", "origin")
end

return M
