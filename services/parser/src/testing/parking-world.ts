/** A partition of the raw and the parked topic in memory, with parsers that may freeze, die and come back at any step. */
import { type DataRowList, MillraceError, type ParkedBatch, type RawBatch } from '@millrace/contracts';
import type { ConsumedRecord, OutgoingRecord, RecordBatch } from '@millrace/kafka';
import { Accounting, type HopReport } from '@millrace/observe';
import { PointsGate } from '@millrace/quotas';
import { plainOrigin } from '@millrace/sandbox';
import { ManualClock } from '@millrace/testkit';
import { ConfigurationGrace } from '../configuration-grace.ts';
import { ParkedDevices } from '../parked-devices.ts';
import { ParkedIntake } from '../parked-intake.ts';
import { RawIntake } from '../raw-intake.ts';
import type { Recipe } from '../recipe.ts';
import type { Parsed } from '../script-calls.ts';
import { SlowScripts } from '../slow-scripts.ts';
import { rawBatch, rawMessage } from './raw-messages.ts';
import { silentEvents } from './silent-events.ts';

const partition = 4;

/** Text is the wire, as in the fixture of the intake. */
const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const revived = ({ messages, ...rest }: RawBatch): RawBatch => ({
  ...rest,
  messages: messages.map((message) => ({ ...message, messageId: Buffer.alloc(16), payload: Buffer.alloc(0) })),
});
const rawWire = { encode, decode: (bytes: Buffer) => revived(JSON.parse(bytes.toString()) as RawBatch) };
const parkedWire = {
  encode,
  decode(bytes: Buffer): ParkedBatch {
    const { raw, ...rest } = JSON.parse(bytes.toString()) as ParkedBatch;
    return { ...rest, raw: revived(raw) };
  },
};

const recipe: Recipe = {
  script: { name: 'acme/decode@1', tenant: 'acme', language: 'javascript', source: '' },
  scriptVersion: '',
  variables: {},
  keepRawPayload: false,
};

/** What goes wrong with a request to write: it is refused, its answer is lost, or the process freezes before it is sent. */
export type Fault = 'refused' | 'unanswered' | 'frozen';

/** One after the other, for as long as there are any; then nothing. */
export interface Luck {
  /** Of each call of a script that may be too slow. */
  readonly slow: boolean[];
  readonly faults: (Fault | undefined)[];
}

/** A member of one of the two groups: what it reads from, and where it is. */
interface Member {
  readonly log: readonly (ConsumedRecord & { readonly value: Buffer })[];
  readonly take: (batch: RecordBatch) => Promise<void>;
  readonly sleep: Sleep;
  readonly assignment: AbortController;
  position: number;
  /** The batch at hand. */
  taking: Promise<void>;
}

/** Of a member in the middle of a batch. */
class Sleep {
  readonly begun = Promise.withResolvers<'frozen'>();
  readonly over = Promise.withResolvers<void>();
}

export class ParkingWorld {
  readonly clock = new ManualClock(1_000);
  readonly luck: Luck;
  /** Places in the raw topic, `offset/index`, by device, as they were written into the points. */
  readonly points = new Map<string, string[]>();
  readonly committed = { fresh: 0, parked: 0 };
  /** Frozen ones that were replaced and go on. */
  readonly zombies: Member[] = [];
  readonly accounting = new Accounting('parser', 'test');
  isShort = false;
  readonly #raw: readonly (ConsumedRecord & { readonly value: Buffer })[];
  readonly #parked: (ConsumedRecord & { readonly value: Buffer })[] = [];
  #devices!: ParkedDevices;
  #members: Record<'fresh' | 'parked', Member>;

