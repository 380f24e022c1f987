import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BackPressure } from './back-pressure.ts';

const limits = { messagesMax: 10, bytesMax: 1000 };

function watched() {
  const calls: string[] = [];
  return {
    calls,
    pressure: new BackPressure(limits, { pause: () => calls.push('pause'), resume: () => calls.push('resume') }),
  };
}

test('reading stops at the limit of messages and goes on at half', () => {
  const { calls, pressure } = watched();
  pressure.add(9, 9);
  expect(calls).toEqual([]);
  pressure.add(1, 1);
  pressure.remove(4, 4);
  expect(calls).toEqual(['pause']);
  pressure.remove(1, 1);
  expect(calls).toEqual(['pause', 'resume']);
});

test('a few large messages stop reading as well', () => {
  const { calls, pressure } = watched();
  pressure.add(2, 1000);
  expect(calls).toEqual(['pause']);
  pressure.remove(1, 499);
  expect(calls).toEqual(['pause']);
  pressure.remove(0, 1);
  expect(calls).toEqual(['pause', 'resume']);
});

test('while it is held reading stops whatever the counts are', () => {
  const { calls, pressure } = watched();
  pressure.hold(true);
  pressure.add(1, 1);
  pressure.remove(1, 1);
  expect(calls).toEqual(['pause']);
  pressure.hold(false);
  expect(calls).toEqual(['pause', 'resume']);
});

test('pause and resume alternate, and nothing unacknowledged means reading', () => {
  const step = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 700 }));
  fc.assert(
    fc.property(fc.array(step), (deliveries) => {
      const { calls, pressure } = watched();
      const open: (readonly [number, number])[] = [];
      for (const [messages, bytes] of deliveries) {
        if (pressure.paused) pressure.remove(...(open.shift() ?? ([0, 0] as const)));
        else {
          pressure.add(messages, bytes);
          open.push([messages, bytes]);
        }
        expect(pressure.paused || (pressure.messages < 10 && pressure.bytes < 1000)).toBe(true);
      }
      for (const delivery of open) pressure.remove(...delivery);
      expect(pressure.paused).toBe(false);
      expect(calls.every((call, index) => call === (index % 2 === 0 ? 'pause' : 'resume'))).toBe(true);
    }),
  );
});
