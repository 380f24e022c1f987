# Water meter, 9 bytes.
#
#     volume   u32, big endian      litres
#     flow     u16, little endian   0.1 l/h
#     uptime   u24, big endian      seconds
def decodeUplink(input):
    frame = input["bytes"]
    if len(frame) != 9:
        return {"errors": ["A frame has 9 bytes, not %d." % len(frame)]}
    return {
        "data": {
            "volume": int.from_bytes(frame[0:4], "big"),
            "flow": int.from_bytes(frame[4:6], "little") / 10,
            "uptime": int.from_bytes(frame[6:9], "big"),
        }
    }
