import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeepAlive } from './keep-alive.ts';

test('a quiet connection sends PINGREQ before the broker loses patience', () => {
  const keepAlive = new KeepAlive(1000, 0);
  expect(keepAlive.due(500)).toBe('nothing');
  expect(keepAlive.due(600)).toBe('ping');
});

test('any packet of ours is a sign of life', () => {
  const keepAlive = new KeepAlive(1000, 0);
  keepAlive.wrote(500);
  expect(keepAlive.due(1000)).toBe('nothing');
});

test('a broker that does not answer for the keep-alive time is gone', () => {
  const keepAlive = new KeepAlive(1000, 0);
  keepAlive.due(600);
  keepAlive.wrote(600);
  expect(keepAlive.due(1600)).toBe('ping');
  expect(keepAlive.due(1601)).toBe('gone');
});

test('messages of the broker are a sign of life while its answer queues up behind them', () => {
  const keepAlive = new KeepAlive(1000, 0);
  keepAlive.due(600);
  keepAlive.heard(1500);
  expect(keepAlive.due(2400)).not.toBe('gone');
  keepAlive.answered();
  expect(keepAlive.due(3000)).not.toBe('gone');
});

test('while reading is paused silence is no evidence, and afterwards the broker has its whole time again', () => {
  const keepAlive = new KeepAlive(1000, 0);
  keepAlive.pause();
  expect(keepAlive.due(600)).toBe('ping');
  expect(keepAlive.due(60_000)).toBe('ping');
  keepAlive.resume(60_000);
  expect(keepAlive.due(61_000)).not.toBe('gone');
  expect(keepAlive.due(61_001)).toBe('gone');
});

test('a keep-alive of 0 is switched off', () => {
  expect(new KeepAlive(0, 0).due(1e9)).toBe('nothing');
});

test('checked as often as it asks, our silence never lasts the whole keep-alive time, paused or not', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('write', 'hear', 'pause', 'resume', 'nothing'), { maxLength: 60 }),
      (steps) => {
        const keepAlive = new KeepAlive(8000, 0);
        let [nowMs, wroteMs] = [0, 0];
        for (const step of steps) {
          nowMs += keepAlive.checkEveryMs;
          if (step === 'write') keepAlive.wrote((wroteMs = nowMs));
          if (step === 'hear') keepAlive.heard(nowMs);
          if (step === 'pause') keepAlive.pause();
          if (step === 'resume') keepAlive.resume(nowMs);
          const due = keepAlive.due(nowMs);
          if (due === 'gone') return;
          if (due === 'ping') keepAlive.wrote((wroteMs = nowMs));
          expect(nowMs - wroteMs).toBeLessThan(8000);
        }
      },
    ),
  );
});
