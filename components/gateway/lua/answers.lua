-- What the guard answers itself, and what it leaves in Envoy's metadata for the filters, the log and the metrics.
local routes, reply, limits = require("routes"), require("replies"), require("limits")
local sub = string.sub

jit.off(true, true)

local M = {}
M.NAMESPACE = "gateway"

function M.note(h, key, values) h:streamInfo():dynamicMetadata():set(M.NAMESPACE, key, values) end

-- Body of an error reply in the shape of the API that was called.
local function shaped(h, request, status, message)
  local headers, spec = h:headers(), routes.routes[request.route]
  local api, path = spec and spec.api, headers:get(":path") or ""
  for _, known in ipairs(routes.prefixes) do
    if api then break end
    if sub(path, 1, #known.prefix) == known.prefix then api = known.api end
  end
  return reply(api or "ollama", status, message, api == "anthropic" and headers:get("x-request-id"))
end

-- Ends the request with a reply, and gives back what was kept for it.
function M.answer(h, request, status, body, headers)
  request.replied = true
  M.note(h, "request", request)
  limits.leave(request)
  headers = headers or {}
  headers[":status"], headers["content-type"] = tostring(status), "application/json"
  h:respond(headers, body)
end

function M.fail(h, request, status, message) M.answer(h, request, status, shaped(h, request, status, message)) end

function M.deny(h, request, status, rule, message, headers)
  request.decision, request.rule = "deny", rule
  M.answer(h, request, status, shaped(h, request, status, message), headers)
end

return M
