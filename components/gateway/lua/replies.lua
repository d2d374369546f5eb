-- Error replies in the shape of the API that was called, so that every client library reads them as its own server's.
local quote, types = require("json").quote, require("errors")

local shape = {}

local function kind_of(api, status)
  local named = types[api]
  return named.byStatus[status] or (status < 500 and named.client or named.server)
end

function shape.ollama(_, message) return '{"error":' .. quote(message) .. "}" end

function shape.openai(status, message)
  return '{"error":{"message":' .. quote(message) .. ',"type":"' .. kind_of("openai", status) .. '","param":null,"code":null}}'
end

function shape.anthropic(status, message, request_id)
  return '{"type":"error","error":{"type":"' .. kind_of("anthropic", status) .. '","message":' .. quote(message)
    .. '},"request_id":' .. quote(request_id or "") .. "}"
end

-- Body of an error reply.
return function(api, status, message, request_id) return shape[api](status, message, request_id) end
