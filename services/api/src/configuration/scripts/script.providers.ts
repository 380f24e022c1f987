/** What tries scripts. */
import { systemClock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import type { Provider } from '@nestjs/common';
import { type apiEvents, EVENTS } from '../../api-events.ts';
import { ScriptPublishing } from './script-publishing.ts';
import { ScriptRunner } from './script-runner.ts';

export const scriptProviders: Provider[] = [
  { provide: ScriptRunner, useFactory: () => new ScriptRunner(systemClock) },
  {
    provide: ScriptPublishing,
    inject: [ScriptRunner, EVENTS],
    useFactory: (runner: ScriptRunner, events: Emitter<typeof apiEvents>) =>
      new ScriptPublishing({ runner, events, clock: systemClock }),
  },
];
