import { expect, test } from 'vitest';
import { deliveriesOf, notificationId } from './delivery.ts';
import { eventOf } from './testing/events.ts';

const notify = [
  { channelId: 'mail', templateId: 'long', recipients: ['a@mill.example', 'b@mill.example', 'a@mill.example'] },
  { channelId: 'mail', templateId: 'short', recipients: ['b@mill.example'] },
  { channelId: 'night', templateId: 'short', recipients: ['b@mill.example'] },
];
const deliveries = deliveriesOf(eventOf(), { notify });

test('each recipient of each channel is one delivery', () => {
  expect(deliveries.map(({ channelId, templateId, recipient }) => [channelId, templateId, recipient])).toEqual([
    ['mail', 'long', 'a@mill.example'],
    ['mail', 'long', 'b@mill.example'],
    ['night', 'short', 'b@mill.example'],
  ]);
});

test('the id of a notification begins with its event and is the same each time', () => {
  const ids = deliveries.map(notificationId);
  expect(new Set(ids).size).toBe(3);
  expect(deliveriesOf(eventOf(), { notify }).map(notificationId)).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^00112233445566778899aabbccddeeff\.[0-9a-f]{16}$/);
});
