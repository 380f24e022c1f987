/** An intake whose neighbours obey the test. */
import {
  type DataRowList,
  MillraceError,
  type ParkedBatch,
  type RawBatch,
  type RawMessage,
  type TenantConfig,
} from '@millrace/contracts';
import { StaleRecords } from '@millrace/ingest';
import type { DeadLetter, OutgoingRecord, RecordBatch } from '@millrace/kafka';
import { Accounting } from '@millrace/observe';
import { PointsGate, RateQuota } from '@millrace/quotas';
import { plainOrigin } from '@millrace/sandbox';
import { anyDevice, ManualClock } from '@millrace/testkit';
import { ConfigurationGrace } from '../configuration-grace.ts';
import { ParkedDevices } from '../parked-devices.ts';
import { RawIntake, type RawIntakeParts } from '../raw-intake.ts';
import type { Recipe } from '../recipe.ts';
import type { Parsed } from '../script-calls.ts';
import { SlowScripts } from '../slow-scripts.ts';
import { rawBatch, rawMessage } from './raw-messages.ts';
import { silentEvents } from './silent-events.ts';

/** Text is the wire here: Avro is not what these tests are about. */
export const wire = {
  encode: (value: unknown) => Buffer.from(JSON.stringify(value)),
  decode(bytes: Buffer): RawBatch {
    if (bytes.toString() === 'broken') throw new MillraceError('undecodable_record', 'Broken.');
    if (bytes.toString() === 'later') throw new MillraceError('registry_unavailable', 'Away.');
    const { messages, ...rest } = JSON.parse(bytes.toString()) as RawBatch;
    return { ...rest, messages: messages.map((message) => ({ ...message, messageId: Buffer.alloc(16) })) };
  },
};

const decode = { name: 'acme/decode@1', tenant: 'acme', language: 'javascript', source: '' };
const recipe: Recipe = { script: decode, scriptVersion: 'decode@1', variables: {}, keepRawPayload: false };

/** Of the connection's owner in this epoch; without devices: its fence. */
interface OwnedContent {
  readonly epoch: number;
  readonly uids: readonly string[];
}

type Content = readonly string[] | string | OwnedContent;

export const connectionId = 'acme/line-1';

/**
 * Devices named `unknown…` are missing in the configuration, those named `gone…` are of a deleted tenant; `bad…` fail in their
 * script, those in `slow` are too slow, and `gateway…` name the sub-device `sub`, which is behind `gateway` alone. `other/d1` is a
 * device of another tenant. Each message has a point per device, and each record of `take` the time of the clock.
 */
export class IntakeFixture {
  readonly clock = new ManualClock(1_000);
  /** Points per second, by tenant. */
  readonly limits = new Map<string, number>();
  readonly heldOff: (readonly unknown[])[] = [];
  readonly quota = new RateQuota(
    'pointsPerSecond',
    { version: 0, tenant: (tenant) => tenantOf(tenant, this.limits.get(tenant)) },
    this.clock,
  );
  readonly sent: OutgoingRecord[] = [];
  readonly parked: OutgoingRecord[] = [];
  readonly letters: DeadLetter[] = [];
  readonly settled: number[] = [];
  readonly accounting = new Accounting('parser', 'test');
  readonly known = new Set<string>();
  /** A new one: the partition was given to this process anew. */
  assignment = new AbortController();
  readonly slow = new Set<string>();
  /** Tenants whose scripts have no CPU time left. */
  readonly short = new Set<string>();
  /** Devices that were parked before, with the last offset of each. */
  readonly unfinished = new Map<string, bigint>();
  /** What the second group has finished. */
  finishedBefore = 0n;
  /** How often somebody wanted to know. */
  asked = 0;
  /** The scripts' messages, by call. */
  readonly called: (readonly string[])[] = [];
  failing: Error | undefined;
  readonly #recipes = new Map<string, Recipe>();
  readonly parkedDevices = new ParkedDevices({
    unfinished: () => Promise.resolve(this.unfinished),
    finishedBefore: () => {
      this.asked += 1;
      return Promise.resolve(new Map([[4, this.finishedBefore]]));
    },
  });
  /** What is known of the owners of connections. */
  readonly stale = new StaleRecords();
  /** What is read of the claims before the first record. */
  unread = (): void => undefined;
  /** What was said of stale messages. */
  readonly told: (readonly unknown[])[] = [];
  readonly owners: RawIntakeParts['owners'] = {
    caughtUp: () => Promise.resolve(this.unread()),
    standingOf: this.stale.standingOf.bind(this.stale),
  };
  readonly intake = new RawIntake({
    raw: wire,
    parked: wire,
    parkedTopic: 'parked',
    points: wire,
    pointsTopic: 'points',
    recipes: {
      recipeOf: (tenant, uid) =>
        uid.startsWith('gone')
          ? { code: 'tenant_deleted', detail: 'Deleted.' }
          : uid.startsWith('unknown') && !this.known.has(uid)
            ? { code: 'unknown_device', detail: 'Unknown.' }
            : this.#recipeOf(tenant),
    },
    devices: { deviceByCode: (tenant) => anyDevice(tenant, 'sub', { gatewayUid: 'gateway' }) },
    grace: new ConfigurationGrace(this.clock),
    scripts: {
      parse: (messages) => {
        this.called.push(messages.map(({ message: { deviceUid } }) => deviceUid));
        return Promise.resolve(
          messages.map(({ message: { deviceUid } }): Parsed => {
            if (this.slow.has(deviceUid)) return { code: 'script_deferred', detail: 'Slow.' };
            if (deviceUid.startsWith('bad')) return { code: 'script_threw', detail: 'Bad.' };
            const value = deviceUid.startsWith('huge') ? 'x'.repeat(1_000_000) : deviceUid;
            const own = { ...plainOrigin, name: 'uid', value };
            const named = deviceUid.startsWith('gateway') ? [{ ...own, identificationCode: 'SN-sub' }] : [];
            return { rows: [own, ...named], timeMicros: null, warnings: [] };
          }),
        );
      },
    },
    cpu: { admitsFresh: (tenant) => !this.short.has(tenant) },
    slowScripts: new SlowScripts(this.clock),
    parkedDevices: this.parkedDevices,
    owners: this.owners,
    gate: new PointsGate({
      quota: this.quota,
      watch: { heldOff: (...fields) => void this.heldOff.push(fields) },
      clock: this.clock,
    }),
    producer: {
      send: (records) => {
        if (this.failing) return Promise.reject(this.failing);
        (records[0]?.topic === 'parked' ? this.parked : this.sent).push(...records);
        return Promise.resolve({ lastOffset: () => BigInt(this.parked.length - 1) }) as never;
      },
    },
    deadLetters: {
      write: (letters) => {
        this.letters.push(...letters);
        return Promise.resolve();
      },
    },
    hop: this.accounting.hop('parse'),
    emit: {
      ...silentEvents,
      staleMessagesDropped: ({ messages }) => void this.told.push(['dropped', messages]),
      staleMessagesKept: ({ messages }) => void this.told.push(['kept', messages]),
    },
    clock: this.clock,
  });

