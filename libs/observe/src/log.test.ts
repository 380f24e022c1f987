import { expect, test } from 'vitest';
import { createLog, type LogLevel } from './log.ts';

function linesOf(level: LogLevel, write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  const destination = { write: (line: string): void => void lines.push(line) };
  write(createLog({ service: 'historian', instance: 'historian-1', level, destination }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('an event is one JSON line with service, instance, time, level, sentence and its fields', () => {
  const lines = linesOf('info', (log) => log.write('info', 'Table created.', { table: 'points_30d', tookMs: 12 }));
  expect(lines).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'historian',
      instance: 'historian-1',
      table: 'points_30d',
      tookMs: 12,
      message: 'Table created.',
    },
  ]);
});

test('events below the level are dropped', () => {
  const lines = linesOf('warn', (log) => {
    log.write('info', 'Batch stored.');
    log.write('warn', 'Store away.');
  });
  expect(lines.map(({ message }) => message)).toEqual(['Store away.']);
});

test('a secret never reaches the line', () => {
  const [line] = linesOf('info', (log) =>
    log.write('info', 'Request refused.', { headers: { Authorization: 'Basic x' } }),
  );
  expect(line?.['headers']).toEqual({ Authorization: '[hidden]' });
});
