/** Numbers of a Buffer: reads and writes of every kind, as in Node. https://nodejs.org/api/buffer.html */
(() => {
  'use strict';
  return (Buffer) => {
    /** Node knows each `UInt` as `Uint` too. */
    function add(name, value) {
      for (const known of new Set([name, name.replace('UInt', 'Uint')]))
        Object.defineProperty(Buffer.prototype, known, { value, writable: true, configurable: true });
    }

    function outOfRange(name, range, received) {
      const error = new RangeError(`The value of "${name}" is out of range. It must be ${range}. Received ${received}`);
      error.code = 'ERR_OUT_OF_RANGE';
      return error;
    }

    /** A view of exactly these bytes. */
    function viewOf(buffer, offset, bytes) {
      if (typeof offset !== 'number') throw new TypeError('The "offset" argument must be of type number.');
      if (!Number.isInteger(offset)) throw outOfRange('offset', 'an integer', offset);
      const last = buffer.length - bytes;
      if (last < 0) throw new RangeError('Attempt to access memory outside buffer bounds');
      if (offset < 0 || offset > last) throw outOfRange('offset', `>= 0 and <= ${last}`, offset);
      return new DataView(buffer.buffer, buffer.byteOffset + offset, bytes);
    }

    /** Big integers for 8 bytes. */
    function rangeOf(bytes, signed) {
      const power = bytes === 8 ? (bits) => 2n ** BigInt(bits) : (bits) => 2 ** bits;
      const one = power(0);
      return signed ? [-power(bytes * 8 - 1), power(bytes * 8 - 1) - one] : [one - one, power(bytes * 8) - one];
    }

    function checked(value, [least, most]) {
      if (value < least || value > most) throw outOfRange('value', `>= ${least} and <= ${most}`, value);
      return value;
    }

    /** What DataView knows, as `readInt16LE(offset)`, and `readInt8` without an end. */
    function addNumber(name, bytes, range) {
      const viewName = { Float: 'Float32', Double: 'Float64' }[name] ?? name.replace('UInt', 'Uint');
      for (const end of bytes === 1 ? [''] : ['LE', 'BE']) {
        add(`read${name}${end}`, function (offset = 0) {
          return viewOf(this, offset, bytes)[`get${viewName}`](0, end === 'LE');
        });
        add(`write${name}${end}`, function (value, offset = 0) {
          const view = viewOf(this, offset, bytes);
          view[`set${viewName}`](0, range ? checked(value, range) : value, end === 'LE');
          return offset + bytes;
        });
      }
    }

    function checkedBytes(bytes) {
      if (Number.isInteger(bytes) && bytes >= 1 && bytes <= 6) return bytes;
      throw outOfRange('byteLength', '>= 1 and <= 6', bytes);
    }

    /** Integers of 1 to 6 bytes, as `readUIntBE(offset, bytes)`. */
    function addInteger(name, signed, end) {
      const powerOf = (at, bytes) => 256 ** (end === 'LE' ? at : bytes - 1 - at);
      add(`read${name}${end}`, function (offset, bytes) {
        const view = viewOf(this, offset, checkedBytes(bytes));
        let value = 0;
        for (let at = 0; at < bytes; at += 1) value += view.getUint8(at) * powerOf(at, bytes);
        return signed && value >= 256 ** bytes / 2 ? value - 256 ** bytes : value;
      });
      add(`write${name}${end}`, function (value, offset, bytes) {
        const whole = Math.trunc(checked(value, rangeOf(checkedBytes(bytes), signed)));
        const view = viewOf(this, offset, bytes);
        for (let at = 0; at < bytes; at += 1) view.setUint8(at, Math.floor(whole / powerOf(at, bytes)));
        return offset + bytes;
      });
    }

    for (const bytes of [1, 2, 4]) {
      addNumber(`Int${bytes * 8}`, bytes, rangeOf(bytes, true));
      addNumber(`UInt${bytes * 8}`, bytes, rangeOf(bytes, false));
    }
    addNumber('BigInt64', 8, rangeOf(8, true));
    addNumber('BigUInt64', 8, rangeOf(8, false));
    addNumber('Float', 4);
    addNumber('Double', 8);
    for (const end of ['LE', 'BE']) {
      addInteger('Int', true, end);
      addInteger('UInt', false, end);
    }
  };
})();
