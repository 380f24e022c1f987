/**
 * Evidence that a process holds unfinished work. A message service says so itself, a moment before it is struck. What has
 * no messages of its own is frozen first and then seen through those who use it: what they had begun before and cannot
 * finish now is held by it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlantStack } from '../integrity/plant-stack.ts';
import type { ApiReader } from './api-reader.ts';

/** What its users had begun is with it, or done, after this time: batches linger for 20 ms at most. */
const settleMs = 60;

export interface HeldWork {
  readonly amount: number;
  readonly text: string;
}

/** A first look. `frozen` is called when the process is frozen, and tells what it holds then. */
export interface Sighting {
  frozen(): Promise<HeldWork>;
}

/** By component: the services that wait for it with messages. */
const usersOf: Readonly<Record<string, readonly string[]>> = {
  kafka: ['gateway', 'client-manager', 'parser'],
  questdb: ['historian'],
};

/** Seen through people who wait for the api's answer. */
const askedFor: readonly string[] = ['api', 'redis'];

export class WorkWatch {
  readonly #plant: PlantStack;
  readonly #reader: ApiReader;

  constructor(plant: PlantStack, reader: ApiReader) {
    this.#plant = plant;
    this.#reader = reader;
  }

  /** Undefined: nothing is to be seen at this moment. */
  async look(victim: string, name: string): Promise<Sighting | undefined> {
    if (askedFor.includes(name)) return this.#questions(name);
    const users = usersOf[name];
    return users ? this.#messagesOfUsers(name, users) : this.#ownMessages(victim);
  }

  #questions(name: string): Sighting | undefined {
    const sinceMs = performance.now();
    if (this.#reader.openSince(sinceMs) === 0) return undefined;
    return {
      frozen: async () => {
        await sleep(settleMs);
        const amount = this.#reader.openSince(sinceMs);
        return { amount, text: counted(amount, 'question', name === 'api' ? 'to it' : 'waiting for it in the api') };
      },
    };
  }

  async #ownMessages(instance: string): Promise<Sighting | undefined> {
    const amount = (await this.#countsOf([instance])).reduce((sum, { inFlight }) => sum + inFlight, 0);
    if (amount === 0) return undefined;
    return { frozen: () => Promise.resolve({ amount, text: counted(amount, 'message', 'in it') }) };
  }

  async #messagesOfUsers(component: string, users: readonly string[]): Promise<Sighting | undefined> {
    const instances = this.#plant.stack.processes
      .filter(({ name, ready }) => ready && users.includes(name))
      .map(({ instance }) => instance);
    const before = await this.#countsOf(instances);
    if (before.every(({ inFlight }) => inFlight === 0)) return undefined;
    return {
      frozen: async () => {
        await sleep(settleMs);
        const after = await this.#countsOf(instances);
        const amount = before.reduce((sum, one) => sum + stillInFlight(one, after), 0);
        return { amount, text: counted(amount, 'message', `waiting for ${component}`) };
      },
    };
  }

  async #countsOf(instances: readonly string[]): Promise<readonly HopCount[]> {
    const reports = await Promise.all(instances.map((instance) => this.#plant.accounting(instance)));
    return reports.flatMap((report) =>
      (report?.hops ?? []).map(({ hop, in: taken, inFlight }) => {
        return { name: `${report?.instance} ${hop}`, inFlight, ended: taken - inFlight };
      }),
    );
  }
}

interface HopCount {
  readonly name: string;
  readonly inFlight: number;
  /** Messages that had their end. */
  readonly ended: number;
}

/** Messages have their ends in order, so those that ended since were the first of what was in flight. */
function stillInFlight(before: HopCount, after: readonly HopCount[]): number {
  const now = after.find(({ name }) => name === before.name);
  return now ? Math.max(0, before.inFlight - (now.ended - before.ended)) : 0;
}

const counted = (amount: number, what: string, where: string): string =>
  `${amount} ${what}${amount === 1 ? '' : 's'} ${where}`;
