/** Brings the connections back when their topic has lost them: what is in memory is all of them. */
import { type Clock, Rounds } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { clientManagerEvents } from '../client-manager-events.ts';
import type { ConnectionStore } from './connection-store.ts';

/** Looking costs nothing. */
const lookMs = 1_000;

export class LostTopic implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #rounds: Rounds;

  constructor(
    store: Pick<ConnectionStore, 'restore'>,
    events: Pick<Emitter<typeof clientManagerEvents>, 'connectionsRestored' | 'publicationFailed'>,
    clock: Clock,
  ) {
    this.#rounds = new Rounds({ pauseMs: lookMs, clock, round: (signal) => restore(store, events, signal) });
  }

  onApplicationBootstrap(): void {
    this.#rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#rounds.stop();
  }
}

async function restore(
  store: Pick<ConnectionStore, 'restore'>,
  events: Pick<Emitter<typeof clientManagerEvents>, 'connectionsRestored' | 'publicationFailed'>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const connections = await store.restore(signal);
    if (connections > 0) events.connectionsRestored({ connections });
  } catch (error) {
    if (!signal.aborted) events.publicationFailed({ error, attempt: 1 });
  }
}
