# Radio gateway of a building: what it heard since the last frame; big endian.
#
#     supply      u16    of the gateway itself, mV
#     entries     7 bytes each:
#       serial        u32    of the room sensor; its identification code is 8 hexadecimal digits
#       temperature   i16    0.1 °C
#       battery       u8     %; below 10 the sensor measures, and not well
#
# The room sensors are devices of the platform with this code, and this gateway is their gatewayUid.
import struct


def decodeUplink(input):
    frame = input["bytes"]
    if len(frame) < 2 or (len(frame) - 2) % 7 != 0:
        return {"errors": ["%d bytes hold no entries." % len(frame)]}
    data = [{"values": {"supply": int.from_bytes(frame[0:2], "big") / 1000}}]
    for at in range(2, len(frame), 7):
        serial, temperature, battery = struct.unpack(">IhB", frame[at : at + 7])
        data.append(
            {
                "identificationCode": "%08X" % serial,
                "quality": "uncertain" if battery < 10 else "good",
                "values": {"temperature": temperature / 10, "battery": battery},
            }
        )
    return {"data": data}
