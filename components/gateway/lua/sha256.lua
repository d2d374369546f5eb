-- SHA-256 (FIPS 180-4) of a string, as lower-case hexadecimal digits. Envoy's Lua brings no hash function.
local bit, ffi = require("bit"), require("ffi")
local band, bor, bxor, bnot = bit.band, bit.bor, bit.bxor, bit.bnot
local lshift, rshift, ror, tobit, tohex = bit.lshift, bit.rshift, bit.ror, bit.tobit, bit.tohex
local byte, char, rep = string.byte, string.char, string.rep

-- The first 32 bits of the fractional part of a root of a prime. Doubles hold 53 bits, enough for both roots.
local function fraction(root) return tobit(math.floor((root % 1) * 4294967296)) end

local round_constant, initial = ffi.new("int32_t[64]"), {}
local found, candidate = 0, 2
while found < 64 do
  local prime = true
  for divisor = 2, math.floor(math.sqrt(candidate)) do
    if candidate % divisor == 0 then prime = false break end
  end
  if prime then
    round_constant[found] = fraction(candidate ^ (1 / 3))
    if found < 8 then initial[found + 1] = fraction(math.sqrt(candidate)) end
    found = found + 1
  end
  candidate = candidate + 1
end

local schedule = ffi.new("int32_t[64]")

local function padded(message)
  local length = #message
  local zeros = (55 - length) % 64
  return message .. "\128" .. rep("\0", zeros + 4)
    .. char(band(rshift(length, 21), 255), band(rshift(length, 13), 255), band(rshift(length, 5), 255), band(length * 8, 255))
end

return function(message)
  local text, w, k = padded(message), schedule, round_constant
  local h0, h1, h2, h3 = initial[1], initial[2], initial[3], initial[4]
  local h4, h5, h6, h7 = initial[5], initial[6], initial[7], initial[8]
  for block = 1, #text, 64 do
    for i = 0, 15 do
      local b0, b1, b2, b3 = byte(text, block + i * 4, block + i * 4 + 3)
      w[i] = bor(lshift(b0, 24), lshift(b1, 16), lshift(b2, 8), b3)
    end
    for i = 16, 63 do
      local x, y = w[i - 15], w[i - 2]
      local s0 = bxor(ror(x, 7), ror(x, 18), rshift(x, 3))
      local s1 = bxor(ror(y, 17), ror(y, 19), rshift(y, 10))
      w[i] = tobit(w[i - 16] + s0 + w[i - 7] + s1)
    end
    local a, b, c, d, e, f, g, h = h0, h1, h2, h3, h4, h5, h6, h7
    for i = 0, 63 do
      local choice = bxor(band(e, f), band(bnot(e), g))
      local t1 = tobit(h + bxor(ror(e, 6), ror(e, 11), ror(e, 25)) + choice + k[i] + w[i])
      local majority = bxor(band(a, b), band(a, c), band(b, c))
      local t2 = tobit(bxor(ror(a, 2), ror(a, 13), ror(a, 22)) + majority)
      h, g, f, e, d, c, b, a = g, f, e, tobit(d + t1), c, b, a, tobit(t1 + t2)
    end
    h0, h1, h2, h3 = tobit(h0 + a), tobit(h1 + b), tobit(h2 + c), tobit(h3 + d)
    h4, h5, h6, h7 = tobit(h4 + e), tobit(h5 + f), tobit(h6 + g), tobit(h7 + h)
  end
  return tohex(h0) .. tohex(h1) .. tohex(h2) .. tohex(h3) .. tohex(h4) .. tohex(h5) .. tohex(h6) .. tohex(h7)
end
