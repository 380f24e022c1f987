# Heat meter, 11 bytes of binary coded decimals: each half of a byte is a digit.
#
#     clock    6 bytes    year, month, day, hour, minute, second, UTC
#     serial   3 bytes    six digits, the first is the highest
#     energy   2 bytes    kWh, the last byte is the highest, as M-Bus has it
def decodeUplink(input):
    frame = input["bytes"]
    if len(frame) != 11:
        return {"errors": ["A frame has 11 bytes, not %d." % len(frame)]}
    if any(byte >> 4 > 9 or byte & 0x0F > 9 for byte in frame):
        return {"errors": ["A digit is no decimal one."]}
    return {
        # The platform checks that there is such a time.
        "time": "20%s-%s-%sT%s:%s:%sZ" % tuple(digits(byte) for byte in frame[0:6]),
        "data": {
            "serial": "".join(digits(byte) for byte in frame[6:9]),
            "energy": int(digits(frame[10]) + digits(frame[9])),
        },
    }


# 0x42 is "42": the digits of a decimal byte are those of its hexadecimal form.
def digits(byte):
    return "%02x" % byte
