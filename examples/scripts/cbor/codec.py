# Any device that sends one CBOR map (RFC 8949): the values keep their names and nesting. Lengths that are not known at the start
# ("indefinite") are refused; bytes become hexadecimal text, and tags are left out.
import binascii
import struct


def decodeUplink(input):
    reader = Reader(input["bytes"])
    data = reader.item()
    if reader.at != len(reader.frame):
        return {"errors": ["Something follows the map."]}
    return {"data": data}


lengths = {24: 1, 25: 2, 26: 4, 27: 8}
constants = {20: False, 21: True, 22: None, 23: None}


class Reader:
    def __init__(self, frame):
        self.frame = frame
        self.at = 0

    def item(self):
        head = self.take(1)[0]
        kind = head >> 5
        if kind == 7:
            return self.simple(head & 0x1F)
        number = self.argument(head & 0x1F)
        if kind == 0:
            return number
        if kind == 1:
            return -1 - number
        if kind == 2:
            return binascii.hexlify(self.take(number)).decode()
        if kind == 3:
            return self.take(number).decode()
        if kind == 4:
            return [self.item() for _ in range(counted(number))]
        if kind == 5:
            members = {}
            for _ in range(counted(number)):
                name = self.item()
                members[str(name)] = self.item()
            return members
        return self.item()

    def argument(self, short):
        if short < 24:
            return short
        if short not in lengths:
            raise ValueError("The frame has a length of kind %d." % short)
        return int.from_bytes(self.take(lengths[short]), "big")

    def simple(self, short):
        if short in constants:
            return constants[short]
        if short == 25:
            return struct.unpack(">e", self.take(2))[0]
        if short == 26:
            return struct.unpack(">f", self.take(4))[0]
        if short == 27:
            return struct.unpack(">d", self.take(8))[0]
        raise ValueError("The frame has a simple value of kind %d." % short)

    # A slice beyond the end is short, not an error: a frame that was cut is one here.
    def take(self, count):
        taken = self.frame[self.at : self.at + count]
        if len(taken) < count:
            raise ValueError("The frame ends too early.")
        self.at += count
        return taken


# A damaged length must not become a giant list.
def counted(length):
    if length > 1000:
        raise ValueError("The frame has %d elements." % length)
    return length
