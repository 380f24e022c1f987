# Cold store sensor, 7 bytes.
#
#     air        i16, big endian       0.1 °C
#     surface    i8                    0.5 °C
#     pressure   i24, little endian    Pa, against the room
#     drift      sign and magnitude    the highest bit is the sign, 0.01 °C
import struct


def decodeUplink(input):
    frame = input["bytes"]
    if len(frame) != 7:
        return {"errors": ["A frame has 7 bytes, not %d." % len(frame)]}
    air, surface = struct.unpack(">hb", frame[0:3])
    magnitude = (frame[6] & 0x7F) / 100
    return {
        "data": {
            "air": air / 10,
            "surface": surface / 2,
            "pressure": signed(int.from_bytes(frame[3:6], "little"), 24),
            "drift": -magnitude if frame[6] & 0x80 else magnitude,
        }
    }


# Two's complement: from half of the range on a number is negative. struct has no number of three bytes.
def signed(value, bits):
    return value if value < 1 << (bits - 1) else value - (1 << bits)
