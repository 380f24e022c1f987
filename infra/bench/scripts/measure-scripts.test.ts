/** The benchmark itself, in a small form: every figure is there, and neighbours go on. */
import { expect, test } from 'vitest';
import { measureIsolates } from './measure-isolates.ts';
import { measureNeighbour } from './measure-neighbour.ts';
import { measureMixes, measureThroughput } from './measure-throughput.ts';
import { isHarmless, type ScriptsBenchReport, scriptsReportText } from './scripts-report.ts';

const never = new AbortController().signal;
const silent = (): void => undefined;

test('a small run measures every language, and a neighbour of an attacker goes on', async () => {
  const seconds = 0.5;
  const report: ScriptsBenchReport = {
    loadBefore: 0,
    throughput: await measureThroughput({ seconds }, never, silent),
    mixes: await measureMixes({ seconds }, never, silent),
    isolates: await measureIsolates({ scripts: 5 }, never, silent),
    neighbour: await measureNeighbour({ seconds }, never, silent),
    attacks: [],
    mutants: { seed: 0, tried: 0, ends: {}, tookMsMax: 0, loopMsMax: 0, harmful: [] },
  };
  expect(report.throughput.map(({ language }) => language)).toEqual(['javascript', 'lua', 'python']);
  for (const { perCpuSecond, perCpuSecondWithRows } of report.throughput)
    expect(Math.min(perCpuSecond, perCpuSecondWithRows)).toBeGreaterThan(1_000);
  for (const { perCpuSecond } of report.mixes) expect(perCpuSecond).toBeGreaterThan(10);
  expect(report.neighbour.attacks).toBeGreaterThan(0);
  expect(report.neighbour.attackedMs.p50).toBeGreaterThan(0);
  expect(isHarmless(report)).toBe(true);
  expect(scriptsReportText(report)).toContain('messages per CPU second');
}, 60_000);

test('harm is an exit code and a line with its name', () => {
  const attack = { language: 'lua', name: 'a loop', end: 'returned', tookMs: 1, loopMsMax: 1, peakMiB: 1 };
  const latency = { p50: 1, p99: 1, max: 1 };
  const report: ScriptsBenchReport = {
    loadBefore: 0,
    throughput: [],
    mixes: [],
    isolates: [],
    neighbour: { attacks: 0, aloneMs: latency, attackedMs: latency },
    attacks: [{ ...attack, harm: ['it read a secret'] }],
    mutants: { seed: 0, tried: 0, ends: {}, tookMsMax: 0, loopMsMax: 0, harmful: [] },
  };
  expect(isHarmless(report)).toBe(false);
  expect(scriptsReportText(report)).toContain('HARM  lua, a loop: it read a secret');
});
