/** Where the raw messages come in. */
import { topics } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { OnBatch } from '@millrace/platform';
import { Controller } from '@nestjs/common';
import { RawIntake } from './raw-intake.ts';

/**
 * A fetch waits this long for company, unless there are some thousand messages: each costs twelve batches, ten scripts and
 * a commit, whatever is in it.
 */
const fetchWaitMsMax = 30;
const fetchBytesMin = 128 * 1024;

@Controller()
export class RawController {
  readonly #intake: RawIntake;

  constructor(intake: RawIntake) {
    this.#intake = intake;
  }

  @OnBatch(topics.raw, { bytesMin: fetchBytesMin, waitMsMax: fetchWaitMsMax })
  parse(batch: RecordBatch): Promise<void> {
    return this.#intake.take(batch);
  }
}
