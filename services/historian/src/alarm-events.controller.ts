/** Where the alarm events come in. */
import { topics } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { OnBatch } from '@millrace/platform';
import { Controller } from '@nestjs/common';
import { Historian } from './historian.ts';

/** Each fetch with events is a request to QuestDB. */
const fetchIntervalMsMin = 500;

@Controller()
export class AlarmEventsController {
  readonly #historian: Historian;

  constructor(historian: Historian) {
    this.#historian = historian;
  }

  /** A group of its own: its fetches do not wait for those of the points. Only what the evaluator committed. */
  @OnBatch(topics.alarmEvents, {
    purpose: 'alarm-events',
    readCommitted: true,
    intervalMsMin: fetchIntervalMsMin,
  })
  store(batch: RecordBatch): Promise<void> {
    return this.#historian.alarmEvents.store(batch);
  }
}
