/** What a DingTalk robot answers: `{"errcode", "errmsg"}`, with status 200 also when it refuses. */
import { type ErrorCode, MillraceError } from '@millrace/contracts';
import type { HttpAnswer } from '@millrace/outbound';
import { z } from 'zod';
import { oneLine } from '../plain-text.ts';

/** Its errmsg may be an essay; the ledger keeps its beginning. */
const answerCharsMax = 300;

const answerForm = z.object({ errcode: z.number(), errmsg: z.string().default('') });

/** Too many messages: a minute's 20, or a day's. */
const tooOften: ReadonlySet<number> = new Set([130_101, 660_026, 410_100, 90_030]);

const meanings: Readonly<Record<number, ErrorCode>> = {
  /** Of the security settings: a wrong signature, a clock that is wrong, a missing keyword, a foreign address. */
  310_000: 'configuration_invalid',
  /** There is no such token, or the robot was removed or stopped. */
  300_001: 'configuration_invalid',
  300_005: 'configuration_invalid',
  400_101: 'configuration_invalid',
  400_102: 'configuration_invalid',
  /** The message itself. */
  40_035: 'recipient_rejected',
  430_101: 'recipient_rejected',
  430_102: 'recipient_rejected',
  430_103: 'recipient_rejected',
  430_104: 'recipient_rejected',
};

/** It wants to be left alone. */
export class AskedTooOften extends MillraceError {
  constructor(detail: string) {
    super('channel_unavailable', detail);
  }
}

/** One line for the ledger. Throws what a refusal means; what nobody knows may be over later. */
export function readAnswer({ status, body }: HttpAnswer): string {
  const parsed = answerForm.safeParse(jsonOf(body));
  if (status === 429) throw new AskedTooOften('DingTalk answers 429.');
  if (!parsed.success) throw new MillraceError('channel_unavailable', `DingTalk answers ${status} without an errcode.`);
  const { errcode, errmsg } = parsed.data;
  if (errcode === 0 && status === 200) return oneLine(`errcode 0 ${errmsg}`, answerCharsMax);
  const detail = oneLine(`DingTalk answers ${errcode}: ${errmsg}`, answerCharsMax);
  if (tooOften.has(errcode)) throw new AskedTooOften(detail);
  throw new MillraceError(meanings[errcode] ?? 'channel_unavailable', detail);
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
