-- Logger that sends what it kept, oldest first; big endian.
--
--     first      u32    time of the first entry, Unix seconds
--     interval   u16    seconds from entry to entry
--     entries    i16    each 0.1 °C
--
-- The sensor measures from -40 to 125 °C; what is beyond was a bad contact.
function decodeUplink(input)
  local bytes = input.bytes
  if #bytes < 8 or #bytes % 2 ~= 0 then
    return { errors = { #bytes .. " bytes hold no entries." } }
  end
  local frame = string.char(table.unpack(bytes))
  local time, interval, at = string.unpack(">I4 I2", frame)
  local data = {}
  while at <= #frame do
    local raw
    raw, at = string.unpack(">i2", frame, at)
    local temperature = raw / 10
    local quality = temperature >= -40 and temperature <= 125 and "good" or "bad"
    data[#data + 1] = { time = time, quality = quality, values = { temperature = temperature } }
    time = time + interval
  end
  return { data = data }
end
