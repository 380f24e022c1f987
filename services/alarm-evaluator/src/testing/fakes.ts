/** Small real stand-ins for Kafka's side of the evaluator: what is stored is kept, what is asked to fail fails. */
import type {
  AlarmEvent,
  AlarmRuleConfig,
  AlarmStates,
  DataRowList,
  DeviceConfig,
  FieldError,
} from '@millrace/contracts';
import { deviceKey } from '@millrace/contracts';
import type { ConsumedRecord, OutgoingRecord, RecordBatch, TransactionWork } from '@millrace/kafka';
import type { AlarmConfiguration } from '../rule-plans.ts';
import { RulePlans } from '../rule-plans.ts';

export const tooHot: AlarmRuleConfig = {
  tenant: 'mill',
  ruleId: 'too-hot',
  version: 1,
  name: 'Too hot',
  productId: 'oven',
  deviceUid: null,
  signal: 'temperature',
  grades: [{ severity: 'critical', low: 90, high: null }],
  deadband: 0,
  notify: [],
};

export class FakeConfiguration implements AlarmConfiguration {
  version = 1;
  rules: readonly AlarmRuleConfig[] = [tooHot];
  readonly devices = new Map<string, DeviceConfig>();
  readonly #deleted = new Set<string>();
  readonly invalid: (readonly [AlarmRuleConfig, readonly FieldError[]])[] = [];

  constructor(...deviceUids: readonly string[]) {
    for (const deviceUid of deviceUids) this.add(deviceUid);
  }

  add(deviceUid: string): void {
    const device = { tenant: 'mill', deviceUid, productId: 'oven' } as DeviceConfig;
    this.devices.set(deviceKey('mill', deviceUid), device);
    this.version += 1;
  }

  device(tenant: string, deviceUid: string): DeviceConfig | undefined {
    return this.#deleted.has(tenant) ? undefined : this.devices.get(deviceKey(tenant, deviceUid));
  }

  /** As the real one: devices of a deleted tenant are unknown. */
  setDeleted(tenant: string, deleted: boolean): void {
    if (deleted) this.#deleted.add(tenant);
    else this.#deleted.delete(tenant);
    this.version += 1;
  }

  isDeleted(tenant: string): boolean {
    return this.#deleted.has(tenant);
  }

  rulesOf(): readonly AlarmRuleConfig[] {
    return this.rules;
  }

  plans(): RulePlans {
    return new RulePlans(this, (...report) => this.invalid.push(report));
  }
}

export function pointOf(deviceUid: string, timeMicros: number, value: number, tenant = 'mill'): DataRowList {
  return {
    messageId: Buffer.alloc(16, 7),
    part: 0,
    tenant,
    deviceUid,
    identificationCode: null,
    timeMicros,
    timeFromSender: true,
    receivedAtMicros: timeMicros + 5,
    sequence: 0,
    rows: [{ name: 'temperature', value, quality: 0, timeOffsetMicros: 0, ordinal: 0 }],
    rawPayload: null,
    rawPartition: -1,
    rawOffset: -1,
    rawIndex: 0,
    scriptVersion: '',
    warnings: [],
  };
}

/** JSON instead of Avro: what the codec does is not the evaluator's business. */
export const jsonCodec = {
  encode: (value: unknown): Buffer => Buffer.from(JSON.stringify(value)),
  decode: (bytes: Buffer): DataRowList => JSON.parse(bytes.toString()) as DataRowList,
};
export const codecs = { events: jsonCodec, states: jsonCodec };

/** A partition of points, its group's offset, and what transactions stored: the truth between two owners. */
export class FakeStream {
  readonly records: ConsumedRecord[] = [];
  readonly stored: OutgoingRecord[] = [];
  committed = 0n;
  /** Thrown by the next transaction, before or after it is stored. */
  failure: { readonly error: Error; readonly stored: boolean } | undefined;
  transactions = 0;

  append(...lists: readonly (DataRowList | string)[]): void {
    for (const list of lists) {
      const value = Buffer.from(typeof list === 'string' ? list : JSON.stringify(list));
      this.records.push({ offset: String(this.records.length), key: Buffer.from('key'), value, timestamp: '0' });
    }
  }

  async transaction({ records, offsets }: TransactionWork): Promise<void> {
    const { failure } = this;
    this.failure = undefined;
    if (failure && !failure.stored) throw failure.error;
    this.stored.push(...records);
    this.committed = BigInt(offsets?.offset ?? 0);
    this.transactions += 1;
    if (failure) throw failure.error;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  events(): AlarmEvent[] {
    return this.stored.filter(({ topic }) => topic === 'alarm.events.v1').map(({ value }) => JSON.parse(String(value)));
  }

  states(): Map<string, AlarmStates> {
    const states = this.stored.filter(({ topic }) => topic === 'alarm.states.v1');
    return new Map(
      states.map(({ key, value }) => {
        const { tenant, deviceUid, states: each } = JSON.parse(String(value)) as AlarmStates;
        const withIds = each.map((state) => ({ ...state, alarmId: state.alarmId && Buffer.from(state.alarmId) }));
        return [String(key), { tenant, deviceUid, states: withIds }];
      }),
    );
  }

  /** The records from an offset on, as a batch of an assignment. */
  batch(from: number, signal: AbortSignal, to: number = this.records.length): FakeBatch {
    return new FakeBatch(this, this.records.slice(from, to), signal);
  }
}

export class FakeBatch implements RecordBatch {
  readonly topic = 'telemetry.points.v1';
  readonly partition = 3;
  readonly recordsBehind = 0;
  readonly records: readonly ConsumedRecord[];
  readonly signal: AbortSignal;
  readonly #stream: FakeStream;
  settled = 0;
  heartbeats = 0;

  constructor(stream: FakeStream, records: readonly ConsumedRecord[], signal: AbortSignal) {
    this.#stream = stream;
    this.records = records;
    this.signal = signal;
  }

  settle(count: number): void {
    this.settled = Math.max(this.settled, count);
    const last = this.records[count - 1];
    if (last) this.settleBefore(BigInt(last.offset) + 1n);
  }

  settleBefore(offset: bigint): void {
    if (offset > this.#stream.committed) this.#stream.committed = offset;
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  heartbeat(): Promise<void> {
    this.heartbeats += 1;
    return this.signal.aborted ? Promise.reject(this.signal.reason as Error) : Promise.resolve();
  }
}
