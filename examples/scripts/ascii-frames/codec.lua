-- Power meter that sends lines of text, as instruments with NMEA 0183 do:
--
--     $PWR,<voltage>,<current>,<state>*<checksum>
--
-- The checksum is the exclusive or of all bytes between $ and *, two hexadecimal digits. A field without a value is empty.
function decodeUplink(input)
  local line = string.char(table.unpack(input.bytes))
  local body, checksum = line:match("^%$(PWR,[^*]*)%*(%x%x)%s*$")
  local voltage, current, state = (body or ""):match("^PWR,([^,]*),([^,]*),([^,]*)$")
  if not voltage then
    return { errors = { "The frame is no PWR line." } }
  end
  local sum = 0
  for index = 1, #body do
    sum = sum ~ body:byte(index)
  end
  if sum ~= tonumber(checksum, 16) then
    return { errors = { string.format("The checksum is %s, and the line has %x.", checksum, sum) } }
  end
  -- tonumber("") is nil, and a member that is nil is not there.
  return { data = { voltage = tonumber(voltage), current = tonumber(current), state = state } }
end
