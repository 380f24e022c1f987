import type { TemplateConfig } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { deliveriesOf } from './delivery.ts';
import { NotificationWriter } from './notification-writer.ts';
import { placeValuesOf } from './place-values.ts';
import { eventOf, ruleOf } from './testing/events.ts';

const asIs = { escape: (value: string) => value };

function writerWith(subject: string, body: string): { writer: NotificationWriter; unknown: string[] } {
  const unknown: string[] = [];
  const template: TemplateConfig = { tenant: 'mill', templateId: 'text', subject, body };
  const device = { name: 'Oven 1', productId: 'oven' };
  const product = { signals: [{ name: 'temperature', unit: 'Cel', description: '' }] };
  const configuration = { device: () => device, product: () => product, template: () => template };
  const writer = new NotificationWriter(configuration as never, (_template, places) => unknown.push(...places));
  return { writer, unknown };
}

const [delivery] = deliveriesOf(eventOf(), ruleOf('a@mill.example'));

test('every place has its value', () => {
  const places = ['tenant', 'device', 'deviceName', 'rule', 'signal', 'unit', 'value', 'severity', 'severityBefore'];
  places.push('transition', 'time', 'low', 'high', 'eventId', 'alarmId');
  const { writer, unknown } = writerWith('[${severity}] ${deviceName}', places.map((each) => `\${${each}}`).join('|'));
  const { subject, body } = writer.write(delivery!, asIs);
  expect(subject).toBe('[critical] Oven 1');
  expect(body).toBe(
    'mill|oven-1|Oven 1|Too hot|temperature|Cel|93.5|critical|none|raised|2025-11-21T09:00:00.123Z|90|-' +
      '|00112233445566778899aabbccddeeff|ffeeddccbbaa99887766554433221100',
  );
  expect(unknown).toEqual([]);
});

test('a misspelt place is seen by the reader and reported once', () => {
  const { writer, unknown } = writerWith('${sevrity}', '${sevrity} ${valeu}');
  expect(writer.write(delivery!, asIs).subject).toBe('[unknown: sevrity]');
  writer.write(delivery!, asIs);
  expect(unknown).toEqual(['sevrity', 'valeu']);
});

test('values in the body are escaped as the channel says', () => {
  const { writer } = writerWith('${rule}', '${rule}');
  expect(writer.write(delivery!, { escape: (value) => `<${value}>` }).body).toBe('<Too hot>');
});

test('a device that is not configured any more is called by its uid', () => {
  const context = { device: undefined, product: undefined };
  expect(placeValuesOf(eventOf(), context)).toMatchObject({ deviceName: 'oven-1', unit: '' });
});

test('a template that has not arrived may come later', () => {
  const configuration = { device: () => undefined, product: () => undefined, template: () => undefined };
  const writer = new NotificationWriter(configuration, () => undefined);
  expect(() => writer.write(delivery!, asIs)).toThrow(
    expect.objectContaining({ code: 'configuration_behind', retry: 'later' }),
  );
});
