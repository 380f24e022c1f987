/**
 * The part of Node's Buffer that codecs use: made from and turned into text.
 * Made when a script first asks for it. https://nodejs.org/api/buffer.html
 */
(() => {
  'use strict';
  return (text) => {
    const { fromBase64, fromUtf16, fromUtf8, stringOf, toBase64, toUtf8 } = text;
    const utf16Bytes = (text) =>
      Array.from({ length: text.length * 2 }, (_none, at) => (text.charCodeAt(at >> 1) >> ((at & 1) * 8)) & 0xff);
    const latin1Bytes = (text) => Array.from({ length: text.length }, (_none, at) => text.charCodeAt(at) & 0xff);
    const base64Digits = (text) =>
      /^[^=]*/
        .exec(text)[0]
        .replace(/-/g, '+')
        .replace(/_/g, '/')
        .replace(/[^A-Za-z0-9+/]/g, '');

    /** Of text that is no hex from some pair on: the bytes before it. */
    function hexBytes(text) {
      const bytes = [];
      for (let at = 0; at + 1 < text.length && /^[0-9A-Fa-f]{2}$/.test(text.slice(at, at + 2)); at += 2)
        bytes.push(parseInt(text.slice(at, at + 2), 16));
      return bytes;
    }

    const utf8 = { bytes: toUtf8, text: fromUtf8 };
    const utf16 = { bytes: utf16Bytes, text: fromUtf16 };
    const latin1 = { bytes: latin1Bytes, text: (bytes) => stringOf(Array.from(bytes)) };
    const base64Bytes = (text) => fromBase64(base64Digits(text));
    const encodings = {
      __proto__: null,
      utf8,
      'utf-8': utf8,
      utf16le: utf16,
      'utf-16le': utf16,
      ucs2: utf16,
      'ucs-2': utf16,
      latin1,
      binary: latin1,
      ascii: { bytes: latin1Bytes, text: (bytes) => stringOf(Array.from(bytes, (byte) => byte & 0x7f)) },
      hex: {
        bytes: hexBytes,
        text: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
      },
      base64: { bytes: base64Bytes, text: toBase64 },
      base64url: {
        bytes: base64Bytes,
        text: (bytes) => toBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, ''),
      },
    };

    function encodingOf(name) {
      const encoding = encodings[String(name ?? 'utf8').toLowerCase()];
      if (!encoding) throw new TypeError(`Unknown encoding: ${name}`);
      return encoding;
    }

    const made = (...parts) => Reflect.construct(Uint8Array, parts, Buffer);

    /** As `new Buffer` was until it was deprecated: a number is a length. */
    function Buffer(value, encodingOrOffset, length) {
      return typeof value === 'number' ? made(value) : Buffer.from(value, encodingOrOffset, length);
    }
    Object.setPrototypeOf(Buffer, Uint8Array);
    Buffer.prototype = Object.create(Uint8Array.prototype, {
      constructor: { value: Buffer, writable: true, configurable: true },
    });

    function from(value, encodingOrOffset, length) {
      if (typeof value === 'string') return made(encodingOf(encodingOrOffset).bytes(value));
      if (value instanceof ArrayBuffer) return made(value, encodingOrOffset, length);
      if (value?.type === 'Buffer' && Array.isArray(value.data)) return made(value.data);
      if (typeof value === 'object' && value !== null)
        return made(Array.from({ length: Number(value.length) || 0 }, (_none, at) => value[at] & 0xff));
      throw new TypeError(
        'The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object.',
      );
    }

    const checkedLength = (value) => {
      if (typeof value === 'number' && value >= 0) return value;
      throw new RangeError(`The value of "size" is out of range. Received ${String(value)}`);
    };

    const statics = {
      from,
      alloc: (size, fill, encoding) => {
        const buffer = made(checkedLength(size));
        return fill === undefined ? buffer : buffer.fill(fill, encoding);
      },
      allocUnsafe: (size) => made(checkedLength(size)),
      isBuffer: (value) => value instanceof Buffer,
      isEncoding: (name) => typeof name === 'string' && name.toLowerCase() in encodings,
      byteLength: (value, encoding) =>
        typeof value === 'string' ? encodingOf(encoding).bytes(value).length : value.byteLength,
      compare: (one, other) => {
        const length = Math.min(one.length, other.length);
        for (let at = 0; at < length; at += 1) if (one[at] !== other[at]) return one[at] < other[at] ? -1 : 1;
        return Math.sign(one.length - other.length);
      },
      concat: (list, total = list.reduce((sum, { length }) => sum + length, 0)) => {
        const whole = made(total);
        let at = 0;
        for (const part of list) {
          whole.set(part.subarray(0, Math.max(0, total - at)), Math.min(at, total));
          at += part.length;
        }
        return whole;
      },
    };

    const needleOf = (value, encoding) =>
      typeof value === 'string'
        ? encodingOf(encoding).bytes(value)
        : typeof value === 'number'
          ? [value & 0xff]
          : value;

    const methods = {
      slice(start, end) {
        return this.subarray(start, end);
      },
      toString(encoding, start = 0, end = this.length) {
        return encodingOf(encoding).text(
          Uint8Array.prototype.subarray.call(this, Math.max(0, start), Math.max(0, end)),
        );
      },
      toJSON() {
        return { type: 'Buffer', data: Array.from(this) };
      },
      equals(other) {
        return Buffer.compare(this, other) === 0;
      },
      compare(other) {
        return Buffer.compare(this, other);
      },
      copy(target, targetStart = 0, start = 0, end = this.length) {
        const part = this.subarray(start, Math.min(end, start + Math.max(0, target.length - targetStart)));
        target.set(part, targetStart);
        return part.length;
      },
      /** (value, encoding) or (value, start, end, encoding) */
      fill(value, start, end, encoding) {
        if (typeof start === 'string') return this.fill(value, 0, this.length, start);
        const pattern = needleOf(value, encoding);
        const first = start ?? 0;
        for (let at = first; at < (end ?? this.length); at += 1)
          this[at] = pattern.length === 0 ? 0 : pattern[(at - first) % pattern.length];
        return this;
      },
      /** (text, encoding), (text, offset, encoding) or (text, offset, length, encoding); gives the bytes written. */
      write(text, offset, length, encoding) {
        if (typeof offset === 'string') return this.write(text, 0, this.length, offset);
        if (typeof length === 'string') return this.write(text, offset, this.length, length);
        const from = offset ?? 0;
        const room = Math.min(length ?? this.length, this.length - from);
        const bytes = encodingOf(encoding).bytes(text).slice(0, room);
        this.set(bytes, from);
        return bytes.length;
      },
      indexOf(value, start = 0, encoding = 'utf8') {
        if (typeof start === 'string') return this.indexOf(value, 0, start);
        const needle = needleOf(value, encoding);
        for (let at = start < 0 ? Math.max(0, this.length + start) : start; at + needle.length <= this.length; at += 1)
          if (Array.prototype.every.call(needle, (byte, index) => this[at + index] === byte)) return at;
        return -1;
      },
      includes(value, start, encoding) {
        return this.indexOf(value, start, encoding) !== -1;
      },
    };

    for (const [target, members] of [
      [Buffer, statics],
      [Buffer.prototype, methods],
    ])
      for (const name of Object.keys(members))
        Object.defineProperty(target, name, { value: members[name], writable: true, configurable: true });
    return Buffer;
  };
})();
