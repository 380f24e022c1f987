# Logger that sends what it kept, oldest first; big endian.
#
#     first      u32    time of the first entry, Unix seconds
#     interval   u16    seconds from entry to entry
#     entries    i16    each 0.1 °C
#
# The sensor measures from -40 to 125 °C; what is beyond was a bad contact.
import struct


def decodeUplink(input):
    frame = input["bytes"]
    if len(frame) < 8 or len(frame) % 2 != 0:
        return {"errors": ["%d bytes hold no entries." % len(frame)]}
    first, interval = struct.unpack(">IH", frame[0:6])
    entries = struct.unpack(">%dh" % ((len(frame) - 6) // 2), frame[6:])
    return {"data": [row(first + interval * index, raw / 10) for index, raw in enumerate(entries)]}


def row(time, temperature):
    quality = "good" if -40 <= temperature <= 125 else "bad"
    return {"time": time, "quality": quality, "values": {"temperature": temperature}}
