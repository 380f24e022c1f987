/** Where the points come in. */
import { topics } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { OnBatch } from '@millrace/platform';
import { Controller } from '@nestjs/common';
import { Evaluation } from './evaluation.ts';

/**
 * Every batch may cost a transaction, about 1 ms of CPU whatever its size, so few large ones: a fetch waits this long unless
 * there is plenty already. A mail has two seconds from the frame.
 */
const fetchWaitMsMax = 200;
const fetchBytesMin = 512 * 1024;

@Controller()
export class PointsController {
  readonly #evaluation: Evaluation;

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
  }

  @OnBatch(topics.points, { bytesMin: fetchBytesMin, waitMsMax: fetchWaitMsMax })
  evaluate(batch: RecordBatch): Promise<void> {
    return this.#evaluation.evaluate(batch);
  }
}
