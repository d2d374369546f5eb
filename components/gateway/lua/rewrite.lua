-- Judges the body of a request and builds the body that goes upstream: only allow-listed fields, one `model` member
-- with the canonical name, and the tenant's limits. The client's own bytes never go upstream unread.
local ffi, buffer = require("ffi"), require("string.buffer")
local json, names, routes, schema = require("json"), require("names"), require("routes"), require("schema")
local sub, find, lower = string.sub, string.find, string.lower
local format, concat = string.format, table.concat
local fold, quote = json.fold, json.quote
local bound, hosted_tools = routes.bound, routes.hosted_tools

local QUOTE, OBJECT, ARRAY, NULL = 34, 123, 91, 110
local MAX_FIELDS = 64
-- The server keeps a list of as many tokens, whether or not its context has room for them.
local MAX_REPEAT_LAST_N = 65536
local octets = ffi.typeof("const uint8_t *")
-- The body that is being built. One serves all requests, since none yields while its body is judged; its memory is kept
-- for the next one unless it is large.
local built = buffer.new()
local KEPT_BYTES = 1048576
-- Shorter values are copied faster as strings of their own than by their addresses.
local SHORT = 1024

local function refuse(status, rule, message) error({ status = status, rule = rule, message = message }, 0) end

-- An integer that fits a double; nil for null.
local function integer(state, key, first, last, kind)
  if kind == NULL then return nil end
  local value = tonumber(sub(state.text, first, last))
  if kind == QUOTE or not value or value % 1 ~= 0 or value > 2 ^ 53 or value < -2 ^ 53 then
    refuse(400, "field_type", key .. " must be an integer")
  end
  return value
end

-- The names of the limits in the tenant's file, by which a refusal tells what to change.
local SETTINGS = { messages = "maxMessages", inputs = "maxInputs", images = "maxImages", tools = "maxTools" }

local function too_many(state, field, count, what)
  local limit = state.limits["max_" .. what]
  if limit and count > limit then
    refuse(400, "field_limit",
      format("%s has %d elements, the limit %s allows %d", field, count, SETTINGS[what], limit))
  end
end

