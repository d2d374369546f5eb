-- Runs the guard's modules outside Envoy. Arguments: the modules' folder and what to do. Inputs come on stdin, each as
-- its length in decimal, a line break and the bytes; there is one line of output per input.
package.path = arg[1] .. "/?.lua"
local searched = 0
if arg[2] == "work" then
  -- Compiled code calls no hooks. The modules take their own reference to string.find when they are loaded.
  jit.off()
  local find = string.find
  string.find = function(text, pattern, from, plain)
    local first, last, a, b, c = find(text, pattern, from, plain)
    searched = searched + (last or #text) - (from or 1) + 1
    return first, last, a, b, c
  end
end
local json, names = require("json"), require("names")

local run = {}

function run.sha256(input) return require("sha256")(input) end

function run.name(input)
  local canonical, why = names.canonical(input)
  return canonical or "!" .. why
end

function run.json(input)
  local ok, fault = pcall(json.visit, input, nil, {})
  if ok then return "ok" end
  return type(fault) == "table" and fault.json and "fault" or "error " .. tostring(fault)
end

-- The input is the route's name, a line break and the body. The one model is llama3:8b.
local allowed = "registry.ollama.ai/library/llama3:8b"
local function granted(canonical) return canonical == allowed and canonical or nil end
local limits = { max_tokens = 4096, num_ctx = 4096, max_messages = 64, max_inputs = 64, max_images = 8, max_tools = 8 }
-- The gateway's defaults, but for a client that may have longer answers.
local ample = { max_tokens = 32000, max_messages = 4096, max_inputs = 2048, max_images = 32, max_tools = 512 }

function run.rewrite(input)
  local route, body = input:match("^([^\n]*)\n(.*)$")
  local state = require("rewrite")(require("routes").routes[route], body, granted, limits)
  -- A line break between tokens is white space: the body stays one line.
  if state.body then return "200 " .. state.body:gsub("[\r\n]", " ") end
  return state.refusal.status .. " " .. state.refusal.rule
end

-- The input is the kind of reply, a line break and the reply, which is appended in pieces of 100 bytes.
function run.usage(input)
  local usage = require("usage")
  local kind, reply = input:match("^([^\n]*)\n(.*)$")
  local tail = usage.tail()
  for at = 1, #reply, 100 do usage.append(tail, reply:sub(at, at + 99)) end
  local prompt, completion, work_ms = usage.counts(kind, tail)
  return tostring(prompt) .. " " .. tostring(completion) .. " " .. tostring(work_ms)
end

-- The input is a number of bytes and a stream; it passes in pieces of that many bytes. Line breaks are shown as |.
function run.strip(input)
  local size, stream = input:match("^(%d+)\n(.*)$")
  local out, held, passed = {}, "", nil
  for at = 1, #stream, tonumber(size) do
    passed, held = require("usage").without_usage(held, stream:sub(at, at + size - 1))
    out[#out + 1] = passed
  end
  return (table.concat(out) .. held):gsub("\n", "|")
end

function run.routes()
  local lines = {}
  for name in pairs(require("routes").routes) do lines[#lines + 1] = name end
  table.sort(lines)
  return table.concat(lines, " ")
end

-- The input is a list of steps on a client, of whom two requests may be at a time: take MS, enter ID, leave ID, drop ID; and
-- on a client with bodies, of which there is room for 100 bytes: hold ID BYTES, resize ID BYTES, other ID BYTES.
function run.limits(input)
  local limits, handles, requests, out = require("limits"), {}, {}, {}
  local function enter(client, most, id, size)
    handles[id], requests[id] = newproxy(true), { client = client }
    out[#out + 1] = limits.enter(requests[id], most, size, 100, handles[id]) or "in"
  end
  for step, first, second in input:gmatch("(%a+) (%d+) ?(%d*)") do
    local a, b = tonumber(first), tonumber(second)
    if step == "take" then out[#out + 1] = tostring(limits.take_request("c", 60, a))
    elseif step == "enter" then enter("c", 2, a, 0)
    elseif step == "hold" then enter("h", nil, a, b)
    elseif step == "other" then enter("o" .. a, nil, a, b)
    elseif step == "resize" then limits.resize(requests[a], b)
    elseif step == "leave" then limits.leave(requests[a])
    elseif step == "drop" then handles[a] = nil end
  end
  return table.concat(out, " ")
end

-- Budgets as a policy declares them, `name=number` each; those after a bar are the tenant's.
local function declared(text)
  local function read(part)
    local found = {}
    for name, most in part:gmatch("(%a+)=(%d+)") do found[name] = tonumber(most) end
    return found
  end
  local own, of_all = text:match("^([^|]*)|?(.*)$")
  return read(own), read(of_all)
end

-- The input is a line of a client's budgets and a line of steps: use WHAT AMOUNT DAY, used DAY (of each budget), up DAY (the
-- refusal), full DAY (the budget of which most is used, and the percentage), untold DAY (hits of each budget).
function run.budgets(input)
  local budgets, out = require("budgets"), {}
  local first, steps = input:match("^([^\n]*)\n(.*)$")
  local list = budgets.list("c" .. #first .. steps, declared(first))
  if not list then return "none" end
  for step, words in steps:gmatch("(%a+) ([^,]*)") do
    local what, amount = words:match("^(%a+) (-?%d+)")
    local now = tonumber(words:match("([%d.]+)$")) * 86400
    if step == "use" then budgets.use(list, what, tonumber(amount), now)
    elseif step == "up" then
      local budget = budgets.used_up(list, now)
      out[#out + 1] = budget and budgets.refusal(budget, now) or "no"
    elseif step == "full" then
      local budget, percent = budgets.fullest(list, now)
      out[#out + 1] = budget.name .. "=" .. percent
    else
      for _, budget in ipairs(list) do
        out[#out + 1] = tostring(step == "used" and budgets.used(budget, now) or budgets.take_untold(budget, 1, now))
      end
    end
  end
  return table.concat(out, " ")
end

-- The input is a line of a client's budgets, a line of what is charged (WHAT AMOUNT, ...), and a line of how many hits the
-- service says are left of each budget (`over` for none). Returns the question, and what is known of each budget afterwards.
function run.shared(input)
  require("settings").shared = { when_away = "refuse", grace_s = 0 }
  local budgets, shared = require("budgets"), require("shared")
  local first, charged, answers = input:match("^([^\n]*)\n([^\n]*)\n(.*)$")
  local now = 86400
  local client = { name = "c" .. first:gsub("%W", ""), budgets = budgets.list("c" .. first:gsub("%W", ""), declared(first)) }
  for what, amount in charged:gmatch("(%a+) (%d+)") do budgets.use(client.budgets, what, tonumber(amount), now) end
  local asked
  local h = { httpCall = function(_, _, _, body)
    asked = body
    local statuses = {}
    for left in answers:gmatch("%w+") do
      statuses[#statuses + 1] = left == "over" and '{"code":"OVER_LIMIT"}' or '{"code":"OK","limitRemaining":' .. left .. "}"
    end
    return { [":status"] = "200" }, '{"statuses":[' .. table.concat(statuses, ",") .. "]}"
  end }
  local rule = shared.decide(h, client, now)
  local out = { asked, tostring(rule) }
  for _, budget in ipairs(client.budgets) do out[#out + 1] = tostring(budgets.used(budget, now)) end
  return table.concat(out, " ")
end

-- The input is a stream. Returns its line breaks.
function run.breaks(input) return tostring(require("usage").breaks(input)) end

-- The input is the name of a route and a body. Returns the kinds of tools that are not passed on, and the body.
function run.dropped(input)
  local route, body = input:match("^([^\n]*)\n(.*)$")
  local state = require("rewrite")(require("routes").routes[route], body, granted, ample)
  return table.concat(state.dropped or {}, ",") .. " " .. (state.body or state.refusal.rule)
end

-- The input is a route and a body. Returns the message of the refusal.
function run.refusal(input)
  local route, body = input:match("^([^\n]*)\n(.*)$")
  local state = require("rewrite")(require("routes").routes[route], body, granted, ample)
  return state.refusal and state.refusal.message or "passes"
end

-- The input is a list of steps on the policy of version `v`: file TEXT, gone, look SECONDS. A look tells whether it holds.
function run.policy(input)
  local policy, out = require("policy"), {}
  local file = require("settings").policy_file
  for step, text in input:gmatch("(%a+) ?([^;]*);") do
    if step == "file" then
      local handle = assert(io.open(file, "wb"))
      handle:write(text)
      handle:close()
    elseif step == "gone" then os.remove(file)
    else out[#out + 1] = tostring(policy.holds({ version = "version-1", unreadable_s = 60 }, tonumber(text))) end
  end
  return table.concat(out, " ")
end

-- Work that a body takes: steps of the interpreter and bytes that pattern searches pass over. Unlike time, it is the
-- same in each run.
function run.work(input)
  local work = 0
  debug.sethook(function() work = work + 100 end, "", 100)
  run.rewrite(input)
  debug.sethook()
  return tostring(work + searched)
end

local f = run[arg[2]]
while true do
  local length = io.read("*l")
  if not length then break end
  io.write((f(io.read(tonumber(length)) or "")), "\n")
end
