-- What is refused in a schema for the answer, because the model runner, and every other answer with it, dies of the
-- grammar that is made of it: repetitions above a number, and a `$ref` that leads back to itself before anything is read.
local json = require("json")
local sub, find, gmatch, format = string.sub, string.find, string.gmatch, string.format
local fold = json.fold

local M = {}
local QUOTE = 34
local MAX_REPETITIONS = 2000
local REPETITIONS = { minItems = true, maxItems = true, minLength = true, maxLength = true }
-- Members whose schemas stand in the place of the schema that has them.
local IN_PLACE = { anyOf = true, oneOf = true, allOf = true }
-- Bounds of the search for circles: parts of a schema, bytes of a member's name that tell it from others, steps.
local MAX_PLACES, NAME_BYTES, MAX_STEPS = 20000, 100, 500

local places = 0

local function refuse(message) error({ status = 400, rule = "field_limit", message = message }, 0) end

local function repetitions(key, count)
  if count and count > MAX_REPETITIONS then refuse(format("%s in a schema is above %d", key, MAX_REPETITIONS)) end
end

-- The place of a member of the schema at a place. Elements of a list count as the list: more circles are seen than there
-- are, never fewer.
local function inside(place, key)
  if IN_PLACE[key] or find(key, "^%d+$") then return place end
  return place .. "/" .. sub(key, 1, NAME_BYTES)
end

-- The place that a `$ref` names: `#/$defs/node`.
local function target(ref)
  local place = ""
  for key in gmatch(ref, "[^/]+") do
    if key ~= "#" then place = inside(place, key) end
  end
  return place
end

local function member(place, state, key, first, last, kind)
  if REPETITIONS[key] then
    repetitions(key, tonumber(sub(state.text, first, last)))
  elseif key == "pattern" and kind == QUOTE then
    for count in gmatch(json.string(state.text, first, last), "[{,]%s*(%d+)") do repetitions(key, tonumber(count)) end
  elseif key == "$ref" and kind == QUOTE then
    state.refs = state.refs or {}
    local known = state.refs[place] or {}
    state.refs[place] = known
    known[#known + 1] = target(json.string(state.text, first, last))
  end
end

-- Visitor of the schema at a place, and of all that is in it.
local function schema(place)
  places = places + 1
  if places > MAX_PLACES then refuse("a schema has too many parts") end
  local visitor = { member = function(...) member(place, ...) end }
  visitor.each = visitor
  visitor.fields = setmetatable({}, { __index = function(_, key) return schema(inside(place, key)) end })
  return visitor
end

-- Visitor of a value whose member of this name, however its case, is visited by `make`; the other ones are schemas too,
-- since who reads them is not known.
local function wrapped(name, make)
  return { fields = setmetatable({}, { __index = function(_, key) return fold(key) == name and make() or schema("?") end }) }
end

local function root() return schema("") end
local function named() return wrapped("schema", root) end

-- Visitors of the fields that hold a schema, each for one request.
local FIELDS = {
  format = root,
  response_format = function() return wrapped("json_schema", named) end,
  text = function() return wrapped("format", named) end,
}

-- The visitor of a field of a request; nil for one that holds no schema.
function M.visitor(key)
  local make = FIELDS[key]
  if not make then return nil end
  places = 0
  return make()
end

-- Refuses references that lead back to where they are.
function M.refuse_circles(refs)
  local open = {}
  local function follow(place, steps)
    if open[place] or steps > MAX_STEPS then refuse("a $ref in a schema leads back to itself") end
    if open[place] == false or not refs[place] then return end
    open[place] = true
    for _, next_place in ipairs(refs[place]) do follow(next_place, steps + 1) end
    open[place] = false
  end
  for place in pairs(refs) do follow(place, 0) end
end

return M
