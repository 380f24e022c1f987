/** Where the parked messages come in. */
import { topics } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { OnBatch } from '@millrace/platform';
import { Controller } from '@nestjs/common';
import { ParkedIntake } from './parked-intake.ts';

/** The group is that of the raw messages with this name behind it. */
export const parkedPurpose = 'parked';

@Controller()
export class ParkedController {
  readonly #intake: ParkedIntake;

  constructor(intake: ParkedIntake) {
    this.#intake = intake;
  }

  /** A group of its own: whatever these take, raw messages do not wait for them. */
  @OnBatch(topics.parked, { purpose: parkedPurpose })
  parse(batch: RecordBatch): Promise<void> {
    return this.#intake.take(batch);
  }
}
