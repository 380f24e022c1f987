/** Nest's own messages in our log: what it tells of its routes is for debugging, its complaints are not. */
import type { Log, LogLevel } from '@millrace/observe';
import type { LoggerService } from '@nestjs/common';

export class NestLog implements LoggerService {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  log(message: unknown, ...details: readonly unknown[]): void {
    this.#write('debug', message, details);
  }

  debug(message: unknown, ...details: readonly unknown[]): void {
    this.#write('debug', message, details);
  }

  warn(message: unknown, ...details: readonly unknown[]): void {
    this.#write('warn', message, details);
  }

  error(message: unknown, ...details: readonly unknown[]): void {
    this.#write('error', message, details);
  }

  #write(level: LogLevel, message: unknown, details: readonly unknown[]): void {
    this.#log.write(level, 'Nest said something.', { message, details });
  }
}
