-- What a client may see of the server's models: lists with only its own models, and a model's description without
-- prompts, templates, licences and file paths.
local json, names = require("json"), require("names")
local sub, concat = string.sub, table.concat

local M = {}
local QUOTE, OBJECT = 34, 123

-- An element is kept only if each of its name members means the same granted model.
local function element_member(state, key, first, last, kind)
  if not state.list.names[key] then return end
  local canonical = kind == QUOTE and names.canonical(json.string(state.text, first, last))
  if not canonical or not state.granted(canonical) or (state.name and state.name ~= canonical) then state.hidden = true end
  state.name = canonical
end

-- The parent may be a model that the client must not know of.
local function details_member(state, key, first, last)
  if key == "parent_model" then state.parent_first, state.parent_last = first, last end
end

local function element(state, first, last)
  if state.name and not state.hidden and (not state.wanted or state.wanted == state.name) then
    local text = sub(state.text, first, last)
    if state.parent_first then
      text = sub(state.text, first, state.parent_first - 1) .. '""' .. sub(state.text, state.parent_last + 1, last)
    end
    state.out[#state.out + 1] = text
  end
  state.name, state.hidden, state.parent_first = nil, false, nil
end

local each = { member = element_member, fields = { details = { member = details_member } } }

-- Rebuilds a list reply. `wanted` picks one canonical name; the reply is then that element, or nil.
function M.filter(list, text, granted, wanted)
  local state = { list = list, text = text, granted = granted, wanted = wanted, out = {}, hidden = false }
  json.visit(text, { fields = { [list.array] = { element = element, each = each } } }, state)
  if wanted then return state.out[1] end
  return list.prefix .. concat(state.out, ",") .. list.suffix
end

local DETAILS = { format = true, family = true, families = true, parameter_size = true, quantization_level = true }
local SHOWN = { capabilities = true, modified_at = true, model_info = true }

-- Editors ask the template whether a model fills in the middle. What stands here is not the model's own.
local INSERT_TEMPLATE = '"template":"{{ .Prompt }}{{ .Suffix }}"'

local function capability(state, first, last)
  if sub(state.text, first, last) == '"insert"' then state.insert = true end
end

local function show_member(state, key, first, last)
  if SHOWN[key] then state.out[#state.out + 1] = json.quote(key) .. ":" .. sub(state.text, first, last) end
end

local function shown_detail(state, key, first, last)
  if DETAILS[key] then state.details[#state.details + 1] = json.quote(key) .. ":" .. sub(state.text, first, last) end
end

-- Rebuilds the reply of /api/show.
function M.show(text)
  local state = { text = text, out = {}, details = {} }
  local fields = { details = { member = shown_detail }, capabilities = { element = capability } }
  json.visit(text, { member = show_member, fields = fields }, state)
  if state.insert then state.out[#state.out + 1] = INSERT_TEMPLATE end
  state.out[#state.out + 1] = '"details":{' .. concat(state.details, ",") .. "}"
  return "{" .. concat(state.out, ",") .. "}"
end

return M
