/** The log of a process: JSON lines on standard output, one line per event. */
import { pino } from 'pino';
import { loggable } from './loggable.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Facts of the line by name, with units in the names; errors under `error`. Secrets are taken out, see `loggable`. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  /** `sentence`: what happened, past tense, with a full stop, always the same for the same event; facts are fields. */
  write(level: LogLevel, sentence: string, fields?: LogFields): void;
}

export interface LogOptions {
  readonly service: string;
  readonly instance: string;
  /** Events below it are dropped. */
  readonly level: LogLevel;
  /** Where the lines go; default: standard output, written at once so that the last line before a crash is there. */
  readonly destination?: { write(line: string): void };
}

export function createLog({ service, instance, level, destination }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: { service, instance },
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
  return {
    write(lineLevel, sentence, fields = {}) {
      if (logger.isLevelEnabled(lineLevel)) logger[lineLevel](loggable(fields), sentence);
    },
  };
}
