/** What the topics of a stack hold at the end: every message on its way, and the distinct records of what was made of them. */
import {
  type ConnectionClaim,
  type DataRowList,
  deadLetterTopicOf,
  type RawBatch,
  type RawMessage,
  topics,
} from '@millrace/contracts';
import { StaleRecords } from '@millrace/ingest';
import { type AvroCodec, connectRegistry, type ConsumedRecord, type Registry } from '@millrace/kafka';
import { hostileTenant } from '../integrity/hostile-plant.ts';
import type { Identity } from '../integrity/ledger.ts';
import { signal as signalName } from '../integrity/plant.ts';
import { eachBatch } from '../integrity/read-topic.ts';
import type { Stack } from '../stack/index.ts';
import { DistinctRecords } from './distinct-records.ts';
import type { HostileLoad } from './hostile-load.ts';
import type { Journey } from './journey.ts';

export interface Recorded {
  readonly points: DistinctRecords;
  readonly deadLetters: DistinctRecords;
  readonly alarmEvents: DistinctRecords;
  /** In the raw topic, those that their senders sent again included. */
  readonly rawMessages: number;
  /** Of these, what former owners of connections wrote behind the fences of the next ones. */
  readonly staleMessages: number;
}

/** Tells the journey and the hostile load, where they are given, what it finds; what the hostile load sent is not in the outcome. */
export async function readRecorded(stack: Stack, journey?: Journey, hostile?: HostileLoad): Promise<Recorded> {
  const registry = connectRegistry({ url: stack.address('registry') });
  const raw = await registry.codec<RawBatch>(topics.raw);
  const lists = await registry.codec<DataRowList>(topics.points);
  const rawCounts = journey ? await readRaw(stack, raw, await readClaims(stack, registry), journey) : noMessages;
  const points = await readDistinct(stack, topics.points.name, (record, first) => {
    const list = lists.decode(record.value!);
    if (list.tenant === hostileTenant) return hostile?.saw(identityOf(list));
    if (first(`${list.messageId.toString('hex')}/${list.part}`)) journey?.sawPoint(entryOf(list));
  });
  const deadLetters = await readDistinct(stack, deadLetterTopicOf(topics.raw.name), (record, first) => {
    const { messages } = raw.decode(record.value!);
    if (messages.some(({ tenant }) => tenant === hostileTenant)) return hostile?.saw(identityOf(messages[0]!));
    const place = ['partition', 'offset', 'index'].map((name) => String(record.headers?.[`errors.${name}`]));
    if (!first(place.join('/'))) return;
    for (const message of messages) journey?.saw('deadLetters', identityOf(message));
  });
  const alarmEvents = await readDistinct(stack, topics.alarmEvents.name, (record, first) => {
    first(String(record.headers?.['ce_id']));
  });
  return { points, deadLetters, alarmEvents, ...rawCounts };
}

type RawCounts = Pick<Recorded, 'rawMessages' | 'staleMessages'>;

const noMessages: RawCounts = { rawMessages: 0, staleMessages: 0 };

async function readRaw(
  stack: Stack,
  codec: AvroCodec<RawBatch>,
  stale: StaleRecords,
  journey: Journey,
): Promise<RawCounts> {
  let [rawMessages, staleMessages] = [0, 0];
  await eachBatch(stack, topics.raw.name, (partition, records) => {
    for (const { value, offset } of records) {
      const batch = codec.decode(value!);
      const isStale = stale.standingOf(partition, Number(offset), batch) === 'stale';
      for (const message of batch.messages) {
        if (message.tenant === hostileTenant) continue;
        rawMessages += 1;
        if (isStale) staleMessages += 1;
        else journey.saw('raw', identityOf(message));
      }
    }
  });
  return { rawMessages, staleMessages };
}

async function readClaims(stack: Stack, registry: Registry): Promise<StaleRecords> {
  const codec = await registry.codec<ConnectionClaim>(topics.connectionClaims);
  const stale = new StaleRecords();
  await eachBatch(stack, topics.connectionClaims.name, (_partition, records) => {
    for (const { key, value, offset } of records)
      stale.learn(String(key), value && codec.decode(value), Number(offset));
  });
  return stale;
}

/** `first` adds the record under its identity and says whether it is the first of it. */
type OnRecord = (record: ConsumedRecord, first: (identity: string) => boolean) => void;

async function readDistinct(stack: Stack, topic: string, onRecord: OnRecord): Promise<DistinctRecords> {
  const distinct = new DistinctRecords();
  await eachBatch(stack, topic, (_partition, records) => {
    for (const record of records)
      onRecord(record, (identity) => distinct.add(String(record.key), identity, bytesOf(record)));
  });
  return distinct;
}

/** Key and value: everything that a subscriber sees of a record and that is not about the writing itself. */
const bytesOf = ({ key, value }: ConsumedRecord): Buffer =>
  Buffer.concat([key ?? Buffer.alloc(0), Buffer.from([0]), value ?? Buffer.alloc(0)]);

const identityOf = ({
  tenant,
  deviceUid,
  timeMicros,
}: Pick<RawMessage, 'tenant' | 'deviceUid' | 'timeMicros'>): Identity => ({
  tenant,
  deviceUid,
  timeMs: (timeMicros ?? 0) / 1_000,
});

function entryOf({ tenant, deviceUid, timeMicros, rows }: DataRowList) {
  const value = rows.find(({ name }) => name === signalName)?.value;
  return { tenant, deviceUid, timeMs: timeMicros / 1_000, value: typeof value === 'number' ? value : null };
}
