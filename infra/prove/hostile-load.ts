/**
 * Beside the load that is compared: a tenant whose scripts attack in every language. Its messages are outside of the hashes,
 * because what a limit stops is not the same twice; but none of them may disappear.
 */
import { hostileDevices, hostileTenant } from '../integrity/hostile-plant.ts';
import { HttpSender } from '../integrity/http-sender.ts';
import { type Identity, Ledger } from '../integrity/ledger.ts';
import type { PlantStack } from '../integrity/plant-stack.ts';
import { type Check, Violations } from './proof.ts';

const requestsPerSecond = 1;
/** In a row, so that the script comes to rest for its device; then as many good ones. */
const attacksInARow = 4;

export class HostileLoad {
  readonly #ledger = new Ledger();
  readonly #seen = new Set<number>();
  readonly #sender: HttpSender;

  constructor({ gateway, hostileKey }: PlantStack) {
    this.#sender = new HttpSender(
      {
        gateway,
        apiKey: hostileKey,
        tenant: hostileTenant,
        devices: hostileDevices,
        rate: requestsPerSecond,
        requestsMax: 1,
        valueOf: (turn) => (turn % (2 * attacksInARow) < attacksInARow ? null : turn),
      },
      this.#ledger,
    );
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#sender.run(signal);
  }

  get sent(): number {
    return this.#ledger.entries.length;
  }

  /** Became points or a dead letter. */
  saw(identity: Identity): void {
    const index = this.#ledger.indexOf(identity);
    if (index !== undefined) this.#seen.add(index);
  }

  check(): Check {
    const violations = new Violations(
      'hostile_lost',
      'Every message of a hostile script became points or a dead letter.',
    );
    for (const [index, { deviceUid, timeMs }] of this.#ledger.entries.entries())
      if (this.#ledger.isAcknowledged(index) && !this.#seen.has(index))
        violations.add(`${deviceUid} ${new Date(timeMs).toISOString()}`);
    return violations.check;
  }
}
