import { expect, test } from 'vitest';
import { type PointWindow, WindowQuery, windowStatement } from './window-query.ts';

const window: PointWindow = {
  table: 'points_30d',
  tenant: 'acme',
  devices: ['pump-1', 'pump-2'],
  signals: ["it's"],
  fromMicros: 1,
  toMicros: 2,
  pointsMax: 2,
};
const row = (device: string, value: number) => [device, "it's", 1, 0, value, null, 1, 0, 1];

test('a window asks for its own tenant, and whatever a name contains it is quoted', () => {
  const statement = windowStatement(window, 3);
  expect(statement).toContain("AND tenant = 'acme' AND device IN ('pump-1', 'pump-2') AND signal IN ('it''s')");
  expect(statement).toContain('WHERE ts >= 1L AND ts < 2L');
  expect(statement).toMatch(/ORDER BY ts, seq LIMIT 3$/);
});

test('points come by device and signal in their order', async () => {
  const query = async () => [row('pump-2', 5), row('pump-1', 6)];
  const points = await new WindowQuery({ query }).read(window);
  expect([...points!].map(([device, bySignal]) => `${device} ${bySignal.get("it's")?.[0]?.value}`)).toEqual([
    'pump-2 5',
    'pump-1 6',
  ]);
});

test('a window with more points than the limit has none', async () => {
  const query = async () => [row('pump-1', 1), row('pump-1', 2), row('pump-1', 3)];
  expect(await new WindowQuery({ query }).read(window)).toBeUndefined();
});
