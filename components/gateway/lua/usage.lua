-- Token counts from the end of a reply, read while the reply passes.
local json = require("json")
local byte, sub, find, match, gmatch, concat = string.byte, string.sub, string.find, string.match, string.gmatch, table.concat

local M = {}
-- Counts come after the text; only generate's `context` and embeddings are longer, and they come before the counts.
local TAIL = 8192

-- A tail keeps the last chunks of a reply, at least TAIL bytes of them.
function M.tail() return { first = 1, last = 0, size = 0 } end

function M.append(tail, chunk)
  tail.last = tail.last + 1
  tail[tail.last] = chunk
  tail.size = tail.size + #chunk
  while tail.size - #tail[tail.first] >= TAIL do
    tail.size = tail.size - #tail[tail.first]
    tail[tail.first] = nil
    tail.first = tail.first + 1
  end
end

local function number(text, pattern, at)
  local digits = match(text, pattern, at)
  return digits and tonumber(digits)
end

-- In the order in which Ollama writes them.
local COUNTS = {
  "total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration", "eval_count", "eval_duration",
}
local QUOTED, TO_THE_END, WANTED = {}, {}, {}
for _, name in ipairs(COUNTS) do
  QUOTED[name], WANTED[name] = '"' .. name .. '":', true
  TO_THE_END[name] = "^" .. QUOTED[name] .. "(%d+)[^{}]*}%s*$"
end

local function line_member(counts, key, first, last)
  if WANTED[key] then counts[key] = tonumber(sub(counts.text, first, last)) end
end

-- The last line that is not empty. A pattern for it would try every place of the text, each to the line's end.
local function final_line(text)
  local last = #text
  while byte(text, last) == 10 do last = last - 1 end
  text = sub(text, 1, last)
  return find(text, "\n", 1, true) and sub(text, match(text, "^.*\n()")) or text
end

-- The number behind a quoted name, at the first place where the pattern, which begins there, goes on to the text's end.
local function number_at(text, name, pattern)
  local at = find(text, name, 1, true)
  while at do
    local found = number(text, pattern, at)
    if found then return found end
    at = find(text, name, at + 1, true)
  end
end

-- All of them as the last members of a line.
local USUAL = '^"' .. concat(COUNTS, '":(%d+),"') .. '":(%d+)}%s*$'

-- Reads all counts at once where they are written as usual; whether they were.
local function usual(counts)
  local at = find(counts.text, QUOTED[COUNTS[1]], 1, true)
  local numbers = at and { match(counts.text, USUAL, at) }
  if not numbers or not numbers[1] then return false end
  for place, name in ipairs(COUNTS) do counts[name] = tonumber(numbers[place]) end
  return true
end

-- Ollama's own API: the last line. Its counts are found by patterns that end at its end, so they are members of the
-- outermost object; model output cannot forge them, since a quote inside a JSON string is always written with a backslash.
-- Where an object follows the counts, the line is read as JSON.
local function last_line(text)
  local counts = { text = final_line(text) }
  if not usual(counts) then
    for _, name in ipairs(COUNTS) do counts[name] = number_at(counts.text, QUOTED[name], TO_THE_END[name]) end
  end
  if not counts.prompt_eval_count and not counts.eval_count then
    pcall(json.visit, counts.text, { member = line_member }, counts)
  end
  return counts.prompt_eval_count or 0, counts.eval_count or 0, M.work_ms(counts)
end

-- Milliseconds that the model worked, without waiting for its turn and without being loaded; nil when the line tells none. An
-- embedding has only a duration in all.
function M.work_ms(counts)
  local total = counts.total_duration
  if not total then return nil end
  local parts = (counts.prompt_eval_duration or 0) + (counts.eval_duration or 0)
  if parts == 0 then parts = math.max(0, total - (counts.load_duration or 0)) end
  return math.floor(parts / 1e6)
end

-- OpenAI's and Anthropic's: the last "usage" object.
local function usage_object(text)
  local usage
  for object in gmatch(text, '"usage":%s*(%b{})') do usage = object end
  if not usage then return nil end
  return number(usage, '"prompt_tokens":%s*(%d+)') or number(usage, '"input_tokens":%s*(%d+)') or 0,
    number(usage, '"completion_tokens":%s*(%d+)') or number(usage, '"output_tokens":%s*(%d+)') or 0
end

local MARKS = { ollama = '"eval_count":', object = '"usage":' }

-- Whether a chunk of a stream seems to tell counts. One that is cut where it does is told by the end of the stream.
function M.told(kind, chunk) return kind ~= nil and find(chunk, MARKS[kind], 1, true) ~= nil end

-- Line breaks of a text.
function M.breaks(text)
  local count, at = 0, find(text, "\n", 1, true)
  while at do
    count = count + 1
    at = find(text, "\n", at + 1, true)
  end
  return count
end

-- Prompt and completion tokens, or nil when the reply carries none; and the milliseconds that the model worked, where it
-- tells them.
function M.counts(kind, tail)
  local text = concat(tail, "", tail.first, tail.last)
  if kind == "ollama" then return last_line(text) end
  if kind == "object" then return usage_object(text) end
  return nil
end

-- Takes the event out of a stream of server-sent events that carries nothing but the counts, which the client did not
-- ask for. Returns the text to pass on and the beginning of an event that is not complete yet.
function M.without_usage(held, chunk)
  local text = held .. chunk
  if not find(text, '"usage":{', 1, true) and sub(text, -2) == "\n\n" then return text, "" end
  local out, n, from = {}, 0, 1
  while true do
    local _, last = find(text, "\n\n", from, true)
    if not last then return concat(out), sub(text, from) end
    local event = sub(text, from, last)
    if not (find(event, '"choices":[]', 1, true) and find(event, '"usage":{', 1, true)) then
      n = n + 1
      out[n] = event
    end
    from = last + 1
  end
end

return M
