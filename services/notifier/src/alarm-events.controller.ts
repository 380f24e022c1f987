/** Where the alarm events come in. */
import { topics } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { OnBatch } from '@millrace/platform';
import { Controller } from '@nestjs/common';
import { LedgerTopic } from './ledger-topic.ts';
import { Notifier } from './notifier.ts';

/** A lone event is told at once; in a storm of them fetches are this far apart. A mail has two seconds from its frame. */
const fetchIntervalMsMin = 200;

/** Some hundred events: each may have as many recipients, all of which are held in memory for the length of a batch. */
const fetchBytesMax = 128 * 1024;

@Controller()
export class AlarmEventsController {
  readonly #notifier: Notifier;
  readonly #ledger: LedgerTopic;

  constructor(notifier: Notifier, ledger: LedgerTopic) {
    this.#notifier = notifier;
    this.#ledger = ledger;
  }

  @OnBatch(topics.alarmEvents, {
    intervalMsMin: fetchIntervalMsMin,
    bytesMax: fetchBytesMax,
    readCommitted: true,
  })
  async notify(batch: RecordBatch): Promise<void> {
    await this.#ledger.caughtUp(batch.signal);
    await this.#notifier.notify(batch);
  }
}
