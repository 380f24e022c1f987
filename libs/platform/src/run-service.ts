/** The main function of every service process: starts it, ends it on a signal, and ends it when it cannot go on. */
import { MillraceError } from '@millrace/contracts';
import { createLog, type Log } from '@millrace/observe';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { launchVariables } from './launch-variables.ts';
import { type ServiceDefinition, startService } from './start-service.ts';

/** An orchestrator kills after 30 s; what hangs until then would end without a line about it. */
const shutdownMsMax = 20_000;

const endSignals = ['SIGTERM', 'SIGINT'] as const;

/** Resolves when the service is ready. One that cannot start ends the process with code 1 and one line that says why. */
export async function runService(definition: ServiceDefinition): Promise<NestFastifyApplication> {
  const log = createLog({ service: definition.name, instance: String(process.pid), level: 'error' });
  const ending = new Ending(log);
  process.on('uncaughtException', (error) => ending.now('The process failed.', { error }));
  const waiting = new AbortController();
  const stopWaiting = (): void => waiting.abort(new Error('The process was told to end before it had started.'));
  for (const name of endSignals) process.on(name, stopWaiting);
  try {
    const started = await startService(definition, {
      variables: launchVariables(process.argv.slice(2), process.env),
      onCrash: (error) => void ending.afterClosing('A consumer ended for good.', { error }),
      signal: waiting.signal,
    });
    for (const name of endSignals) process.off(name, stopWaiting).on(name, () => ending.watch());
    started.app.enableShutdownHooks([...endSignals], { useProcessExit: true });
    ending.app = started.app;
    started.log.write('info', 'The service is ready.', { url: started.url });
    return started.app;
  } catch (error) {
    if (error instanceof MillraceError) ending.now(error.message, { code: error.code, errors: error.errors });
    return ending.now('The service did not start.', { error });
  }
}

/** The ways a process ends with an error. */
class Ending {
  readonly #log: Log;
  /** Closed before an end that leaves time for it. */
  app: NestFastifyApplication | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  now(sentence: string, fields: Readonly<Record<string, unknown>>): never {
    this.#log.write('error', sentence, fields);
    process.exit(1);
  }

  /** What else the process does is finished and committed, in limited time. */
  async afterClosing(sentence: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    this.#log.write('error', sentence, fields);
    this.watch();
    await this.app?.close().catch(() => undefined);
    process.exit(1);
  }

  /** Ends a shutdown that hangs. */
  watch(): void {
    const sentence = 'The shutdown took too long.';
    setTimeout(() => this.now(sentence, { shutdownMsMax }), shutdownMsMax).unref();
  }
}
