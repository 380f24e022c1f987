/** The messages of a batch of raw records, each with its place and its recipe, or with the reason why it has none. */
import { asMillraceError, type ErrorCode, MillraceError, type RawBatch, type RawMessage } from '@millrace/contracts';
import type { Standing } from '@millrace/ingest';
import type { RecordBatch } from '@millrace/kafka';
import type { Missing, Recipe } from './recipe.ts';

/** Why a message, or a record, ends as a dead letter. */
export interface Failure {
  readonly code: ErrorCode;
  /** One sentence. */
  readonly detail: string;
}

/** The raw record that a message came in. */
export interface RawOrigin {
  readonly topic: string;
  readonly partition: number;
  /** Decimal. */
  readonly offset: string;
  /** Kafka's time of the record, UTC milliseconds. */
  readonly timestampMs: number;
  /** With what it says beside its messages. */
  readonly raw: RawBatch;
}

export interface TakenMessage {
  readonly message: RawMessage;
  readonly origin: RawOrigin;
  /** Place in its raw record. */
  readonly index: number;
  readonly recipe: Recipe | Missing;
}

/** A message whose recipe is known. */
export interface ParsableMessage extends TakenMessage {
  readonly recipe: Recipe;
}

export interface TakenRecord {
  /** Why it cannot be decoded: then it has no messages. */
  readonly failure: Failure | undefined;
  readonly messages: readonly TakenMessage[];
  readonly stale: StaleMessages;
}

/** What a former owner of the connection wrote: `dropped` is not among the messages, `kept` is, because nobody else receives it. */
export interface StaleMessages {
  readonly dropped: number;
  readonly kept: number;
}

export const noneStale: StaleMessages = { dropped: 0, kept: 0 };

export type RecipeOf = (tenant: string, deviceUid: string) => Recipe | Missing;

/** As `StaleRecords` says it; asked once for each raw record, in the order of its partition. */
export type StandingOf = (partition: number, offset: number, raw: RawBatch) => Standing;

/** One element per record, in order. Throws what is worth trying again. */
export function takeMessages(
  { topic, partition, records }: Pick<RecordBatch, 'topic' | 'partition' | 'records'>,
  decoder: { decode(bytes: Buffer): RawBatch },
  recipeOf: RecipeOf,
  standingOf: StandingOf,
): readonly TakenRecord[] {
  return records.map(({ offset, timestamp, value }) => {
    const raw = decoded(value, decoder);
    if ('code' in raw) return { failure: raw, messages: [], stale: noneStale };
    const standing = standingOf(partition, Number(offset), raw);
    const { length } = raw.messages;
    if (standing === 'stale') return { failure: undefined, messages: [], stale: { dropped: length, kept: 0 } };
    const origin = { topic, partition, offset, timestampMs: Number(timestamp), raw };
    const messages: TakenMessage[] = [];
    for (let index = 0; index < length; index += 1) {
      const message = raw.messages[index]!;
      messages.push({ message, origin, index, recipe: recipeOf(message.tenant, message.deviceUid) });
    }
    const stale = standing === 'shared' ? { dropped: 0, kept: length } : noneStale;
    return { failure: undefined, messages, stale };
  });
}

/** Throws what is worth trying again. */
export function decoded<T extends object>(value: Buffer | null, decoder: { decode(bytes: Buffer): T }): T | Failure {
  try {
    if (value === null) throw new MillraceError('undecodable_record', 'The record has no value.');
    return decoder.decode(value);
  } catch (thrown) {
    const error = asMillraceError(thrown);
    if (error.retry !== 'never') throw thrown;
    return { code: error.code, detail: error.message };
  }
}

export function isParsable(message: TakenMessage): message is ParsableMessage {
  return 'variables' in message.recipe;
}