local function option(state, key, first, last, kind)
  if key == "num_predict" then
    state.asked = integer(state, key, first, last, kind)
  elseif key == "repeat_last_n" and kind ~= NULL then
    local tokens = math.min(integer(state, key, first, last, kind), MAX_REPEAT_LAST_N)
    state.options[#state.options + 1] = format('"repeat_last_n":%d', tokens)
  elseif routes.sampling[key] and kind ~= NULL then
    state.options[#state.options + 1] = quote(key) .. ":" .. sub(state.text, first, last)
  end
end

-- A tool that the server itself would run, such as a search of the web past every policy: it is not passed on. Clients
-- send some by default, so the rest of the request is still answered.
local function tool(state, key, first, last, kind)
  if kind ~= QUOTE or fold(key) ~= "type" then return end
  local kind_of_tool = lower(json.string(state.text, first, last))
  if kind_of_tool == "function" or kind_of_tool == "custom" then return end
  for _, hosted in ipairs(hosted_tools) do
    if find(kind_of_tool, hosted, 1, true) then state.hosted = hosted end
  end
end

local function tool_end(state, first, last)
  if state.hosted then
    state.dropped = state.dropped or {}
    state.dropped[#state.dropped + 1] = state.hosted
    state.hosted = nil
  else
    state.tools[#state.tools + 1] = { first, last }
  end
end

-- The tools that are left.
local function other_tools(state)
  local left = {}
  for at, place in ipairs(state.tools) do left[at] = sub(state.text, place[1], place[2]) end
  return "[" .. concat(left, ",") .. "]"
end

local function message(state, key, _, _, _, count)
  if count and fold(key) == "images" then state.images = state.images + count end
end

-- Whatever has a type with this word in it is an image, in every API: image_url, image, input_image.
local function content_part(state, key, first, last, kind)
  if kind == QUOTE and fold(key) == "type" and find(json.string(state.text, first, last), "image", 1, true) then
    state.images = state.images + 1
  end
end

-- Tools may be grouped under one of them.
local group = { member = tool }
group.each, group.fields = group, setmetatable({}, { __index = function(_, key) return fold(key) == "tools" and group or nil end })

-- Images may be parts of parts, such as a tool's result.
local content = { member = content_part }
content.each, content.fields = content, setmetatable({}, { __index = function() return content end })

-- What messages usually have is known without being folded: false for what holds no content.
local message_fields = setmetatable({ role = false, content = content, images = false, tool_calls = false },
  { __index = function(_, key) return fold(key) == "content" and content or nil end })

local function usage_option(state, key, first, last)
  if key == "include_usage" and sub(state.text, first, last) == "true" then state.usage_asked = true end
end

-- A member of a field of which only some are passed on. They are plain values, so no schema hides in them.
local function part(state, name, key, first, last, kind)
  if not state.spec.parts or not state.spec.parts[name] or not state.spec.parts[name][key] then return end
  if kind == OBJECT or kind == ARRAY then refuse(400, "field_type", name .. "." .. key .. " must be a plain value") end
  state.parts[name] = state.parts[name] or {}
  table.insert(state.parts[name], quote(key) .. ":" .. sub(state.text, first, last))
end

-- The old name of the field model, where Ollama still reads it. Its own client always sends it, empty.
local function old_name(state, first, last, kind)
  local text = sub(state.text, first, last)
  if text == '""' or text == "null" then return end
  if not state.spec.old_name or kind ~= QUOTE then
    refuse(400, "ambiguous_field", "name the model by the field model, not name")
  end
  state.old_name = json.string(state.text, first, last)
end

local function field(state, key, first, last, kind, count)
  local spec = state.spec
  state.fields = state.fields + 1
  if state.fields > MAX_FIELDS then refuse(400, "json", "the request has too many fields") end
  if not bound[key] and bound[fold(key)] then
    refuse(400, "ambiguous_field", "write the field " .. fold(key) .. " in lower case")
  end
  if key == "model" then
    if kind ~= QUOTE then refuse(400, "model_missing", "model must be a string") end
    state.model = json.string(state.text, first, last)
  elseif key == "name" then
    old_name(state, first, last, kind)
  elseif routes.refused[key] then
    local value = sub(state.text, first, last)
    if value ~= "false" and value ~= "null" and value ~= '""' then
      refuse(400, "field_refused", key .. " is not available through this gateway")
    end
  elseif key == "options" and spec.options then
    if kind ~= OBJECT and kind ~= NULL then refuse(400, "field_type", "options must be an object") end
  elseif key == "stream_options" and spec.usage_option then
    state.usage_asked = state.usage_asked or false
  elseif spec.output_limit and (key == spec.output_limit[1] or key == spec.output_limit[2]) and not spec.options then
    local value = integer(state, key, first, last, kind)
    state.asked = state.asked and value and math.min(state.asked, value) or value or state.asked
  elseif state.parts[key] then
    state.kept[#state.kept + 1] = { key = key, text = "{" .. concat(state.parts[key], ",") .. "}" }
  elseif spec.fields[key] then
    local counted = count and spec.counted and spec.counted[key]
    if counted == "images" then state.images = state.images + count
    elseif counted then too_many(state, key, count, counted) end
    local kept = state.kept
    kept[#kept + 1] = { key = key, first = first, last = last }
    if key == "tools" and state.dropped then kept[#kept].text = other_tools(state) end
    if key == "stream" then state.stream = sub(state.text, first, last) end
  end
end

local fields = {
  options = { member = option },
  stream_options = { member = usage_option },
  tools = { each = group, element = tool_end },
  output_config = { member = function(state, ...) part(state, "output_config", ...) end },
  messages = { each = { member = message, fields = message_fields } },
  input = { each = content },
}
-- What every request has.
fields.model, fields.stream = false, false
-- Those of schemas are made for each request, since they remember where in the schema they are.
local visitor = { member = field, fields = setmetatable(fields, { __index = function(_, key) return schema.visitor(key) end }) }

-- The client's wish within the ceiling; no wish, or one for endless output, is the ceiling.
local function clamped(asked, ceiling)
  if not ceiling or (asked and asked >= 1 and asked < ceiling) then return asked end
  return ceiling
end

local function add_limits(state)
  local spec, limits = state.spec, state.limits
  local output = spec.output_limit and clamped(state.asked, limits.max_tokens)
  if spec.options then
    local options = state.options
    if output then options[#options + 1] = '"num_predict":' .. format("%d", output) end
    if limits.num_ctx then options[#options + 1] = '"num_ctx":' .. format("%d", limits.num_ctx) end
    if options[1] then built:put(',"options":{', concat(options, ","), "}") end
    if limits.keep_alive then built:put(',"keep_alive":', quote(limits.keep_alive)) end
  elseif output then
    built:put(',"', spec.output_limit[1], '":', format("%d", output))
  end
  if spec.usage_option and state.stream == "true" then
    built:put(',"stream_options":{"include_usage":true}')
    state.strip_usage = not state.usage_asked
  end
end

-- The body that goes upstream. Values are copied as they are, straight from the request's text: a prompt may be large.
local function rebuilt(state, stored)
  local text = state.text
  built:reset():put('{"model":', quote(stored))
  for _, value in ipairs(state.kept) do
    local first, last = value.first, value.last
    if value.text then built:put(',"', value.key, '":', value.text)
    elseif last - first < SHORT then built:put(',"', value.key, '":', sub(text, first, last))
    else built:put(',"', value.key, '":'):putcdata(ffi.cast(octets, text) + first - 1, last - first + 1) end
  end
  add_limits(state)
  local body = built:put("}"):tostring()
  if #body > KEPT_BYTES then built:free() end
  return body
end

-- What the client calls the model. The old field counts where the new one is absent or empty, or when both mean the same.
local function asked_model(state)
  local model, old = state.model, state.old_name
  if old and model and model ~= "" and names.canonical(model) ~= names.canonical(old) then
    refuse(400, "ambiguous_field", "model and name are two models: write model only")
  end
  return old and (model == nil or model == "") and old or model
end

local function judge(state, granted)
  state.text = json.visit(state.text, visitor, state)
  if state.refs then schema.refuse_circles(state.refs) end
  state.model = asked_model(state)
  if state.model == nil then refuse(400, "model_missing", "model is required") end
  local canonical, why = names.canonical(state.model)
  if not canonical and why == "malformed" then refuse(400, "model_malformed", "model is not a valid name") end
  state.canonical = canonical
  local stored = canonical and granted(canonical)
  if not stored then refuse(404, canonical and "model_denied" or "model_cloud", "model not found") end
  state.granted = canonical
  too_many(state, "images", state.images, "images")
  return rebuilt(state, stored)
end

local function judged(spec, text, granted, limits)
  local state = {
    spec = spec, text = text, limits = limits, kept = {}, fields = 0, images = 0, options = {}, tools = {}, parts = {},
  }
  local ok, result = pcall(judge, state, granted)
  if ok then
    state.body = result
  elseif type(result) == "table" and result.json then
    state.refusal = { status = 400, rule = "json", message = "the request is not strict JSON: " .. result.json }
  elseif type(result) == "table" and result.rule then
    state.refusal = result
  else
    error(result, 0)
  end
  return state
end

-- Builds the upstream body of a request.
--   spec     the route, from routes.lua
--   text     the request body
--   granted  function(canonical) -> the name to ask the server for, or nil when the client may not use the model
--   limits   the client's: max_tokens, num_ctx, keep_alive, max_messages, max_inputs, max_images, max_tools; each may be absent
-- Returns the state with `body`, or with `refusal` {status, rule, message}; in both cases `model` is what the client
-- wrote and `canonical` what it means, as far as they were read, and `granted` is the name once it was allowed.
-- `dropped` lists tools that are not passed on, if there are any.
return function(spec, text, granted, limits)
  local state = judged(spec, text, granted, limits)
  if state.text == text then return state end
  -- Half characters were repaired. Parts of the body may have been copied before: the repaired text has none.
  return judged(spec, state.text, granted, limits)
end
