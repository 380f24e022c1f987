/** What scripts get for the text functions of a browser gives what the real ones give. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyText, assertSame, nearUtf8, text, textOf } from './testing/shims.ts';

describe('TextDecoder', () => {
  test.each([{}, { fatal: true }, { ignoreBOM: true }])('reads UTF-8 as Node does, with %o', (options) => {
    const [ours, nodes] = [new text.TextDecoder('utf-8', options), new TextDecoder('utf-8', options)];
    const marked = nearUtf8.map((bytes) => Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes));
    assertSame(
      fc.oneof(nearUtf8, marked),
      (bytes) => ours.decode(bytes),
      (bytes) => nodes.decode(bytes),
    );
  });

  test.each([{}, { fatal: true }])('reads UTF-16 as Node does, with %o', (options) => {
    const [ours, nodes] = [new text.TextDecoder('utf-16le', options), new TextDecoder('utf-16le', options)];
    const units = fc.array(fc.constantFrom(0xfeff, 0xd83d, 0xde00, 0x61));
    const bytesOf = units.map((list) => new Uint8Array(Uint16Array.from(list).buffer));
    assertSame(
      fc.oneof(bytesOf, fc.uint8Array()),
      (bytes) => ours.decode(bytes),
      (bytes) => nodes.decode(bytes),
    );
  });

  test('reads views of a buffer and whole buffers', () => {
    const bytes = Uint8Array.from([0x61, 0x62, 0x63, 0x64]);
    const decoder = new text.TextDecoder();
    expect(decoder.decode(bytes.subarray(1, 3))).toBe('bc');
    expect(decoder.decode(bytes.buffer)).toBe('abcd');
    expect(decoder.decode(new DataView(bytes.buffer, 2))).toBe('cd');
    expect(decoder.decode()).toBe('');
  });

  test.each(['latin1', 'ascii', 'Windows-1252', ' ISO-8859-1 '])('%s is windows-1252', (label) => {
    const decoder = new text.TextDecoder(label);
    expect(decoder.encoding).toBe('windows-1252');
    expect(decoder.decode(Uint8Array.of(0x41, 0x80, 0x81, 0x9f, 0xe9))).toBe('A€\x81Ÿé');
  });

  test('refuses what it cannot do', () => {
    expect(() => new text.TextDecoder('shift_jis')).toThrow('The "shift_jis" encoding is not supported');
    expect(() => new text.TextDecoder().decode([1] as never)).toThrow(TypeError);
    expect(() => new text.TextDecoder().decode(Uint8Array.of(1), { stream: true })).toThrow('no streams');
  });
});

type Encoder = InstanceType<typeof TextEncoder>;

test('TextEncoder writes UTF-8 as Node does', () => {
  const [ours, nodes] = [new text.TextEncoder(), new TextEncoder()];
  const encoded = (encoder: Encoder) => (one: string) => [...encoder.encode(one)];
  assertSame(anyText, encoded(ours), encoded(nodes));
  const into = (encoder: Encoder) => (input: readonly [string, number]) => {
    const room = new Uint8Array(input[1]);
    return [encoder.encodeInto(input[0], room), [...room]];
  };
  assertSame(fc.tuple(anyText, fc.nat(20)), into(ours), into(nodes));
});

test('atob and btoa are Node’s', () => {
  assertSame(fc.oneof(fc.base64String(), textOf('Aa0+/=- \n_'), fc.string()), text.atob, atob);
  assertSame(anyText, text.btoa, btoa);
  expect(() => text.atob('a')).toThrow(expect.objectContaining({ name: 'InvalidCharacterError' }));
});
