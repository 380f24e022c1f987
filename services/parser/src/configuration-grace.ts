/** Gives the configuration time to arrive: a new device may send before its record in the configuration was read here. */
import { deviceKey } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import type { TakenMessage, TakenRecord } from './taken-messages.ts';

/** Configuration travels in well under a second; what is unknown for longer was deleted or never existed. */
export const graceMs = 5_000;
/** What was waited for in vain is not waited for again before this: a deleted device must not stop its partition every time. */
const givenUpMs = 60_000;
/** Beyond it the oldest is forgotten, and would be waited for again. */
const awaitedMax = 10_000;

export class ConfigurationGrace {
  readonly #clock: Clock;
  /** Monotonic time of the first look in vain, by what is missing; in that order. */
  readonly #awaited = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether to wait for what this key names; its time begins with the first call. */
  mayStillArrive(key: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const sinceMs = this.#awaited.get(key);
    if (sinceMs !== undefined && nowMs - sinceMs < givenUpMs) return nowMs - sinceMs < graceMs;
    this.#awaited.delete(key);
    this.#makeRoom();
    this.#awaited.set(key, nowMs);
    return true;
  }

  #makeRoom(): void {
    if (this.#awaited.size < awaitedMax) return;
    const [oldest] = this.#awaited.keys();
    if (oldest !== undefined) this.#awaited.delete(oldest);
  }
}

/** How far the records can be worked off now, and the first message that waits. */
export interface Awaited {
  /** Place of its record, or the number of all. */
  readonly end: number;
  readonly first: { readonly offset: string; readonly missing: string } | undefined;
}

/** Looks at every message, so that the time of all that is missing runs at once. */
export function awaited(taken: readonly TakenRecord[], grace: ConfigurationGrace): Awaited {
  let found: Awaited | undefined;
  for (const [end, { messages }] of taken.entries())
    for (const message of messages) {
      const missing = missingAt(message, grace);
      if (missing !== undefined) found ??= { end, first: { offset: message.origin.offset, missing } };
    }
  return found ?? { end: taken.length, first: undefined };
}

/** What the message waits for; undefined: for nothing. */
function missingAt({ message: { tenant, deviceUid }, recipe }: TakenMessage, grace: ConfigurationGrace) {
  if (!('code' in recipe) || recipe.code === 'tenant_deleted') return undefined;
  return grace.mayStillArrive(`${recipe.code} ${deviceKey(tenant, deviceUid)}`) ? recipe.detail : undefined;
}
