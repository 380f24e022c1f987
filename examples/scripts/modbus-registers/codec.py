# Energy meter behind a bridge that passes on what it reads: an answer of Modbus RTU to function 3, registers 0 to 9.
#
#     unit | 3 | count of bytes | registers, big endian | CRC-16, low byte first
#
# Two registers are a number of 32 bits, the first is the high one. The current is measured behind a transformer, whose ratio is an
# attribute of the device. The formats are those of struct.
import struct

registers = [
    # name, register, format, scale, behind the transformer
    ("voltage", 0, ">H", 0.1, False),
    ("current", 1, ">H", 0.001, True),
    ("power", 2, ">i", 1, True),
    ("energy", 4, ">I", 0.01, False),
    ("frequency", 6, ">f", 1, False),
    ("temperature", 8, ">h", 0.1, False),
    ("alarms", 9, ">H", 1, False),
]


def decodeUplink(input):
    frame = input["bytes"]
    if len(frame) > 2 and frame[1] & 0x80:
        return {"errors": ["The meter refused with code %d." % frame[2]]}
    if len(frame) != 25 or frame[1] != 3 or frame[2] != 20:
        return {"errors": ["The frame is no answer with 10 registers."]}
    if crc16(frame[:23]) != int.from_bytes(frame[23:], "little"):
        return {"errors": ["The checksum is wrong."]}
    ratio = float(input["variables"].get("transformerRatio", 1))
    data = {}
    for name, at, form, scale, transformed in registers:
        value = struct.unpack_from(form, frame, 3 + at * 2)[0] * scale
        # 2301 * 0.1 is 230.10000000000002.
        data[name] = round(value * ratio if transformed else value, 6)
    return {"data": data}


# Modbus over serial line, section 6.2.2.
def crc16(frame):
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc
