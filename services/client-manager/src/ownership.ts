/**
 * Which connections this instance runs. The fleet asks and obeys: it opens what became ours and closes what is not ours
 * any more. One instance for now, which owns all of them; with leases another implementation answers here, and nothing
 * below changes.
 */
export interface Ownership {
  /** Counts the changes of what `epochOf` answers. */
  readonly version: number;
  /** The epoch under which this instance owns the connection; undefined: it does not. Key: `tenant/connectionId`. */
  epochOf(connectionKey: string): number | undefined;
}

/** As long as nobody else can be the owner there are no claims, and so no epochs: their place in raw records holds -1. */
const withoutClaim = -1;

/** The only instance. */
export class SoleOwnership implements Ownership {
  readonly version = 0;

  epochOf(): number {
    return withoutClaim;
  }
}
