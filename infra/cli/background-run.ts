/** The process behind `up --detach`; gets its wishes as JSON and tells its parent how the start goes. */
import { once } from 'node:events';
import { UserError } from '../stack/user-error.ts';
import { type StartMessage } from './background.ts';
import { serveControl } from './control.ts';
import { startPlatform, type PlatformWishes } from './platform-run.ts';
import { type Steps } from './step.ts';
import { stopSignal } from './stop-signal.ts';

const steps: Steps = {
  step(title, work) {
    tell({ kind: 'progress', text: title.toLowerCase() });
    return work((text) => tell({ kind: 'progress', text }));
  },
};

const signal = stopSignal();
try {
  const stack = await startPlatform(JSON.parse(process.argv[2] ?? '') as PlatformWishes, steps, signal);
  const control = await serveControl(stack);
  tell({ kind: 'ready' });
  if (!signal.aborted) await once(signal, 'abort');
  control.close();
  await stack.stop();
} catch (error) {
  if (!(error instanceof UserError)) console.error(error);
  const sentence = error instanceof UserError ? error.message : `The start failed unexpectedly: ${String(error)}`;
  tell({ kind: 'failed', sentence });
  process.exitCode = 1;
}
if (process.connected) process.disconnect();

function tell(message: StartMessage): void {
  if (process.connected) process.send?.(message);
}
