/** Where the points come in. */
import { topics } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { OnBatch } from '@millrace/platform';
import { Controller } from '@nestjs/common';
import { Evaluation } from './evaluation.ts';

/**
 * Every batch may cost a transaction, about 1 ms of CPU whatever its size, so few large ones: under load fetches are this
 * far apart. A mail has two seconds from the frame.
 */
const fetchIntervalMsMin = 400;

@Controller()
export class PointsController {
  readonly #evaluation: Evaluation;

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
  }

  @OnBatch(topics.points, { intervalMsMin: fetchIntervalMsMin })
  evaluate(batch: RecordBatch): Promise<void> {
    return this.#evaluation.evaluate(batch);
  }
}
