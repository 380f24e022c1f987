/** Where the raw messages come in. */
import { topics } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { OnBatch } from '@millrace/platform';
import { Controller } from '@nestjs/common';
import { RawIntake } from './raw-intake.ts';

/**
 * A lone message is fetched at once; under load fetches are this far apart, because each costs a batch per partition, a call of
 * every script and a commit, whatever is in it.
 */
const fetchIntervalMsMin = 100;

@Controller()
export class RawController {
  readonly #intake: RawIntake;

  constructor(intake: RawIntake) {
    this.#intake = intake;
  }

  @OnBatch(topics.raw, { intervalMsMin: fetchIntervalMsMin })
  parse(batch: RecordBatch): Promise<void> {
    return this.#intake.take(batch);
  }
}
