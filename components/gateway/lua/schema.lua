-- What is refused in a schema for the answer, because the model runner, and every other answer with it, dies of the
-- grammar that is made of it: repetitions above a number, and a `$ref` that leads back to itself before anything is read.
--
-- Only what the grammar is made of counts. Values that describe (`default`, `examples`, `const`, `enum`, ...) may hold
-- anything, so a `$ref` must not lead into one and make a schema of it.
local json = require("json")
local byte, sub, find, gmatch, gsub, format = string.byte, string.sub, string.find, string.gmatch, string.gsub, string.format
local fold = json.fold

local M = {}
local QUOTE, BRACKET, BACKSLASH = 34, 91, 92
local MAX_REPETITIONS = 2000
-- Bounds, and the type of value that they are read for.
local REPETITIONS = { minItems = "array", maxItems = "array", minLength = "string", maxLength = "string" }
-- Members whose schemas stand in the place of the schema that has them.
local IN_PLACE = { anyOf = true, oneOf = true, allOf = true }
-- Members that hold schemas by names of the author's choice.
local NAMED = { properties = true, patternProperties = true, definitions = true, ["$defs"] = true, dependentSchemas = true }
-- Members that describe.
local VALUES = { default = true, const = true, enum = true, examples = true, example = true, required = true }
-- Bounds of the search for circles: parts of a schema, bytes of a member's name that tell it from others, steps.
local MAX_PLACES, NAME_BYTES, MAX_STEPS = 20000, 100, 500
-- Bytes of a place that a refusal tells.
local SHOWN_BYTES = 200

local places = 0

local function refuse(message) error({ status = 400, rule = "field_limit", message = message }, 0) end

-- A place for people.
local function shown(place)
  if place == "" then return "the schema" end
  return "the schema at " .. gsub(sub(place, 1, SHOWN_BYTES), "[^%g ]", "?")
end

local function repetitions(place, key, count)
  if count and count > MAX_REPETITIONS then
    refuse(format("%s of %s is %.0f, at most %d are allowed", key, shown(place), count, MAX_REPETITIONS))
  end
end

-- Index after the class of characters of a regular expression whose bracket is at i; nil when it does not end.
local function class_end(pattern, i)
  repeat
    i = find(pattern, "[\\%]]", i + 1)
    if not i then return nil end
    local escape = byte(pattern, i) == BACKSLASH
    i = i + 1
  until not escape
  return i
end

-- Repetitions in braces of a regular expression; braces in a class or behind a backslash are characters.
local function pattern_repetitions(place, pattern)
  local i = find(pattern, "[\\%[{]")
  while i do
    local c = byte(pattern, i)
    if c == BACKSLASH then i = i + 2
    elseif c == BRACKET then i = class_end(pattern, i)
    else
      local last = find(pattern, "}", i, true) or #pattern
      for count in gmatch(sub(pattern, i, last), "%d+") do repetitions(place, "pattern", tonumber(count)) end
      i = last + 1
    end
    i = i and find(pattern, "[\\%[{]", i)
  end
end

-- The place of a member of the schema at a place. Elements of a list count as the list: more circles are seen than there
-- are, never fewer.
local function inside(place, key)
  if IN_PLACE[key] or find(key, "^%d+$") then return place end
  return place .. "/" .. sub(key, 1, NAME_BYTES)
end

-- The place that a `$ref` names, such as `#/$defs/node`.
local function target(ref)
  local place, named = "", false
  for key in gmatch(ref, "/([^/]*)") do
    if VALUES[key] and not named then refuse("a $ref in a schema leads to " .. key .. ", which is not a schema") end
    named = NAMED[key] and not named
    place = inside(place, key)
  end
  return place
end

-- Bounds are read for one type of value, and that stands before or behind them: they are judged when the schema is over.
local function member(place, found, state, key, first, last, kind)
  local bounded = REPETITIONS[key]
  if bounded then
    found[key] = tonumber(sub(state.text, first, last))
  elseif key == "items" or key == "prefixItems" then
    found.items = true
  elseif key == "type" then
    found.type = sub(state.text, first, last)
  elseif key == "pattern" and kind == QUOTE then
    found.pattern = json.string(state.text, first, last)
  elseif key == "$ref" and kind == QUOTE then
    state.refs = state.refs or {}
    local known = state.refs[place] or {}
    state.refs[place] = known
    known[#known + 1] = target(json.string(state.text, first, last))
  end
end

-- Whether a schema whose type is written so may be for values of a kind. Several types are as many schemas.
local function may_be(state_type, wanted, without_type)
  if not state_type then return without_type end
  return sub(state_type, 1, 1) ~= '"' or json.string(state_type, 1, #state_type) == wanted
end

local function schema_end(place, found)
  local items = found.items and may_be(found.type, "array", true)
  local length = may_be(found.type, "string", false)
  for key, kind in pairs(REPETITIONS) do
    if (kind == "array" and items) or (kind == "string" and length) then repetitions(place, key, found[key]) end
    found[key] = nil
  end
  if found.pattern and may_be(found.type, "string", true) then pattern_repetitions(place, found.pattern) end
  found.type, found.items, found.pattern = nil, nil, nil
end

local schema

-- Visitor of schemas by name.
local function named_schemas(place)
  return {
    each = schema(place),
    fields = setmetatable({}, { __index = function(_, key) return schema(inside(place, key)) end }),
  }
end

-- Visitor of the schema at a place, and of all that is in it.
schema = function(place)
  places = places + 1
  if places > MAX_PLACES then refuse("a schema has too many parts") end
  local found = {}
  local visitor = {
    member = function(...) member(place, found, ...) end,
    done = function() schema_end(place, found) end,
  }
  visitor.each = visitor
  visitor.fields = setmetatable({}, {
    __index = function(_, key)
      if VALUES[key] then return nil end
      local make = NAMED[key] and named_schemas or schema
      return make(inside(place, key))
    end,
  })
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
