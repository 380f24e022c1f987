/** Where the points come in. */
import { topics } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { OnBatch } from '@millrace/platform';
import { Controller } from '@nestjs/common';
import { Historian } from './historian.ts';

/**
 * A flush costs QuestDB the same for few rows as for thousands, so under load fetches are half a second apart, which is
 * some 25,000 rows at the standard load. All partitions of a fetch share its flushes. A fetch is decoded as a whole, so its largest size is the memory that reading a backlog takes: about 100 MB.
 */
const fetch = {
  intervalMsMin: 500,
  bytesMax: 1_024 * 1_024,
  concurrency: topics.points.partitions,
};

@Controller()
export class PointsController {
  readonly #historian: Historian;

  constructor(historian: Historian) {
    this.#historian = historian;
  }

  @OnBatch(topics.points, fetch)
  store(batch: RecordBatch): Promise<void> {
    return this.#historian.points.store(batch);
  }
}
