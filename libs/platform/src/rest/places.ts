/** How many answers that last may run at a time: in all, and of one tenant, which must not take the places of the others. */
import { MillraceError } from '@millrace/contracts';
import { whenAborted } from './client-gone.ts';

export interface PlacesLimits {
  readonly max: number;
  readonly ofTenantMax: number;
  /** What a client reads who finds none. */
  readonly refusal: string;
}

export class Places {
  readonly #limits: PlacesLimits;
  readonly #taken = new Map<string, number>();

  constructor(limits: PlacesLimits) {
    this.#limits = limits;
  }

  get taken(): number {
    return [...this.#taken.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Takes a place until `gone`. Throws `overloaded`. */
  enter(tenant: string, gone: AbortSignal): void {
    const { max, ofTenantMax, refusal } = this.#limits;
    const own = this.#taken.get(tenant) ?? 0;
    if (own >= ofTenantMax || this.taken >= max) throw new MillraceError('overloaded', refusal);
    this.#taken.set(tenant, own + 1);
    whenAborted(gone, () => this.#leave(tenant));
  }

  #leave(tenant: string): void {
    const left = (this.#taken.get(tenant) ?? 1) - 1;
    if (left > 0) this.#taken.set(tenant, left);
    else this.#taken.delete(tenant);
  }
}
