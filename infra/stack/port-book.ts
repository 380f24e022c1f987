/** The ports of one stack by name. `ports.json` in the data folder keeps them, so that addresses stay the same. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.ts';
import { portOf } from './component.ts';
import { PortClaims } from './port-claims.ts';
import { chooseFreePorts, portsFromBase, randomPortBase, type Ports } from './ports.ts';

export interface PortWishes {
  /** Exactly the ports from here on. */
  readonly portBase?: number | undefined;
  /** Free ones from here on; random unless given. */
  readonly portsFrom?: number;
}

export class PortBook {
  readonly #file: string;
  readonly #wishes: PortWishes;
  readonly #claims = new PortClaims();
  #remembered: Ports;
  #chosen: Ports = {};

  constructor(dataDir: string, wishes: PortWishes) {
    this.#file = join(dataDir, 'ports.json');
    this.#wishes = wishes;
    this.#remembered = existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, 'utf8')) as Ports) : {};
  }

  get all(): Ports {
    return this.#chosen;
  }

  of(name: string): number {
    return portOf(this.#chosen, name);
  }

  some(names: readonly string[]): Ports {
    return Object.fromEntries(names.map((name) => [name, this.of(name)]));
  }

  /** Adds ports for those of the names that have none. A UserError says which port is in use. */
  async choose(wanted: readonly string[]): Promise<void> {
    const { portBase, portsFrom } = this.#wishes;
    const names = wanted.filter((name) => !Object.hasOwn(this.#chosen, name));
    const claim = (port: number): Promise<boolean> => this.#claims.claim(port);
    const choice = { names, remembered: this.#remembered, from: portsFrom ?? randomPortBase() };
    const more =
      portBase === undefined
        ? await chooseFreePorts(choice, claim)
        : await portsFromBase(names, portBase + Object.keys(this.#chosen).length, claim);
    this.#chosen = { ...this.#chosen, ...more };
    this.#remembered = { ...this.#remembered, ...more };
    writeAtomically(this.#file, `${JSON.stringify(this.#remembered, null, 2)}\n`);
  }

  /** Others may have them. */
  release(): void {
    this.#claims.release();
  }
}
