-- Energy meter behind a bridge that passes on what it reads: an answer of Modbus RTU to function 3, registers 0 to 9.
--
--     unit | 3 | count of bytes | registers, big endian | CRC-16, low byte first
--
-- Two registers are a number of 32 bits, the first is the high one. The current is measured behind a transformer, whose ratio is an
-- attribute of the device. The formats are those of string.unpack.
local registers = {
  { name = "voltage", at = 0, format = ">I2", scale = 0.1 },
  { name = "current", at = 1, format = ">I2", scale = 0.001, transformed = true },
  { name = "power", at = 2, format = ">i4", scale = 1, transformed = true },
  { name = "energy", at = 4, format = ">I4", scale = 0.01 },
  { name = "frequency", at = 6, format = ">f", scale = 1 },
  { name = "temperature", at = 8, format = ">i2", scale = 0.1 },
  { name = "alarms", at = 9, format = ">I2", scale = 1 },
}

-- 2301 * 0.1 is 230.10000000000002.
local function rounded(value)
  return math.floor(value * 1e6 + 0.5) / 1e6
end

-- Modbus over serial line, section 6.2.2.
local function crc16(bytes, last)
  local crc = 0xffff
  for index = 1, last do
    crc = crc ~ bytes[index]
    for _ = 1, 8 do
      crc = crc & 1 == 1 and crc >> 1 ~ 0xa001 or crc >> 1
    end
  end
  return crc
end

function decodeUplink(input)
  local bytes = input.bytes
  if #bytes > 2 and bytes[2] & 0x80 ~= 0 then
    return { errors = { "The meter refused with code " .. bytes[3] .. "." } }
  elseif #bytes ~= 25 or bytes[2] ~= 3 or bytes[3] ~= 20 then
    return { errors = { "The frame is no answer with 10 registers." } }
  elseif crc16(bytes, 23) ~= bytes[24] + bytes[25] * 256 then
    return { errors = { "The checksum is wrong." } }
  end
  local frame = string.char(table.unpack(bytes))
  local ratio = tonumber(input.variables.transformerRatio) or 1
  local data = {}
  for _, register in ipairs(registers) do
    local value = string.unpack(register.format, frame, 4 + register.at * 2) * register.scale
    data[register.name] = rounded(register.transformed and value * ratio or value)
  end
  return { data = data }
end
