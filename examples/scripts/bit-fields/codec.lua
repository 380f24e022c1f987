-- Valve with two probes, 4 bytes; up and down on the ports 1 and 2.
--
--     status   1 byte    bit 0 open, bit 1 leak, bits 2 and 3 mode, bits 4 to 7 battery in steps of 0.1 V from 2.0 V
--     probes   3 bytes   two numbers of 12 bits, big endian: pressure in hPa, level in mm
--
-- Down, 2 bytes: bit 0 open, bits 2 and 3 mode, bits 4 to 15 of both bytes the level in mm to keep.
local modes = { [0] = "off", "manual", "schedule", "keep level" }

function decodeUplink(input)
  local bytes = input.bytes
  if #bytes ~= 4 then
    return { errors = { "A frame has 4 bytes, not " .. #bytes .. "." } }
  end
  local status, high, middle, low = table.unpack(bytes)
  return {
    data = {
      valve = { open = status & 0x01 ~= 0, leak = status & 0x02 ~= 0, mode = modes[status >> 2 & 0x03] },
      battery = (20 + (status >> 4)) / 10,
      pressure = high << 4 | middle >> 4,
      level = (middle & 0x0f) << 8 | low,
    },
  }
end

function encodeDownlink(input)
  local data = input.data
  local level = data.level or 0
  for number, mode in pairs(modes) do
    if mode == data.mode then
      if level < 0 or level > 0xfff then
        return { errors = { "level is not between 0 and 4095 mm." } }
      end
      local word = level << 4 | number << 2 | (data.open and 1 or 0)
      return { fPort = 2, bytes = { word >> 8, word & 0xff } }
    end
  end
  return { errors = { "mode is none of " .. modes[0] .. ", " .. table.concat(modes, ", ") .. "." } }
end
