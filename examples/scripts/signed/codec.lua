-- Cold store sensor, 7 bytes.
--
--     air        i16, big endian       0.1 °C
--     surface    i8                    0.5 °C
--     pressure   i24, little endian    Pa, against the room
--     drift      sign and magnitude    the highest bit is the sign, 0.01 °C
function decodeUplink(input)
  local bytes = input.bytes
  if #bytes ~= 7 then
    return { errors = { "A frame has 7 bytes, not " .. #bytes .. "." } }
  end
  -- i is two's complement, of any number of bytes up to 8.
  local air, surface, pressure, drift = string.unpack(">i2 i1 <i3 B", string.char(table.unpack(bytes)))
  local magnitude = (drift & 0x7f) / 100
  return {
    data = {
      air = air / 10,
      surface = surface / 2,
      pressure = pressure,
      drift = drift & 0x80 ~= 0 and -magnitude or magnitude,
    },
  }
end
