/** One pass over the register map: few requests, and what fails does not hide the rest. */
import type { ConnectorEvents } from '../connector.ts';
import type { ModbusConnection } from './connection.ts';
import { Refusal } from './frames.ts';
import { apart, type Block, planReads } from './register-map.ts';
import type { ModbusSettings } from './settings.ts';
import { type Value, valuesOf } from './values.ts';

export interface PassResult {
  /** In the order of the requests. */
  readonly values: readonly (readonly [name: string, value: Value])[];
  /** Why some are missing; undefined: none is. */
  readonly failure: Refusal | undefined;
}

export class Reading {
  readonly #events: Pick<ConnectorEvents, 'readsFailed'>;
  #plan: readonly Block[];
  /** Names of what failed in the pass before. */
  #failedBefore = '';

  constructor(
    { registers, gapMax }: Pick<ModbusSettings, 'registers' | 'gapMax'>,
    events: Pick<ConnectorEvents, 'readsFailed'>,
  ) {
    this.#plan = planReads(registers, gapMax);
    this.#events = events;
  }

  /** Throws the reason for which the connection is over. */
  async read(connection: ModbusConnection): Promise<PassResult> {
    const values: (readonly [string, Value])[] = [];
    const failed: string[] = [];
    let failure: Refusal | undefined;
    const next: Block[] = [];
    const pending = [...this.#plan];
    for (let block = pending.shift(); block; block = pending.shift()) {
      try {
        values.push(...valuesOf(block, await connection.read(block)));
        next.push(block);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (error.byAddress && block.registers.length > 1) {
          pending.unshift(...apart(block));
          continue;
        }
        failure = error;
        failed.push(...block.registers.map(({ name }) => name));
        next.push(block);
      }
    }
    // A block that was taken apart stays so: the machine would refuse it again.
    this.#plan = next;
    this.#tell(failed, failure);
    return { values, failure };
  }

  #tell(failed: readonly string[], failure: Refusal | undefined): void {
    const names = failed.join();
    const changed = names !== this.#failedBefore;
    this.#failedBefore = names;
    if (!failure) return;
    const example = `${failed[0]}: ${failure.message}`;
    this.#events.readsFailed({ code: failure.code, registers: failed.length, example, changed });
  }
}
