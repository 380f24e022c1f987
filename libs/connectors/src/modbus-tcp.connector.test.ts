import { MillraceError } from '@millrace/contracts';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { connectorSuite } from './connector.suite.ts';
import { checkConnection } from './registry.ts';
import { fakePorts, hastyClock } from './testing/fake-ports.ts';
import { Machine } from './testing/machine.ts';
import { machineConnection, type MachineConnection, register } from './testing/modbus-connection.ts';
import { soon } from './testing/soon.ts';

connectorSuite({
  kind: 'modbus-tcp',
  awayCode: 'machine_unavailable',
  async openOtherSide() {
    const side = await Machine.start();
    side.hold(0, 0);
    return {
      connection: (deviceUid) => machineConnection({ url: side.url, deviceUid, registers: [register('value', 0)] }),
      say: (value) => side.hold(0, value),
      asked: () => {
        const before = side.reads.length;
        return soon(() => expect(side.reads.length).toBeGreaterThan(before));
      },
      stall: () => {
        side.mute = true;
        const before = side.reads.length;
        return soon(() => expect(side.reads.length).toBeGreaterThan(before));
      },
      visits: () => side.visits,
      cut: () => side.cut(),
      leave: () => side.stop(),
      comeBack: () => side.listen(),
      close: () => side.stop(),
    };
  },
});

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.start();
});

afterEach(() => machine.stop());

/** Polls the machine; everything is durable at once. */
function polling(registers: MachineConnection['registers'], rest: Partial<MachineConnection> = {}) {
  const ports = fakePorts(hastyClock(20));
  ports.sink.open = true;
  const ending = new AbortController();
  const connection = machineConnection({ url: machine.url, registers, ...rest });
  const handle = checkConnection(connection).open(ports, ending.signal);
  onTestFinished(() => ending.abort());
  const last = () => JSON.parse(ports.sink.payloads.at(-1) ?? 'null') as unknown;
  const happened = (name: string) => ports.happened.filter(([one]) => one === name).map(([, fields]) => fields);
  return { ports, handle, last, happened };
}

test('values of every type and table come as their names, with scale and offset', async () => {
  machine.coils[0] = 0b10;
  machine.discrete[1] = 0b1;
  machine.input.writeInt16BE(-5, 4);
  machine.hold(10, 0x1234, 0x5678);
  const float = Buffer.alloc(8);
  float.writeFloatBE(21.5, 0);
  machine.hold(20, float.readUInt16BE(2), float.readUInt16BE(0));
  float.writeDoubleBE(-1e300, 0);
  machine.hold(24, ...[0, 2, 4, 6].map((at) => float.readUInt16BE(at)));
  machine.hold(30, 0x4142, 0x4300, 0x2020);
  machine.hold(33, 0b1000_0000_0000_0000);
  const { last } = polling([
    register('running', 1, { table: 'coil', type: 'bool' }),
    register('stopped', 0, { table: 'coil', type: 'bool' }),
    register('doorOpen', 8, { table: 'discrete', type: 'bool' }),
    register('level', 2, { table: 'input', type: 'int16', scale: 0.5, offset: 10 }),
    register('count', 10, { type: 'uint32' }),
    register('countSwapped', 10, { type: 'uint32', byteOrder: 'CDAB' }),
    register('temperature', 20, { type: 'float32', byteOrder: 'CDAB' }),
    register('huge', 24, { type: 'float64' }),
    register('recipe', 30, { type: 'string', length: 3 }),
    register('alarm', 33, { type: 'bool', bit: 15 }),
  ]);
  await soon(() =>
    expect(last()).toEqual({
      running: true,
      stopped: false,
      doorOpen: true,
      level: 7.5,
      count: 0x1234_5678,
      countSwapped: 0x5678_1234,
      temperature: 21.5,
      huge: -1e300,
      recipe: 'ABC',
      alarm: true,
    }),
  );
});

test('registers that are near to each other are read together', async () => {
  machine.hold(0, ...Array<number>(20).fill(1));
  const { last } = polling([register('a', 0), register('b', 9), register('c', 19)]);
  await soon(() => expect(last()).toEqual({ a: 1, b: 1, c: 1 }));
  expect(machine.reads.slice(0, 2)).toEqual([
    [0, 10],
    [19, 1],
  ]);
});

