# Vibration sensor, 20 bytes of IEEE 754 numbers.
#
#     rms           f32, big endian
#     peak          f32, little endian
#     runtime       f64, big endian, hours
#     temperature   f32 in two words of 16 bits, the low word first, as many PLCs have it
#
# A probe that is missing sends NaN: the platform stores null, with a warning.
import struct


def decodeUplink(input):
    frame = input["bytes"]
    if len(frame) != 20:
        return {"errors": ["A frame has 20 bytes, not %d." % len(frame)]}
    return {
        "data": {
            "rms": struct.unpack(">f", frame[0:4])[0],
            "peak": struct.unpack("<f", frame[4:8])[0],
            "runtime": struct.unpack(">d", frame[8:16])[0],
            "temperature": struct.unpack(">f", frame[18:20] + frame[16:18])[0],
        }
    }
