/** A points intake over a store, letters and time that a test commands. */
import { Configuration } from '@millrace/config';
import { type DataRowList, MillraceError } from '@millrace/contracts';
import type { DeadLetter } from '@millrace/kafka';
import { WorkInProgress } from '@millrace/kernel';
import { Accounting } from '@millrace/observe';
import { ManualClock } from '@millrace/testkit';
import { PointsIntake } from '../points-intake.ts';
import { TableStore } from '../table-store.ts';
import { TenantTables } from '../tenant-tables.ts';
import { silentEvents } from './silent-events.ts';
import { jsonDecoder } from './test-batch.ts';

/** The time of the test: that of the lists of `dataRowList`, and a little. */
const startMs = 1_760_000_001_000;

export class TestIntake {
  readonly clock = new ManualClock(startMs);
  readonly configuration = new Configuration();
  readonly accounting = new Accounting('historian', 'test');
  readonly work = new WorkInProgress();
  readonly letters: DeadLetter[] = [];
  /** Each flush that was stored. */
  readonly flushes: DataRowList[][] = [];
  /** Devices whose rows QuestDB refuses. */
  readonly refused = new Set<string>();
  away = false;
  readonly intake: PointsIntake;

  constructor() {
    this.configuration.apply('tenants', 'acme', {
      tenant: 'acme',
      name: 'Acme',
      retentionClass: '90d',
      ownTable: false,
      state: 'active',
      quotas: null,
    });
    const events = silentEvents();
    const { clock } = this;
    this.intake = new PointsIntake({
      decoder: jsonDecoder,
      tables: new TenantTables({
        configuration: this.configuration,
        open: ({ name }) =>
          new TableStore({
            table: name,
            newWriter: () => ({ write: (lists) => this.#write(lists) }),
            ensure: () => Promise.resolve(),
            onStored: () => undefined,
            events,
            clock,
          }),
        clock,
      }),
      letters: {
        write: (letters) => {
          this.letters.push(...letters);
          return Promise.resolve();
        },
      },
      hop: this.accounting.hop('store'),
      work: this.work,
      events,
      clock,
    });
  }

  /** Devices of all stored lists, in order. */
  get storedDevices(): readonly string[] {
    return this.flushes.flat().map(({ deviceUid }) => deviceUid);
  }

  #write(lists: readonly DataRowList[]) {
    if (this.away) return Promise.reject(new MillraceError('store_unavailable', 'QuestDB could not be reached.'));
    this.flushes.push(lists.filter(({ deviceUid }) => !this.refused.has(deviceUid)));
    const rejections = [...lists.entries()].filter(([, { deviceUid }]) => this.refused.has(deviceUid));
    return Promise.resolve(rejections.map(([index]) => ({ index, reason: 'QuestDB refused the row.' })));
  }
}
