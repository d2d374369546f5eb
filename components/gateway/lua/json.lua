-- A strict JSON reader (RFC 8259) that visits a document in one pass without building it.
--
-- It is stricter than Go's decoder wherever two decoders could disagree: no duplicate keys at any level, no data after
-- the document, only well-formed UTF-8, no lone surrogate escapes in keys, no byte order mark, bounded depth and key count.
-- In values, where half a character is what is left of a cut text, a lone surrogate means U+FFFD, as it does for Go.
--
-- A visitor is a table, each entry optional:
--   member(state, key, first, last, kind, count)  called after each member of an object
--   element(state, first, last, kind)             called after each element of an array
--   fields[key]                                   the visitor of that member's value
--   each                                          the visitor of each element
--   done(state)                                   called after the last member of an object
-- `first` and `last` bound the value's text (1-based, inclusive), `kind` is its first byte, `count` the number of
-- members or elements of an object or array. A fault is raised as a table {json = why}.
local bit, ffi = require("bit"), require("ffi")
local band, bor, rshift = bit.band, bit.bor, bit.rshift
local byte, char, sub, find, gsub, format = string.byte, string.char, string.sub, string.find, string.gsub, string.format
local concat = table.concat

local M = {}
local MAX_DEPTH, MAX_KEYS = 64, 1024
-- Below this length one pattern match is cheaper than the loop over machine words.
local LONG = 48
local words, octets = ffi.typeof("const uint64_t *"), ffi.typeof("const uint8_t *")
ffi.cdef("void *memchr(const void *, int, size_t);")
local C = ffi.C

local function fault(why) error({ json = why }, 0) end

local function continues(c) return band(c, 0xC0) == 0x80 end

-- Length of the well-formed UTF-8 sequence (RFC 3629) that begins with c at p[at]. The zero behind the text continues
-- nothing, so no byte after it is read.
local function sequence_length(p, at, c)
  local c1 = p[at + 1]
  if not continues(c1) then fault("malformed UTF-8") end
  if c >= 0xC2 and c <= 0xDF then return 2 end
  if not continues(p[at + 2]) then fault("malformed UTF-8") end
  if c >= 0xE0 and c <= 0xEF then
    if (c == 0xE0 and c1 < 0xA0) or (c == 0xED and c1 > 0x9F) then fault("malformed UTF-8") end
    return 3
  end
  if not continues(p[at + 3]) then fault("malformed UTF-8") end
  if c >= 0xF0 and c <= 0xF4 then
    if (c == 0xF0 and c1 < 0x90) or (c == 0xF4 and c1 > 0x8F) then fault("malformed UTF-8") end
    return 4
  end
  return fault("malformed UTF-8")
end

local function code_unit(s, i)
  if not find(s, "^%x%x%x%x", i) then fault("bad escape") end
  return tonumber(sub(s, i, i + 3), 16)
end

-- Letters that make an escape sequence of two characters.
local short_escape = ffi.new("uint8_t[256]")
for letter in ('"\\/bfnrt'):gmatch(".") do short_escape[byte(letter)] = 1 end

-- Whether the document that is being read has a lone surrogate.
local lone = false

-- Whether the sequence at i is the second half of a pair.
local function low_surrogate(s, i)
  if byte(s, i) ~= 92 or byte(s, i + 1) ~= 117 then return false end
  local unit = code_unit(s, i + 2)
  return unit >= 0xDC00 and unit <= 0xDFFF
end

-- Index after the `\u` sequence, or pair of them, whose backslash is at i.
local function unicode_escape_end(s, i)
  if byte(s, i + 1) ~= 117 then fault("bad escape") end
  local unit = code_unit(s, i + 2)
  if unit < 0xD800 or unit > 0xDFFF then return i + 6 end
  if unit <= 0xDBFF and low_surrogate(s, i + 6) then return i + 12 end
  lone = true
  return i + 6
end

-- Index, from 0, of the first such byte in p[at..stop); -1 when there is none.
local function first_of(p, c, at, stop)
  local found = C.memchr(p + at, c, stop - at)
  if found == nil then return -1 end
  return tonumber(ffi.cast(octets, found) - p)
end

local BLANKS, HIGH = 0x2020202020202020ULL, 0x8080808080808080ULL

