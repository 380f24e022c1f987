/** Where the raw messages come in. */
import { topics } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import { OnBatch } from '@millrace/platform';
import { Controller } from '@nestjs/common';
import { RawIntake } from './raw-intake.ts';

/** Latency comes first: a lone message is fetched at once. Under load a fetch is full of what arrived during the last one. */
const fetchBytesMin = 1;

@Controller()
export class RawController {
  readonly #intake: RawIntake;

  constructor(intake: RawIntake) {
    this.#intake = intake;
  }

  @OnBatch(topics.raw, { bytesMin: fetchBytesMin })
  parse(batch: RecordBatch): Promise<void> {
    return this.#intake.take(batch);
  }
}
