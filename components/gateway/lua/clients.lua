-- Who calls: the client of a key or a token.
local sha256 = require("sha256")
local find, match = string.find, string.match

jit.off(true, true)

local M = {}
local TOKENS = "envoy.filters.http.jwt_authn"
local KEY_SHORTEST, KEY_LONGEST = 20, 128

-- Why a token does not hold, in the words of Envoy's filter; everything else is `token_invalid`.
local FAILURES = {
  ["Jwt is expired"] = "token_expired", ["Audiences in Jwt are not allowed"] = "token_audience",
  ["Jwt issuer is not configured"] = "token_issuer",
}

-- The one value of a header. An empty one says nothing: client libraries send it for a variable that is not set.
local function value_of(headers, name)
  local value = headers:get(name)
  if value == "" and headers:getNumValues(name) == 1 then return nil end
  return value
end

-- The key that the request carries; nil when there is none, or two that differ.
local function presented_key(headers, authorization, plain)
  local key
  if authorization then
    if headers:getNumValues("authorization") ~= 1 then return nil end
    key = match(authorization, "^[Bb][Ee][Aa][Rr][Ee][Rr] +([%w_%-]+)$")
    if plain and plain ~= key then return nil end
  else
    key = plain and match(plain, "^[%w_%-]+$")
  end
  if plain and headers:getNumValues("x-api-key") ~= 1 then return nil end
  if key and #key >= KEY_SHORTEST and #key <= KEY_LONGEST then return key end
end

local function by_key(headers, rules, authorization)
  local plain = value_of(headers, "x-api-key")
  local key = presented_key(headers, authorization, plain)
  if not key then return nil, (authorization or plain) and "key_invalid" or "key_missing" end
  local client = rules.k[sha256(key)]
  return client, not client and "key_unknown"
end

-- The filter before this one has verified the token and left its claims, or why they do not hold, in its own metadata.
local function by_token(h, headers, rules)
  if headers:getNumValues("authorization") ~= 1 or value_of(headers, "x-api-key") then return nil, "token_invalid" end
  local verified = h:streamInfo():dynamicMetadata():get(TOKENS) or {}
  local subject = verified.claims and verified.claims.sub
  if not subject then return nil, verified.failure and FAILURES[verified.failure.message] or "token_invalid" end
  local client = rules.s[subject]
  return client, not client and "token_unknown"
end

-- The client record of the key or the token, or nil and the rule that refuses it. No key has a dot, and every token has.
function M.authenticate(h, headers, rules)
  local authorization = value_of(headers, "authorization")
  local token = authorization and find(authorization, ".", 1, true) and find(authorization, "^[Bb][Ee][Aa][Rr][Ee][Rr] ")
  local client, why
  if token then client, why = by_token(h, headers, rules) else client, why = by_key(headers, rules, authorization) end
  if client and client.expires and os.time() >= client.expires then return nil, "key_expired" end
  return client, why
end

return M