-- Refuses control characters and malformed UTF-8 in p[at..stop). Reads 32 bytes at a time as long as all are plain:
-- subtracting sets the high bit of a byte that is below 32, and of no other one before the first of them.
local function check_text(p, at, stop)
  local last = stop - 32
  while at < stop do
    while at <= last do
      local w = ffi.cast(words, p + at)
      local a, b, c, d = w[0], w[1], w[2], w[3]
      if band(bor(a, a - BLANKS, b, b - BLANKS, c, c - BLANKS, d, d - BLANKS), HIGH) ~= 0 then break end
      at = at + 32
    end
    local c = p[at]
    while c < 128 and at < stop do
      if c < 32 then fault("control character in a string") end
      at = at + 1
      c = p[at]
    end
    while c >= 128 do
      at = at + sequence_length(p, at, c)
      c = p[at]
    end
  end
end

-- Index of the quote that closes the string whose text goes on at i, and whether the text needs no decoding.
local function any_string_end(s, i)
  local p, size, at, plain = ffi.cast(octets, s), #s, i - 1, true
  local quote = first_of(p, 34, at, size)
  while true do
    if quote < 0 then fault("unterminated string") end
    local slash = first_of(p, 92, at, quote)
    if slash < 0 then break end
    plain = false
    if short_escape[p[slash + 1]] == 1 then at = slash + 2 else at = unicode_escape_end(s, slash + 1) - 1 end
    if at > quote then quote = first_of(p, 34, at, size) end
  end
  check_text(p, i - 1, quote)
  return quote + 1, plain
end

-- The same, for the string whose text begins at i: most are short and plain.
local function string_end(s, i)
  local quote = find(s, '"', i, true) or fault("unterminated string")
  if quote - i < LONG and find(s, '^[ !#-Z[%]^-\127]*"', i) then return quote, true end
  return any_string_end(s, i)
end

local function utf8(code)
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + rshift(code, 6), 0x80 + band(code, 63)) end
  if code < 0x10000 then return char(0xE0 + rshift(code, 12), 0x80 + band(rshift(code, 6), 63), 0x80 + band(code, 63)) end
  return char(0xF0 + rshift(code, 18), 0x80 + band(rshift(code, 12), 63), 0x80 + band(rshift(code, 6), 63), 0x80 + band(code, 63))
end

-- What a lone surrogate means.
local REPLACEMENT = 0xFFFD
local DECODED = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- Value of a string from its checked text between the quotes.
local function decoded(text)
  if not find(text, "\\", 1, true) then return text end
  local out, n, i = {}, 0, 1
  while true do
    local slash = find(text, "\\", i, true)
    n = n + 1
    out[n] = sub(text, i, (slash or 0) - 1)
    if not slash then return concat(out) end
    local letter = sub(text, slash + 1, slash + 1)
    i = slash + 2
    n = n + 1
    if letter == "u" then
      local code = tonumber(sub(text, i, i + 3), 16)
      i = i + 4
      if code >= 0xD800 and code <= 0xDBFF and low_surrogate(text, i) then
        code = 0x10000 + (code - 0xD800) * 1024 + tonumber(sub(text, i + 2, i + 5), 16) - 0xDC00
        i = i + 6
      elseif code >= 0xD800 and code <= 0xDFFF then
        code = REPLACEMENT
      end
      out[n] = utf8(code)
    else
      out[n] = DECODED[letter] or letter
    end
  end
end

local function space_end(s, i)
  local c = byte(s, i)
  while c == 32 or c == 10 or c == 13 or c == 9 do
    i = i + 1
    c = byte(s, i)
  end
  return i, c
end

local function digits_end(s, i)
  local c, from = byte(s, i), i
  while c and c >= 48 and c <= 57 do
    i = i + 1
    c = byte(s, i)
  end
  if i == from then fault("bad number") end
  return i, c
end

local function number_end(s, i)
  local c = byte(s, i)
  if c == 45 then
    i = i + 1
    c = byte(s, i)
  end
  if c == 48 then
    i = i + 1
    c = byte(s, i)
  else
    i, c = digits_end(s, i)
  end
  if c == 46 then i, c = digits_end(s, i + 1) end
  if c == 101 or c == 69 then
    c = byte(s, i + 1)
    if c == 43 or c == 45 then i = i + 1 end
    i = digits_end(s, i + 1)
  end
  return i
end

-- Documents have few keys, each many times. What is in here was read once as a plain string.
local MOST_KNOWN = 256
local known_keys, known_count = {}, 0

-- The key whose text begins at i, and the index of the quote that closes it.
local function key_at(s, i)
  local quote = find(s, '"', i, true)
  local key = quote and quote - i < LONG and sub(s, i, quote - 1)
  if key and known_keys[key] then return key, quote end
  local plain
  local lone_before = lone
  lone = false
  quote, plain = string_end(s, i)
  if lone then fault("lone surrogate in a key") end
  lone = lone_before
  key = sub(s, i, quote - 1)
  if not plain then return decoded(key), quote end
  if #key < LONG then
    if known_count == MOST_KNOWN then known_keys, known_count = {}, 0 end
    known_keys[key], known_count = true, known_count + 1
  end
  return key, quote
