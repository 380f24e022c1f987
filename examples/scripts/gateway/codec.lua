-- Radio gateway of a building: what it heard since the last frame; big endian.
--
--     supply      u16    of the gateway itself, mV
--     entries     7 bytes each:
--       serial        u32    of the room sensor; its identification code is 8 hexadecimal digits
--       temperature   i16    0.1 °C
--       battery       u8     %; below 10 the sensor measures, and not well
--
-- The room sensors are devices of the platform with this code, and this gateway is their gatewayUid.
function decodeUplink(input)
  local bytes = input.bytes
  if #bytes < 2 or (#bytes - 2) % 7 ~= 0 then
    return { errors = { #bytes .. " bytes hold no entries." } }
  end
  local frame = string.char(table.unpack(bytes))
  local data = { { values = { supply = string.unpack(">I2", frame) / 1000 } } }
  for at = 3, #frame, 7 do
    local serial, temperature, battery = string.unpack(">I4 >i2 B", frame, at)
    data[#data + 1] = {
      identificationCode = string.format("%08X", serial),
      quality = battery < 10 and "uncertain" or "good",
      values = { temperature = temperature / 10, battery = battery },
    }
  end
  return { data = data }
end
