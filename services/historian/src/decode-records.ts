/** Records to values; one that cannot be read is named and does not hold up the others. */
import { asMillraceError, MillraceError } from '@millrace/contracts';
import type { ConsumedRecord } from '@millrace/kafka';
import type { RecordFailure } from './contribution.ts';

export interface ValueDecoder<T> {
  decode(bytes: Buffer): T;
}

/**
 * Calls `take` for each record that can be read, in order; what `decode` or `take` throw for good makes the record a
 * failure. Throws what is worth trying again, but looks at all records first: what is missing is asked for at once.
 */
export function decodeRecords<T>(
  records: readonly ConsumedRecord[],
  decoder: ValueDecoder<T>,
  take: (value: T, recordIndex: number) => void,
): readonly RecordFailure[] {
  const failures: RecordFailure[] = [];
  let later: MillraceError | undefined;
  for (const [recordIndex, { value }] of records.entries())
    try {
      if (value === null) throw new MillraceError('undecodable_record', 'The record has no value.');
      take(decoder.decode(value), recordIndex);
    } catch (thrown) {
      const error = asMillraceError(thrown);
      if (error.retry === 'never') failures.push({ recordIndex, code: error.code, reason: error.message });
      else later ??= error;
    }
  if (later) throw later;
  return failures;
}