end

local LITERAL = { [116] = "true", [102] = "false", [110] = "null" }
local value_end

local function object_end(s, i, depth, visitor, state)
  if depth > MAX_DEPTH then fault("nested too deep") end
  local member, fields, done
  if visitor then member, fields, done = visitor.member, visitor.fields, visitor.done end
  local seen, count, c = {}, 0, nil
  i, c = space_end(s, i + 1)
  if c == 125 then return i + 1, 0 end
  while true do
    if c ~= 34 then fault("key expected") end
    local key, quote = key_at(s, i + 1)
    if seen[key] then fault("duplicate key") end
    seen[key] = true
    count = count + 1
    if count > MAX_KEYS then fault("too many keys") end
    i, c = quote + 1, byte(s, quote + 1)
    if c ~= 58 then i, c = space_end(s, i) end
    if c ~= 58 then fault("colon expected") end
    local first, kind = space_end(s, i + 1)
    local size
    i, size = value_end(s, first, kind, depth, fields and fields[key], state)
    if member then member(state, key, first, i - 1, kind, size) end
    c = byte(s, i)
    if c ~= 44 and c ~= 125 then i, c = space_end(s, i) end
    if c == 125 then
      if done then done(state) end
      return i + 1, count
    end
    if c ~= 44 then fault("comma expected") end
    i, c = space_end(s, i + 1)
  end
end

local function array_end(s, i, depth, visitor, state)
  if depth > MAX_DEPTH then fault("nested too deep") end
  local element, each = visitor and visitor.element, visitor and visitor.each
  local count, c = 0, nil
  i, c = space_end(s, i + 1)
  if c == 93 then return i + 1, 0 end
  while true do
    local first, kind = i, c
    i = value_end(s, first, kind, depth, each, state)
    count = count + 1
    if element then element(state, first, i - 1, kind) end
    i, c = space_end(s, i)
    if c == 93 then return i + 1, count end
    if c ~= 44 then fault("comma expected") end
    i, c = space_end(s, i + 1)
  end
end

-- Index after the value at i, and its count if it is an object or array.
value_end = function(s, i, kind, depth, visitor, state)
  if kind == 34 then return string_end(s, i + 1) + 1 end
  if kind == 123 then return object_end(s, i, depth + 1, visitor, state) end
  if kind == 91 then return array_end(s, i, depth + 1, visitor, state) end
  local literal = LITERAL[kind]
  if not literal then return number_end(s, i) end
  if sub(s, i, i + #literal - 1) ~= literal then fault("bad literal") end
  return i + #literal
end

-- The checked document with `\ufffd` in the place of each lone surrogate. It has the same length.
local function repaired(s)
  local bytes = ffi.new("uint8_t[?]", #s)
  ffi.copy(bytes, s, #s)
  local slash = find(s, "\\", 1, true)
  while slash do
    local last = slash + 1
    if byte(s, last) == 117 then
      last = unicode_escape_end(s, slash) - 1
      local unit = last == slash + 5 and code_unit(s, slash + 2)
      if unit and unit >= 0xD800 and unit <= 0xDFFF then ffi.copy(bytes + slash + 1, "fffd", 4) end
    end
    slash = find(s, "\\", last + 1, true)
  end
  return ffi.string(bytes, #s)
end

-- Visits a document that must be one object and nothing else. Returns its text, in which no surrogate is alone; all
-- indices hold for it too.
function M.visit(s, visitor, state)
  lone = false
  local i, c = space_end(s, 1)
  if c ~= 123 then fault("not an object") end
  i = object_end(s, i, 0, visitor, state)
  i = space_end(s, i)
  if i <= #s then fault("data after the document") end
  return lone and repaired(s) or s
end

-- Value of the checked string literal s[first..last], quotes included in the bounds.
function M.string(s, first, last) return decoded(sub(s, first + 1, last - 1)) end

-- JSON literal of a string that is well-formed UTF-8.
function M.quote(text)
  if not find(text, '[%c"\\\127]') then return '"' .. text .. '"' end
  return '"' .. gsub(text, '[%c"\\\127]', function(c) return format("\\u%04x", byte(c)) end) .. '"'
end

-- What Go's encoding/json compares struct keys by, as far as it can reach an ASCII field name: case, and the two
-- characters outside ASCII whose case folding is an ASCII letter (U+017F long s, U+212A Kelvin sign).
function M.fold(key)
  if not find(key, "[^a-z0-9_]") then return key end
  return (gsub(gsub(key:lower(), "\197\191", "s"), "\226\132\170", "k"))
end

return M
