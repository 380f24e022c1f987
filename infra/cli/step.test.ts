import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runStep, type StepDisplay } from './step.ts';

let written = '';

beforeEach(() => {
  vi.useFakeTimers();
  written = '';
});

afterEach(() => vi.useRealTimers());

const display = (more: Partial<StepDisplay> = {}): StepDisplay => ({
  title: 'Building',
  animated: false,
  columns: 40,
  marks: { done: 'ok', failed: 'no' },
  write: (text) => (written += text),
  ...more,
});

const lasting = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a short step is one line', async () => {
  const step = runStep(display(), () => lasting(1_500));
  await vi.advanceTimersByTimeAsync(1_500);
  await step;
  expect(written).toBe('ok Building (1.5 s)\n');
});

test('a step of more than two seconds says that it goes on, and at what it is', async () => {
  const step = runStep(display(), (report) => {
    report('fetching Maven');
    return lasting(8_000);
  });
  await vi.advanceTimersByTimeAsync(1_999);
  expect(written).toBe('');
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toBe('Building ... fetching Maven\n');
  await vi.advanceTimersByTimeAsync(6_000);
  await step;
  expect(written).toBe('Building ... fetching Maven\nBuilding ... fetching Maven\nok Building (8.0 s)\n');
});

test('a failed step says so and hands the error on', async () => {
  await expect(runStep(display(), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(written).toBe('no Building (0.0 s)\n');
});

test('on a terminal the line moves, fits the width and is erased at the end', async () => {
  const step = runStep(display({ animated: true, columns: 20 }), (report) => {
    report('a detail that is longer than the terminal is wide');
    return lasting(300);
  });
  await vi.advanceTimersByTimeAsync(300);
  await step;
  const lines = written.split('\r\u001B[K').slice(1);
  for (const line of lines.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(20);
  expect(lines.at(-1)).toBe('ok Building (0.3 s)\n');
});
