/** Text of any characters for properties. */
import fc from 'fast-check';

const surrogates = { first: 0xd800, count: 0x800 };
const codePointMax = 0x10_ffff;

/**
 * Every code point that text can have, controls and unassigned ones too. Means what fast-check's unit `binary` does, which
 * prepares itself for half a second.
 */
const anyCharacter = fc
  .integer({ min: 0, max: codePointMax - surrogates.count })
  .map((index) => String.fromCodePoint(index < surrogates.first ? index : index + surrogates.count));

export const anyText: fc.Arbitrary<string> = fc.string({ unit: anyCharacter });
