/** Dead letters of the parser: the one message in a raw record of its own, or the record's bytes when it cannot be read. */
import { deviceKey, type ErrorCode, type RawBatch } from '@millrace/contracts';
import type { DeadLetter, RecordBatch } from '@millrace/kafka';
import type { Failure, TakenMessage } from './taken-messages.ts';

export interface RawEncoder {
  encode(value: RawBatch): Buffer;
}

/** Names the place in the raw topic, whichever way the message took since. */
export function letterOfMessage(
  { message, origin: { topic, partition, offset, raw }, index, recipe }: TakenMessage,
  { code, detail }: Failure,
  encoder: RawEncoder,
  timestampMs: number,
): DeadLetter {
  return {
    topic,
    partition,
    offset,
    index,
    key: deviceKey(message.tenant, message.deviceUid),
    value: encoder.encode({ ...raw, messages: [message] }),
    code,
    message: detail,
    stage: stageOf(code),
    script: 'scriptVersion' in recipe && recipe.script ? recipe.scriptVersion : undefined,
    attempt: 1,
    timestampMs,
  };
}

function stageOf(code: ErrorCode): string {
  if (code === 'quota_exceeded') return 'parser.quota';
  return code.startsWith('unknown_') ? 'parser.configuration' : 'parser.script';
}

export function letterOfRecord(
  { topic, partition, records }: Pick<RecordBatch, 'topic' | 'partition' | 'records'>,
  recordIndex: number,
  { code, detail }: Failure,
  timestampMs: number,
): DeadLetter {
  const { offset, key, value } = records[recordIndex]!;
  const stage = 'parser.decode';
  return { topic, partition, offset, index: null, key, value, code, message: detail, stage, attempt: 1, timestampMs };
}
