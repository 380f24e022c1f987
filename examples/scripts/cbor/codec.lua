-- Any device that sends one CBOR map (RFC 8949): the values keep their names and nesting. Lengths that are not known at the start
-- ("indefinite") are refused; bytes become hexadecimal text, and tags are left out.
local item

function decodeUplink(input)
  local reader = { frame = string.char(table.unpack(input.bytes)), at = 1 }
  local data = item(reader)
  if reader.at ~= #reader.frame + 1 then
    return { errors = { "Something follows the map." } }
  end
  return { data = data }
end

-- Beyond the end of the frame string.unpack throws: a frame that was cut is a dead letter.
local function take(reader, format)
  local value
  value, reader.at = string.unpack(format, reader.frame, reader.at)
  return value
end

local lengths = { [24] = ">I1", [25] = ">I2", [26] = ">I4", [27] = ">I8" }

local function argument(reader, short)
  if short < 24 then
    return short
  end
  return take(reader, lengths[short] or error("The frame has a length of kind " .. short .. ".", 0))
end

-- IEEE 754 with 16 bits: 1 sign, 5 exponent, 10 fraction.
local function half(word)
  local sign = word & 0x8000 ~= 0 and -1 or 1
  local exponent, fraction = word >> 10 & 0x1f, word & 0x3ff
  if exponent == 31 then
    return fraction == 0 and sign * math.huge or 0 / 0
  end
  return sign * (exponent == 0 and fraction * 2.0 ^ -24 or (1024 + fraction) * 2.0 ^ (exponent - 25))
end

-- Lua has no null; the platform stores NaN as null, with a warning.
local missing = 0 / 0
local constants = { [20] = false, [21] = true, [22] = missing, [23] = missing }

local function simple(reader, short)
  if constants[short] ~= nil then
    return constants[short]
  elseif short == 25 then
    return half(take(reader, ">I2"))
  elseif short == 26 then
    return take(reader, ">f")
  elseif short == 27 then
    return take(reader, ">d")
  end
  error("The frame has a simple value of kind " .. short .. ".", 0)
end

-- A damaged length must not become a giant table.
local function counted(length)
  return length <= 1000 and length or error("The frame has " .. length .. " elements.", 0)
end

local function hex(text)
  return (text:gsub(".", function(byte)
    return string.format("%02x", byte:byte())
  end))
end

function item(reader)
  local head = take(reader, "B")
  local kind = head >> 5
  if kind == 7 then
    return simple(reader, head & 0x1f)
  end
  local number = argument(reader, head & 0x1f)
  if kind == 0 then
    return number
  elseif kind == 1 then
    return -1 - number
  elseif kind == 2 then
    return hex(take(reader, "c" .. counted(number)))
  elseif kind == 3 then
    return take(reader, "c" .. counted(number))
  elseif kind == 6 then
    return item(reader)
  end
  local members = {}
  for index = 1, counted(number) do
    -- A name that is a number would make an array.
    local key = kind == 5 and tostring(item(reader)) or index
    members[key] = item(reader)
  end
  return members
end
