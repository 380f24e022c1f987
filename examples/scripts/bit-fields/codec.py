# Valve with two probes, 4 bytes; up and down on the ports 1 and 2.
#
#     status   1 byte    bit 0 open, bit 1 leak, bits 2 and 3 mode, bits 4 to 7 battery in steps of 0.1 V from 2.0 V
#     probes   3 bytes   two numbers of 12 bits, big endian: pressure in hPa, level in mm
#
# Down, 2 bytes: bit 0 open, bits 2 and 3 mode, bits 4 to 15 of both bytes the level in mm to keep.
modes = ["off", "manual", "schedule", "keep level"]


def decodeUplink(input):
    frame = input["bytes"]
    if len(frame) != 4:
        return {"errors": ["A frame has 4 bytes, not %d." % len(frame)]}
    status, high, middle, low = frame
    return {
        "data": {
            "valve": {
                "open": status & 0x01 != 0,
                "leak": status & 0x02 != 0,
                "mode": modes[status >> 2 & 0x03],
            },
            "battery": (20 + (status >> 4)) / 10,
            "pressure": high << 4 | middle >> 4,
            "level": (middle & 0x0F) << 8 | low,
        }
    }


def encodeDownlink(input):
    data = input["data"]
    level = data.get("level", 0)
    if data.get("mode") not in modes:
        return {"errors": ["mode is none of " + ", ".join(modes) + "."]}
    if not 0 <= level <= 0xFFF:
        return {"errors": ["level is not between 0 and 4095 mm."]}
    word = level << 4 | modes.index(data["mode"]) << 2 | (1 if data.get("open") else 0)
    return {"fPort": 2, "bytes": [word >> 8, word & 0xFF]}
