# Power meter that sends lines of text, as instruments with NMEA 0183 do:
#
#     $PWR,<voltage>,<current>,<state>*<checksum>
#
# The checksum is the exclusive or of all bytes between $ and *, two hexadecimal digits. A field without a value is empty.
def decodeUplink(input):
    line = input["bytes"].decode().strip()
    body, _, checksum = line[1:].partition("*")
    fields = body.split(",")
    if line[:1] != "$" or fields[0] != "PWR" or len(fields) != 4 or len(checksum) != 2:
        return {"errors": ["The frame is no PWR line."]}
    total = 0
    for character in body:
        total ^= ord(character)
    if total != int(checksum, 16):
        return {"errors": ["The checksum is %s, and the line has %x." % (checksum, total)]}
    data = {"state": fields[3]}
    for name, text in (("voltage", fields[1]), ("current", fields[2])):
        if text:
            data[name] = float(text)
    return {"data": data}