  /** Each record: the devices whose messages it holds, or bytes. */
  take(...records: readonly Content[]): Promise<void> {
    return this.#take(records.map((content) => [content, this.clock.nowMs()]));
  }

  /** The same content in a record of each time. */
  takeAt(timesMs: readonly number[], content: readonly string[]): Promise<void> {
    return this.#take(timesMs.map((timeMs) => [content, timeMs]));
  }

  #take(records: readonly (readonly [Content, number])[]): Promise<void> {
    const batch: Pick<RecordBatch, 'topic' | 'partition' | 'records' | 'signal' | 'settle'> = {
      topic: 'raw',
      partition: 4,
      records: records.map(([content, timeMs], index) => ({
        offset: String(10 + index),
        key: null,
        value: typeof content === 'string' ? Buffer.from(content) : wire.encode(rawOf(content)),
        timestamp: String(timeMs),
      })),
      signal: this.assignment.signal,
      settle: (count) => void this.settled.push(count),
    };
    return this.intake.take(batch as RecordBatch);
  }

  #recipeOf(tenant: string): Recipe {
    const known = this.#recipes.get(tenant) ?? { ...recipe, script: { ...decode, tenant } };
    this.#recipes.set(tenant, known);
    return known;
  }

  get parsed(): readonly (readonly unknown[])[] {
    return this.sent.map(({ value }) => {
      const { deviceUid, rawPartition, rawOffset, rawIndex } = JSON.parse(value!.toString()) as DataRowList;
      return [deviceUid, rawPartition, rawOffset, rawIndex];
    });
  }

  /** Of each parked record: key, why, and the places of its messages. */
  get parkedPlaces(): readonly (readonly unknown[])[] {
    return this.parked.map(({ key, value }) => {
      const { reason, rawOffset, rawIndexes } = JSON.parse(value!.toString()) as ParkedBatch;
      return [key, reason, ...rawIndexes.map((index) => `${rawOffset}/${index}`)];
    });
  }

  get hop() {
    const { in: taken, out, deadLettered } = this.accounting.report().hops[0]!;
    return { in: taken, out, deadLettered };
  }
}

function rawOf(content: readonly string[] | OwnedContent): RawBatch {
  if (!('epoch' in content)) return rawBatch(content.map(messageOf));
  return { ...rawBatch(content.uids.map(messageOf)), connectionId, epoch: content.epoch };
}

function messageOf(name: string): RawMessage {
  const [deviceUid = '', tenant = 'acme'] = name.split('/').toReversed();
  return rawMessage({ tenant, deviceUid });
}

function tenantOf(tenant: string, pointsPerSecond: number | undefined): TenantConfig {
  const none = { devices: null, messagesPerSecond: null, scriptCpuMsPerSecond: null, storageDays: null };
  const quotas = pointsPerSecond === undefined ? null : { ...none, pointsPerSecond };
  return { tenant, name: '', retentionClass: '90d', ownTable: false, state: 'active', quotas };
}
