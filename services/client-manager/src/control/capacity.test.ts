import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { systemClock } from '@millrace/kernel';
import { ManualClock } from '@millrace/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Capacity } from './capacity.ts';
import { Ceilings } from './ceilings.ts';
import { ProcessUsage } from './process-usage.ts';

test('an instance above a ceiling accepts nothing, says so once, and accepts again', async () => {
  const clock = new ManualClock();
  const use = { memoryMb: 200, cpuPercent: 0, bandwidthKbps: 0 };
  const told: string[][] = [];
  const capacity = new Capacity({
    connectionsMax: 5,
    ceilings: new Ceilings({ memoryMb: 100 }),
    usage: { take: () => ({ ...use }) },
    clock,
    onChange: (reached) => told.push(reached.map(({ name }) => name)),
  });
  capacity.start();
  onTestFinished(() => capacity.stop());
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      await vi.waitFor(() => expect(clock.sleeping).toBe(1));
      await clock.advance(1_000);
    }
  };
  await pass(4);
  expect(capacity.accepting).toBe(true);
  await pass(4);
  expect([capacity.accepting, capacity.reached]).toEqual([false, [{ name: 'memoryMb', value: 200, max: 100 }]]);
  use.memoryMb = 50;
  await pass(6);
  expect([capacity.accepting, told]).toEqual([true, [['memoryMb'], []]]);
});

test('the network that a process uses is counted in both directions, of closed sockets too', async () => {
  const startedMs = performance.now();
  const usage = new ProcessUsage(systemClock);
  onTestFinished(() => usage.close());
  const server = createServer((socket) => socket.pipe(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end(Buffer.alloc(1_000_000));
  socket.resume();
  await once(socket, 'close');
  server.close();
  const { bandwidthKbps, memoryMb } = usage.take();
  // One megabyte there and back, in at least this time.
  expect(bandwidthKbps * (performance.now() - startedMs)).toBeGreaterThanOrEqual(2_000_000);
  expect(memoryMb).toBeGreaterThan(10);
  expect(usage.take().bandwidthKbps).toBe(0);
});
