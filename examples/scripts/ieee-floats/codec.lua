-- Vibration sensor, 20 bytes of IEEE 754 numbers.
--
--     rms           f32, big endian
--     peak          f32, little endian
--     runtime       f64, big endian, hours
--     temperature   f32 in two words of 16 bits, the low word first, as many PLCs have it
--
-- A probe that is missing sends NaN: the platform stores null, with a warning.
function decodeUplink(input)
  local bytes = input.bytes
  if #bytes ~= 20 then
    return { errors = { "A frame has 20 bytes, not " .. #bytes .. "." } }
  end
  local rms, peak, runtime = string.unpack(">f <f >d", string.char(table.unpack(bytes, 1, 16)))
  local temperature = string.unpack(">f", string.char(bytes[19], bytes[20], bytes[17], bytes[18]))
  return { data = { rms = rms, peak = peak, runtime = runtime, temperature = temperature } }
end
