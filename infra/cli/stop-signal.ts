/** The wish of a person or a supervisor that this process ends. */
import { UserError } from '../stack/user-error.ts';

/** Fires at the first Ctrl-C, SIGTERM or closed terminal; the second one ends the process at once, and with it all children. */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    const exitCode = signal === 'SIGINT' ? 130 : 143;
    if (stopping.signal.aborted) process.exit(exitCode);
    stopping.abort(new UserError(`Stopped by ${signal}.`, { exitCode }));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return stopping.signal;
}
