import { anyText } from '@millrace/testkit/any-text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileTemplate, type PlaceValues, type Rendered } from './template.ts';

const asIs = (value: string): string => value;

function render(text: string, values: PlaceValues = {}): Rendered {
  return compileTemplate(text).render(values, asIs);
}

describe('a template', () => {
  test.each([
    ['${signal} is ${value} ${unit}', 'temperature is 93.5 °C'],
    ['${value}${value}', '93.593.5'],
    ['${ value }', '93.5'],
    ['no place', 'no place'],
    ['', ''],
    ['$5 and ${open', '$5 and ${open'],
    ['literal $${value}, then ${value}', 'literal ${value}, then 93.5'],
    ['costs $$', 'costs $$'],
  ])('%j renders as %j', (text, expected) => {
    expect(render(text, { signal: 'temperature', value: 93.5, unit: '°C' })).toEqual({ text: expected, unknown: [] });
  });

  test('a place without a value shows a dash, an empty one nothing', () => {
    expect(render('up to ${high}${unit}', { high: null, unit: '' }).text).toBe('up to -');
  });

  test.each(['valeu', 'toString', 'constructor', '__proto__', '', 'value + 1', 'value.length'])(
    'the unknown place "%s" is shown and reported, and nothing is evaluated',
    (name) => {
      const text = `a \${${name}} b \${${name}}`;
      expect(render(text, { value: 1 })).toEqual({
        text: `a [unknown: ${name}] b [unknown: ${name}]`,
        unknown: [name],
      });
    },
  );

  test('a value that looks like a place stays text', () => {
    expect(render('${deviceName}', { deviceName: '${secret} $${x}', secret: 'no' }).text).toBe('${secret} $${x}');
  });

  test.each([
    [0.1 + 0.2, '0.3'],
    [21.4, '21.4'],
    [-0.0001, '-0.0001'],
    [9007199254740991, '9007199254740990'],
    [1e21, '1e+21'],
  ])('the number %d is shown as %s', (value, expected) => {
    expect(render('${value}', { value }).text).toBe(expected);
  });

  test('values and unknown names are escaped, the text of the template is not', () => {
    const escape = (value: string): string => value.replaceAll('*', '\\*');
    const { text } = compileTemplate('*${rule}* ${no*pe}').render({ rule: 'a*b' }, escape);
    expect(text).toBe('*a\\*b* [unknown: no\\*pe]');
  });

  test('text without a place comes out as it went in', () => {
    fc.assert(
      fc.property(
        anyText.filter((text) => !text.includes('${')),
        (text) => {
          expect(render(text)).toEqual({ text, unknown: [] });
        },
      ),
    );
  });

  test('literals and values come out in order, whatever they contain', () => {
    const part = fc.record({
      literal: fc.string().filter((text) => !text.includes('$')),
      value: fc.string({ minLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.map(({ literal }, index) => `${literal}\${place${index}}`).join('');
        const values = Object.fromEntries(parts.map(({ value }, index) => [`place${index}`, value]));
        expect(render(text, values).text).toBe(parts.map(({ literal, value }) => literal + value).join(''));
      }),
    );
  });
});
