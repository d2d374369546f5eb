-- Error replies in the shape of the API that was called, so that every client library reads them as its own server's.
local quote = require("json").quote

local OPENAI_TYPE = { [401] = "authentication_error", [404] = "not_found_error", [429] = "rate_limit_error" }
local ANTHROPIC_TYPE = {
  [401] = "authentication_error", [403] = "permission_error", [404] = "not_found_error", [413] = "request_too_large",
  [429] = "rate_limit_error", [503] = "overloaded_error",
}

local shape = {}

function shape.ollama(_, message) return '{"error":' .. quote(message) .. "}" end

function shape.openai(status, message)
  local kind = OPENAI_TYPE[status] or (status < 500 and "invalid_request_error" or "server_error")
  return '{"error":{"message":' .. quote(message) .. ',"type":"' .. kind .. '","param":null,"code":null}}'
end

function shape.anthropic(status, message, request_id)
  local kind = ANTHROPIC_TYPE[status] or (status < 500 and "invalid_request_error" or "api_error")
  return '{"type":"error","error":{"type":"' .. kind .. '","message":' .. quote(message) .. '},"request_id":'
    .. quote(request_id or "") .. "}"
end

-- Body of an error reply.
return function(api, status, message, request_id) return shape[api](status, message, request_id) end
