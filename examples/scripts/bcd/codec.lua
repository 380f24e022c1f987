-- Heat meter, 11 bytes of binary coded decimals: each half of a byte is a digit.
--
--     clock    6 bytes    year, month, day, hour, minute, second, UTC
--     serial   3 bytes    six digits, the first is the highest
--     energy   2 bytes    kWh, the last byte is the highest, as M-Bus has it
function decodeUplink(input)
  local bytes = input.bytes
  if #bytes ~= 11 then
    return { errors = { "A frame has 11 bytes, not " .. #bytes .. "." } }
  end
  for _, byte in ipairs(bytes) do
    if byte >> 4 > 9 or byte & 0x0f > 9 then
      return { errors = { "A digit is no decimal one." } }
    end
  end
  -- The digits of a decimal byte are those of its hexadecimal form: 0x42 is "42".
  return {
    -- The platform checks that there is such a time.
    time = string.format("20%02x-%02x-%02xT%02x:%02x:%02xZ", table.unpack(bytes, 1, 6)),
    data = {
      serial = string.format("%02x%02x%02x", table.unpack(bytes, 7, 9)),
      energy = tonumber(string.format("%02x%02x", bytes[11], bytes[10])),
    },
  }
end
