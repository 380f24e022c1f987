/** Whether the process should get work: every named check says so, it has started and is not stopping. */
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

/** Why there should be no work, as one sentence; undefined: there is no reason. Asked by every probe, so it must not wait. */
export type ReadinessCheck = () => string | undefined;

@Injectable()
export class Readiness implements OnModuleDestroy {
  readonly #checks = new Map<string, ReadinessCheck>();
  #state: 'starting' | 'started' | 'stopping' = 'starting';
  #step = 'begins';

  /** Throws when the name is taken. */
  add(name: string, check: ReadinessCheck): void {
    if (this.#checks.has(name)) throw new Error(`There is a readiness check ${name} already.`);
    this.#checks.set(name, check);
  }

  /** What a start is busy with, as the end of "The service is starting: it ...". */
  starts(step: string): void {
    this.#step = step;
  }

  /** Called once the service consumes and listens. */
  started(): void {
    this.#state = 'started';
  }

  /** The first thing that happens when the service stops. */
  onModuleDestroy(): void {
    this.#state = 'stopping';
  }

  /** Reasons by the name of the check; none: ready. */
  reasons(): Readonly<Record<string, string>> {
    if (this.#state === 'starting') return { service: `The service is starting: it ${this.#step}.` };
    if (this.#state === 'stopping') return { service: 'The service is stopping.' };
    const reasons: Record<string, string> = {};
    for (const [name, check] of this.#checks) {
      const reason = check();
      if (reason !== undefined) reasons[name] = reason;
    }
    return reasons;
  }
}
