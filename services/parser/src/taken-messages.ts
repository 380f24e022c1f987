/** The messages of a batch of raw records, each with its place and its recipe, or with the reason why it has none. */
import { asMillraceError, type ErrorCode, MillraceError, type RawBatch, type RawMessage } from '@millrace/contracts';
import type { ConsumedRecord } from '@millrace/kafka';
import type { Missing, Recipe } from './recipe.ts';

/** Why a message, or a record, ends as a dead letter. */
export interface Failure {
  readonly code: ErrorCode;
  /** One sentence. */
  readonly detail: string;
}

export interface TakenMessage {
  readonly message: RawMessage;
  /** Place of its record in the batch. */
  readonly recordIndex: number;
  /** Place in its record. */
  readonly index: number;
  readonly recipe: Recipe | Missing;
}

export interface TakenRecord {
  /** As decoded; or why it cannot be. */
  readonly raw: RawBatch | Failure;
  readonly messages: readonly TakenMessage[];
}

export interface TakingParts {
  readonly decoder: { decode(bytes: Buffer): RawBatch };
  readonly recipeOf: (tenant: string, deviceUid: string) => Recipe | Missing;
}

/** One element per record, in order. Throws what is worth trying again. */
export function takeMessages(records: readonly ConsumedRecord[], parts: TakingParts): readonly TakenRecord[] {
  return records.map(({ value }, recordIndex) => {
    const raw = rawOf(value, parts.decoder);
    const messages: TakenMessage[] = [];
    if ('messages' in raw)
      for (let index = 0; index < raw.messages.length; index += 1) {
        const message = raw.messages[index]!;
        messages.push({ message, recordIndex, index, recipe: parts.recipeOf(message.tenant, message.deviceUid) });
      }
    return { raw, messages };
  });
}

function rawOf(value: Buffer | null, decoder: TakingParts['decoder']): RawBatch | Failure {
  try {
    if (value === null) throw new MillraceError('undecodable_record', 'The record has no value.');
    return decoder.decode(value);
  } catch (thrown) {
    const error = asMillraceError(thrown);
    if (error.retry !== 'never') throw thrown;
    return { code: error.code, detail: error.message };
  }
}
