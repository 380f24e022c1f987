-- Water meter, 9 bytes.
--
--     volume   u32, big endian      litres
--     flow     u16, little endian   0.1 l/h
--     uptime   u24, big endian      seconds
function decodeUplink(input)
  local bytes = input.bytes
  if #bytes ~= 9 then
    return { errors = { "A frame has 9 bytes, not " .. #bytes .. "." } }
  end
  local volume, flow, uptime = string.unpack(">I4 <I2 >I3", string.char(table.unpack(bytes)))
  return { data = { volume = volume, flow = flow / 10, uptime = uptime } }
end