  /** `records`: the devices of the messages of each raw record. */
  constructor(records: readonly (readonly string[])[], luck: Luck) {
    this.luck = luck;
    this.#raw = records.map((uids, index) =>
      recordOf(index, encode(rawBatch(uids.map((deviceUid) => rawMessage({ deviceUid }))))),
    );
    this.#members = { fresh: this.#freshMember(), parked: this.#parkedMember() };
  }

  /** One batch of the group's present member, which commits what it settled. What it throws is tried again. */
  async work(lane: 'fresh' | 'parked', recordsMax: number): Promise<void> {
    const member = this.#members[lane];
    if ((await this.#work(member, recordsMax)) === 'frozen') this.replace(lane, 'frozen');
    else this.committed[lane] = Math.max(this.committed[lane], member.position);
  }

  /** One batch of a frozen member that goes on: it writes, and cannot commit. */
  async haunt(recordsMax: number): Promise<void> {
    for (const zombie of this.zombies) {
      zombie.sleep.over.resolve();
      await zombie.taking;
      await this.#work(zombie, recordsMax);
    }
  }

  /** The member of a group is replaced by a new one, which begins where the group has committed. */
  replace(lane: 'fresh' | 'parked', how: 'killed' | 'frozen'): void {
    if (how === 'frozen') this.zombies.push(this.#members[lane]);
    this.#members[lane] = lane === 'fresh' ? this.#freshMember() : this.#parkedMember();
  }

  release(): Promise<void> {
    return this.#devices.release();
  }

  get isDone(): boolean {
    return (
      this.committed.fresh === this.#raw.length &&
      this.committed.parked === this.#parked.length &&
      this.#devices.count === 0
    );
  }

  get hops(): readonly HopReport[] {
    return this.accounting.report().hops;
  }

  async #work(member: Member, recordsMax: number): Promise<unknown> {
    const from = member.position;
    const records = member.log.slice(from, from + recordsMax);
    if (records.length === 0) return undefined;
    const batch = {
      topic: 'raw',
      partition,
      records,
      signal: member.assignment.signal,
      settle: (count: number) => void (member.position = from + count),
    };
    member.taking = member.take(batch as unknown as RecordBatch).catch((error: unknown) => {
      if (!(error instanceof MillraceError)) throw error;
    });
    return Promise.race([member.taking, member.sleep.begun.promise]);
  }

  #freshMember(): Member {
    const devices = new ParkedDevices({
      unfinished: () =>
        Promise.resolve(
          new Map(
            this.#parked.slice(this.committed.parked).map(({ key, offset }) => [key!.toString(), BigInt(offset)]),
          ),
        ),
      finishedBefore: () => Promise.resolve(new Map([[partition, BigInt(this.committed.parked)]])),
    });
    this.#devices = devices;
    const sleep = new Sleep();
    const intake = new RawIntake({
      ...this.#parts('parse', sleep),
      parkedTopic: 'parked',
      scripts: { parse: (messages) => Promise.resolve(messages.map(() => this.#parsed())) },
      cpu: { admitsFresh: () => !this.isShort },
      slowScripts: new SlowScripts(this.clock),
      parkedDevices: devices,
      owners: { caughtUp: () => Promise.resolve(), standingOf: () => 'current' },
    });
    return memberOf(this.#raw, this.committed.fresh, (batch) => intake.take(batch), sleep);
  }

  #parkedMember(): Member {
    const sleep = new Sleep();
    const intake = new ParkedIntake({
      ...this.#parts('parse-parked', sleep),
      rawTopic: 'raw',
      pointsLanesFrom: 6,
      parse: (messages) => Promise.resolve(messages.map(() => parsed)),
      cpu: {
        refusalOfParked: () => (this.isShort ? new MillraceError('quota_exceeded', 'Later.') : undefined),
      },
    });
    return memberOf(this.#parked, this.committed.parked, (batch) => intake.take(batch), sleep);
  }

  #parts(hop: string, sleep: Sleep) {
    return {
      raw: rawWire,
      parked: parkedWire,
      points: { encode },
      pointsTopic: 'points',
      devices: { deviceByCode: () => undefined },
      recipes: { recipeOf: () => recipe },
      grace: new ConfigurationGrace(this.clock),
      gate: new PointsGate({
        quota: { name: 'pointsPerSecond', take: () => undefined, giveBack: () => undefined },
        watch: { heldOff: () => undefined },
        clock: this.clock,
      }),
      producer: { send: (records: readonly OutgoingRecord[]) => this.#send(records, sleep) as never },
      deadLetters: { write: () => Promise.reject(new Error('Nothing is wrong with any message.')) },
      hop: this.accounting.hop(hop),
      emit: silentEvents,
      clock: this.clock,
    };
  }

  async #send(records: readonly OutgoingRecord[], sleep: Sleep): Promise<unknown> {
    const fault = this.luck.faults.shift();
    if (fault === 'frozen') {
      sleep.begun.resolve('frozen');
      await sleep.over.promise;
    }
    if (fault === 'refused') throw new MillraceError('stream_unavailable', 'Refused.');
    for (const { topic, key, value } of records)
      if (topic === 'parked') this.#parked.push(recordOf(this.#parked.length, value!, String(key)));
      else this.#addPoints(JSON.parse(value!.toString()) as DataRowList);
    if (fault === 'unanswered') throw new MillraceError('stream_unavailable', 'Nobody knows.');
    return { lastOffset: () => BigInt(this.#parked.length - 1) };
  }

  #addPoints({ deviceUid, rawOffset, rawIndex }: DataRowList): void {
    const ofDevice = this.points.get(deviceUid) ?? [];
    ofDevice.push(`${rawOffset}/${rawIndex}`);
    this.points.set(deviceUid, ofDevice);
  }

  #parsed(): Parsed {
    return this.luck.slow.shift() ? { code: 'script_deferred', detail: 'Slow.' } : parsed;
  }
}

const parsed: Parsed = { rows: [{ ...plainOrigin, name: 'n', value: 1 }], timeMicros: null, warnings: [] };

function memberOf(log: Member['log'], position: number, take: Member['take'], sleep: Sleep): Member {
  return { log, take, sleep, assignment: new AbortController(), position, taking: Promise.resolve() };
}

function recordOf(offset: number, value: Buffer, key: string | null = null) {
  return { offset: String(offset), key: key === null ? null : Buffer.from(key), value, timestamp: '1000' };
}
