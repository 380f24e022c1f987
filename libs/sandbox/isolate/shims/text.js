/**
 * Text and bytes as browsers have them: TextDecoder, TextEncoder, atob, btoa; and the parts of them that Buffer needs.
 * Made when a script first asks for one. https://encoding.spec.whatwg.org, https://infra.spec.whatwg.org/#forgiving-base64.
 */
(() => {
  'use strict';
  const replacement = 0xfffd;
  const unitsPerCall = 8_192;

  /** String.fromCharCode takes its arguments on the stack. */
  function stringOf(units) {
    let text = '';
    for (let from = 0; from < units.length; from += unitsPerCall)
      text += String.fromCharCode.apply(null, units.slice(from, from + unitsPerCall));
    return text;
  }

  const invalidFor = (encoding) => new TypeError(`The encoded data was not valid for encoding ${encoding}`);

  function addPoint(units, point) {
    if (point < 0x10000) units.push(point);
    else units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
  }

  /** What a first byte says: further bytes, its bits of the code point, and what the second byte may be. */
  function leadOf(byte) {
    if (byte >= 0xc2 && byte <= 0xdf) return { further: 1, bits: byte & 0x1f, lowest: 0x80, highest: 0xbf };
    if (byte >= 0xe0 && byte <= 0xef)
      return {
        further: 2,
        bits: byte & 0xf,
        lowest: byte === 0xe0 ? 0xa0 : 0x80,
        highest: byte === 0xed ? 0x9f : 0xbf,
      };
    if (byte >= 0xf0 && byte <= 0xf4)
      return { further: 3, bits: byte & 7, lowest: byte === 0xf0 ? 0x90 : 0x80, highest: byte === 0xf4 ? 0x8f : 0xbf };
    return undefined;
  }

  /** What is no UTF-8 becomes U+FFFD; each longest beginning of a character becomes one. */
  function fromUtf8(bytes, fatal = false) {
    const units = [];
    for (let at = 0; at < bytes.length;) {
      const first = bytes[at];
      at += 1;
      if (first < 0x80) {
        units.push(first);
        continue;
      }
      const lead = leadOf(first);
      let point = lead ? lead.bits : replacement;
      for (let index = 0; lead && index < lead.further; index += 1) {
        const byte = bytes[at];
        const [lowest, highest] = index === 0 ? [lead.lowest, lead.highest] : [0x80, 0xbf];
        if (byte === undefined || byte < lowest || byte > highest) {
          if (fatal) throw invalidFor('utf-8');
          point = replacement;
          break;
        }
        point = (point << 6) | (byte & 0x3f);
        at += 1;
      }
      if (!lead && fatal) throw invalidFor('utf-8');
      addPoint(units, point);
    }
    return stringOf(units);
  }

  function addUtf8(point, bytes) {
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else
      bytes.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 0x3f),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      );
  }

  /** An array of bytes; a lone surrogate becomes U+FFFD. */
  function toUtf8(text) {
    const bytes = [];
    for (let at = 0; at < text.length; at += 1) {
      const point = text.codePointAt(at);
      if (point > 0xffff) at += 1;
      addUtf8(point >= 0xd800 && point <= 0xdfff ? replacement : point, bytes);
    }
    return bytes;
  }

  function fromUtf16(bytes) {
    const units = [];
    for (let at = 0; at + 1 < bytes.length; at += 2) units.push(bytes[at] | (bytes[at + 1] << 8));
    return stringOf(units);
  }

  /** What is left at the end, half a pair and a byte, is one mistake. */
  function fromWholeUtf16(bytes, fatal) {
    const text = fromUtf16(bytes);
    const loose = bytes.length % 2 === 1 && !/[\ud800-\udbff]$/.test(text);
    if (fatal && (loose || !text.isWellFormed())) throw invalidFor('utf-16le');
    return text.toWellFormed() + (loose ? '\ufffd' : '');
  }

  /** 0x80 to 0x9f of windows-1252. */
  const windows =
    '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
    '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';
  const fromWindows = (bytes) =>
    stringOf(Array.from(bytes, (byte) => (byte >= 0x80 && byte <= 0x9f ? windows.charCodeAt(byte - 0x80) : byte)));

  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

  function toBase64(bytes) {
    let text = '';
    for (let at = 0; at < bytes.length; at += 3) {
      const left = bytes.length - at;
      const group = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      text += digits[group >> 18] + digits[(group >> 12) & 63];
      text += (left > 1 ? digits[(group >> 6) & 63] : '=') + (left > 2 ? digits[group & 63] : '=');
    }
    return text;
  }

  /** An array of bytes from digits alone; bits that make no byte are left out. */
  function fromBase64(text) {
    const bytes = [];
    let bits = 0;
    let held = 0;
    for (const digit of text) {
      bits = ((bits << 6) | digits.indexOf(digit)) & 0xfff;
      held += 6;
      if (held < 8) continue;
      held -= 8;
      bytes.push((bits >> held) & 0xff);
    }
    return bytes;
  }

  function invalidCharacter(sentence) {
    const error = new Error(sentence);
    error.name = 'InvalidCharacterError';
    error.code = 5;
    return error;
  }

  function atob(value) {
    const text = String(value).replace(/[\t\n\f\r ]/g, '');
    const plain = text.length % 4 === 0 ? text.replace(/={1,2}$/, '') : text;
    if (plain.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(plain))
      throw invalidCharacter('The string to be decoded is not correctly encoded.');
    return stringOf(fromBase64(plain));
  }

  function btoa(value) {
    const text = String(value);
    const bytes = Array.from({ length: text.length }, (_none, at) => text.charCodeAt(at));
    if (bytes.some((byte) => byte > 0xff)) throw invalidCharacter('Invalid character');
    return toBase64(bytes);
  }

  function bytesOf(source) {
    if (source === undefined) return new Uint8Array(0);
    if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    if (source instanceof ArrayBuffer) return new Uint8Array(source);
    throw new TypeError('The "input" argument must be an instance of ArrayBuffer or ArrayBufferView.');
  }

  const labels = {
    'utf-8': /^(?:utf-?8|unicode-1-1-utf-8)$/,
    'utf-16le': /^(?:utf-16(?:le)?|ucs-2)$/,
    'windows-1252': /^(?:ascii|us-ascii|latin1|l1|iso-?8859-?1|windows-1252|cp1252)$/,
  };
  const decoders = { 'utf-8': fromUtf8, 'utf-16le': fromWholeUtf16, 'windows-1252': fromWindows };

  class TextDecoder {
    #fatal;
    constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
      const wanted = String(label).trim().toLowerCase();
      this.encoding = Object.keys(labels).find((encoding) => labels[encoding].test(wanted));
      if (!this.encoding) throw new RangeError(`The "${label}" encoding is not supported`);
      this.ignoreBOM = Boolean(ignoreBOM);
      this.fatal = this.#fatal = Boolean(fatal);
    }
    decode(source, { stream = false } = {}) {
      if (stream) throw new TypeError('TextDecoder has no streams here: decode all bytes at once.');
      const text = decoders[this.encoding](bytesOf(source), this.#fatal);
      const marked = !this.ignoreBOM && this.encoding !== 'windows-1252' && text.charCodeAt(0) === 0xfeff;
      return marked ? text.slice(1) : text;
    }
  }

  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }
    encode(text = '') {
      return Uint8Array.from(toUtf8(String(text)));
    }
    encodeInto(text, into) {
      let read = 0;
      let written = 0;
      for (const character of String(text)) {
        const bytes = toUtf8(character);
        if (written + bytes.length > into.length) break;
        into.set(bytes, written);
        read += character.length;
        written += bytes.length;
      }
      return { read, written };
    }
  }

  return { TextDecoder, TextEncoder, atob, btoa, fromBase64, fromUtf16, fromUtf8, stringOf, toBase64, toUtf8 };
})();
