/** For tests: the shims of scripts, made in this process to be compared with Node's own. */
import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import fc from 'fast-check';
import { expect } from 'vitest';

type Text = Pick<typeof globalThis, 'TextDecoder' | 'TextEncoder' | 'atob' | 'btoa'>;

const shim = (file: string): unknown =>
  runInThisContext(readFileSync(new URL(`../../isolate/shims/${file}`, import.meta.url), 'utf8'));

export const text = shim('text.js') as Text;
export const OurBuffer = (shim('buffer.js') as (from: Text) => typeof Buffer)(text);
(shim('buffer-numbers.js') as (into: typeof Buffer) => void)(OurBuffer);

export const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());

export const textOf = (characters: string): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters.split('')) });

/** Mostly near UTF-8: whole characters, broken ones and loose bytes. */
export const nearUtf8 = fc
  .array(
    fc.oneof(
      anyText.map((one) => [...Buffer.from(one)]),
      anyText.map((one) => [...Buffer.from(one)].slice(0, -1)),
      fc.array(fc.nat(255), { maxLength: 4 }),
    ),
  )
  .map((parts) => Uint8Array.from(parts.flat()));

/** The value, or that there is none: the words of an error differ. */
export function outcome<T>(of: () => T): T | 'throws' {
  try {
    return of();
  } catch {
    return 'throws';
  }
}

export function assertSame<T>(input: fc.Arbitrary<T>, ours: (input: T) => unknown, nodes: (input: T) => unknown): void {
  fc.assert(
    fc.property(input, (one) => {
      expect(outcome(() => ours(one))).toEqual(outcome(() => nodes(one)));
    }),
  );
}
