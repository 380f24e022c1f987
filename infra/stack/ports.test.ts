import fc from 'fast-check';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { chooseFreePorts, isPortFree, loopback, portMax, portsFromBase, randomPortBase } from './ports.ts';

const allFree = (): Promise<boolean> => Promise.resolve(true);
const freeBut =
  (...taken: number[]) =>
  (port: number): Promise<boolean> =>
    Promise.resolve(!taken.includes(port));

test('ports are looked for upwards, past those in use', async () => {
  const ports = await chooseFreePorts({ names: ['kafka', 'redis'], from: 18_000 }, freeBut(18_000, 18_002));
  expect(ports).toEqual({ kafka: 18_001, redis: 18_003 });
});

test('ports of an earlier run are kept, also where an earlier one would be free', async () => {
  const remembered = { kafka: 18_009 };
  expect(await chooseFreePorts({ names: ['redis', 'kafka'], remembered, from: 18_000 }, allFree)).toEqual({
    redis: 18_000,
    kafka: 18_009,
  });
});

test('a remembered port that is in use is given up', async () => {
  const remembered = { kafka: 18_009 };
  expect(await chooseFreePorts({ names: ['kafka'], remembered, from: 18_000 }, freeBut(18_009))).toEqual({
    kafka: 18_000,
  });
});

test('no port is chosen twice, whatever is remembered or in use', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const port = fc.integer({ min: 18_000, max: 18_008 });
  const remembered = fc
    .uniqueArray(port, { maxLength: 5 })
    .map((all) => Object.fromEntries(all.map((one, i) => [names[i], one])));
  await fc.assert(
    fc.asyncProperty(remembered, fc.array(port), async (before, taken) => {
      const ports = Object.values(
        await chooseFreePorts({ names, remembered: before, from: 18_000 }, freeBut(...taken)),
      );
      expect(new Set(ports).size).toBe(names.length);
      for (const one of ports) expect(taken).not.toContain(one);
    }),
  );
});

test('when nothing is free that is said instead of looking on for ever', async () => {
  const nothing = (): Promise<boolean> => Promise.resolve(false);
  await expect(chooseFreePorts({ names: ['kafka'], from: portMax - 3 }, nothing)).rejects.toThrow('no free port');
});

test('ports from a base are exactly those, in order', async () => {
  expect(await portsFromBase(['kafka', 'redis'], 9_000, allFree)).toEqual({ kafka: 9_000, redis: 9_001 });
});

test('a port of the base that is in use is named with its purpose', async () => {
  await expect(portsFromBase(['kafka', 'redis'], 9_000, freeBut(9_001))).rejects.toThrow(
    'Port 9001 (for redis) is in use; choose another --port-base or leave it out.',
  );
});

test('random bases leave room below the range of outgoing connections', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
      const base = randomPortBase(() => random);
      expect(base).toBeGreaterThanOrEqual(20_000);
      expect(base + 40).toBeLessThanOrEqual(portMax);
    }),
  );
});

test('a port that somebody listens on is not free', async () => {
  const server = createServer().listen(0, loopback);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  expect(await isPortFree(port)).toBe(false);
  server.close();
  await once(server, 'close');
  expect(await isPortFree(port)).toBe(true);
});
