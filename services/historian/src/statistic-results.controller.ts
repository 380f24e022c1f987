/** Where the results of statistics come in. */
import { topics } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { OnBatch } from '@millrace/platform';
import { Controller } from '@nestjs/common';
import { Historian } from './historian.ts';

/** Each fetch with results is a request to QuestDB. */
const fetchIntervalMsMin = 500;

@Controller()
export class StatisticResultsController {
  readonly #historian: Historian;

  constructor(historian: Historian) {
    this.#historian = historian;
  }

  /** A group of its own: its fetches do not wait for those of the points. */
  @OnBatch(topics.statisticResults, { purpose: 'statistic-results', intervalMsMin: fetchIntervalMsMin })
  store(batch: RecordBatch): Promise<void> {
    return this.#historian.statisticResults.store(batch);
  }
}