test('a register that the machine refuses costs itself alone, typed and counted, and is told once', async () => {
  machine.hold(0, 1);
  machine.hold(2, 3);
  const { ports, handle, last, happened } = polling([register('a', 0), register('absent', 1), register('c', 2)]);
  await soon(() => expect(ports.sink.taken.length).toBeGreaterThan(2));
  expect(ports.sink.payloads[0]).toBe('{"a":1,"c":3}');
  expect(handle.state).toMatchObject({
    phase: 'connected',
    lastError: { code: 'machine_refused', detail: expect.stringContaining('illegal data address') },
  });
  const failures = happened('readsFailed');
  expect(failures.slice(0, 2)).toMatchObject([
    { code: 'machine_refused', registers: 1, example: expect.stringContaining('absent: '), changed: true },
    { changed: false },
  ]);
  // Taken apart once, and not asked for together again.
  expect(machine.reads.filter(([, count]) => count === 3)).toHaveLength(1);
  machine.hold(1, 2);
  await soon(() => expect(last()).toEqual({ a: 1, absent: 2, c: 3 }));
});

test('a machine that does not answer is away, and asked again on another connection', async () => {
  machine.hold(0, 1);
  machine.mute = true;
  const { handle, happened, last } = polling([register('a', 0)], { timeoutMs: 1_000 });
  await soon(() => expect(happened('lost').length).toBeGreaterThan(1));
  expect(handle.state.lastError).toMatchObject({
    code: 'machine_unavailable',
    detail: expect.stringContaining('1000 ms'),
  });
  machine.mute = false;
  await soon(() => expect(last()).toEqual({ a: 1 }));
});

test('an answer to a request that nobody waits for any more is not taken for another one', async () => {
  machine.hold(0, 1);
  machine.mute = true;
  const { ports, last, happened } = polling([register('a', 0)], { timeoutMs: 2_000 });
  await soon(() => expect(machine.reads.length).toBeGreaterThan(0));
  machine.babble(Buffer.from('77770000000501030200ff', 'hex'));
  await soon(() => expect(happened('lost').length).toBeGreaterThan(0));
  machine.mute = false;
  await soon(() => expect(last()).toEqual({ a: 1 }));
  expect(new Set(ports.sink.payloads)).toEqual(new Set(['{"a":1}']));
});

test('bytes that are no Modbus TCP end the connection', async () => {
  machine.hold(0, 1);
  const { happened, ports } = polling([register('a', 0)]);
  await soon(() => expect(ports.sink.taken.length).toBeGreaterThan(0));
  machine.babble(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await soon(() => expect(happened('lost')).toMatchObject([{ code: 'machine_unavailable' }]));
  await soon(() => expect(happened('connected')).toHaveLength(2));
});

test('polls begin at their distance and carry the time at which they began', async () => {
  machine.hold(0, 1);
  const { ports } = polling([register('a', 0)]);
  await soon(() => expect(ports.sink.taken.length).toBeGreaterThan(4));
  const times = ports.sink.taken.map(({ timeMicros }) => timeMicros ?? 0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[4]! - times[0]!).toBeGreaterThan(3.5 * 400_000);
});

test('polls beyond the quota are skipped and counted, the machine is left alone meanwhile, and nothing waits', async () => {
  machine.hold(0, 1);
  const { ports, handle, happened } = polling([register('a', 0)], { intervalMs: 100 });
  const quota = { name: 'messagesPerSecond', limit: 1, retryAfterSeconds: 1 } as const;
  ports.sink.refusal = new MillraceError('quota_exceeded', 'Wait.', { quota });
  await soon(() => expect(ports.counts['quota_exceeded']).toBeGreaterThan(30));
  expect(machine.reads.length).toBeLessThan(ports.counts['in']! / 4);
  expect(handle.state.unacknowledged).toBe(0);
  expect(happened('messagesRejected')).toEqual([]);
  ports.sink.refusal = undefined;
  await soon(() => expect(ports.sink.taken.length).toBeGreaterThan(2));
  const { in: polls, ...ends } = ports.counts;
  expect(Object.values(ends).reduce((sum, messages) => sum + messages)).toBe(polls);
});

test('when nothing becomes durable for long, reading stops before the memory is full, and goes on afterwards', async () => {
  machine.hold(0, 1);
  const { ports, handle, happened } = polling([register('a', 0)], { intervalMs: 50 });
  ports.sink.open = false;
  await soon(() => expect(happened('paused')).toHaveLength(1));
  const { length } = machine.reads;
  const pausedMs = ports.clock.nowMs();
  await soon(() => expect(ports.clock.nowMs()).toBeGreaterThan(pausedMs + 10 * 50));
  expect(handle.state.unacknowledged).toBe(1_000);
  expect(machine.reads).toHaveLength(length);
  ports.sink.open = true;
  ports.sink.release();
  await soon(() => expect(happened('resumed')).toHaveLength(1));
  await soon(() => expect(machine.reads.length).toBeGreaterThan(length));
});
