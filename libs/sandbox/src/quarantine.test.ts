import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { Quarantine, type QuarantineEntry } from './quarantine.ts';

const script = { name: 'acme/loops@1', tenant: 'acme', language: 'javascript', source: '' };
const pump = 'acme/pump';
const valve = 'acme/valve';

function failing(times: number, subjects: readonly string[] = [pump], costProcess = false) {
  const clock = new ManualClock();
  const begun: QuarantineEntry[] = [];
  const quarantine = new Quarantine(clock, (entry) => void begun.push(entry));
  const fail = (subject: string): void => quarantine.failed(script, subject, 'timeout', costProcess);
  for (let time = 0; time < times; time += 1) fail(subjects[time % subjects.length]!);
  const rests = (subject: string): boolean => quarantine.refusals(script, [subject], 1) !== undefined;
  return { quarantine, clock, begun, rests, fail };
}

const manySubjects = Array.from({ length: 100 }, (_, index) => `acme/d${index}`);

test('two failures are the messages', () => {
  expect(failing(2).rests(pump)).toBe(false);
});

test('three failures in a row for one device: the script rests for that one, and nobody else', () => {
  const { quarantine, rests, begun } = failing(3);
  expect([rests(pump), rests(valve)]).toEqual([true, false]);
  expect(quarantine.refusals(script, [valve, pump], 2)).toEqual([
    undefined,
    expect.objectContaining({ code: 'script_quarantined', detail: expect.stringContaining('for acme/pump') }),
  ]);
  expect(begun).toEqual([expect.objectContaining({ tenant: 'acme', subject: pump, failures: 3, reason: 'timeout' })]);
});

test('without subjects three failures in a row are the script', () => {
  const quarantine = new Quarantine(new ManualClock());
  for (let time = 0; time < 3; time += 1) quarantine.failed(script, undefined, 'memory', false);
  expect(quarantine.refusals(script, undefined, 2)).toHaveLength(2);
  expect(quarantine.list()).toEqual([expect.objectContaining({ subject: undefined, reason: 'memory' })]);
});

test('a success in between starts the count again', () => {
  const { quarantine, rests, fail } = failing(2);
  quarantine.succeeded(script, [pump]);
  fail(pump);
  expect(rests(pump)).toBe(false);
});

test('after its rest a script is tried again, and rests for longer when it still fails', async () => {
  const { clock, rests, fail } = failing(3);
  await clock.advance(5_000);
  expect(rests(pump)).toBe(false);
  fail(pump);
  await clock.advance(5_000);
  expect(rests(pump)).toBe(true);
  await clock.advance(5_000);
  expect(rests(pump)).toBe(false);
});

test('no rest is longer than ten minutes', async () => {
  const { quarantine, clock, fail } = failing(3);
  for (let time = 0; time < 20; time += 1) {
    await clock.advance(600_000);
    fail(pump);
  }
  expect(quarantine.list().find(({ subject }) => subject === pump)?.restsUntilMs).toBe(clock.nowMs() + 600_000);
});

test('a script that costs its process again and again rests for all', () => {
  expect(failing(7, manySubjects, true).rests(valve)).toBe(false);
  expect(failing(8, manySubjects, true).rests(valve)).toBe(true);
});

test('a script that breaks for one device after the other, without a success, rests for all', () => {
  expect(failing(19, manySubjects).rests(valve)).toBe(false);
  expect(failing(20, manySubjects).rests(valve)).toBe(true);
});

test('other scripts do not rest', () => {
  const { quarantine } = failing(3);
  expect(quarantine.refusals({ ...script }, [pump], 1)).toBeUndefined();
});

test('what rests is listed for its tenant alone, and cleared for a device or for all', () => {
  const { quarantine, rests } = failing(6, [pump, valve]);
  expect(quarantine.list('acme').map(({ subject }) => subject)).toEqual([pump, valve]);
  expect(quarantine.list('other')).toEqual([]);
  expect(quarantine.clear('other', 'loops')).toBe(0);
  expect(quarantine.clear('acme', 'loop')).toBe(0);
  expect(quarantine.clear('acme', 'loops', pump)).toBe(1);
  expect([rests(pump), rests(valve)]).toEqual([false, true]);
  expect(quarantine.clear('acme', 'loops')).toBe(1);
  expect([quarantine.list(), rests(valve)]).toEqual([[], false]);
});

test('a script that broke a limit is suspect for a minute', async () => {
  const clock = new ManualClock();
  const quarantine = new Quarantine(clock);
  expect(quarantine.isSuspect(script)).toBe(false);
  quarantine.broke(script);
  expect(quarantine.isSuspect(script)).toBe(true);
  await clock.advance(60_000);
  expect(quarantine.isSuspect(script)).toBe(false);
});
