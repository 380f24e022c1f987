/** An instance of the model: what it wants to write waits until the test lets it land. */
import type { RawBatch } from '@millrace/contracts';
import type { OutgoingRecord } from '@millrace/kafka';
import { ManualClock } from '@millrace/testkit';
import { ClaimLog } from '../ownership/claim-log.ts';
import { Fences } from '../ownership/fences.ts';
import { OwnedSink } from '../ownership/owned-sink.ts';
import { MemoryClaims, type MemoryTopic } from './claim-topic.ts';

export const key = 'acme/line-1';
export const partitions = 2;
const wire = { encode: (value: unknown) => Buffer.from(JSON.stringify(value)) };

/** A lease: `valid` is what the owner's clock says, whether or not the owner looks at it. */
export class Lease {
  valid = true;
  readonly ending = new AbortController();
  readonly ended: AbortSignal = this.ending.signal;
  epoch: number | undefined;
  sink: OwnedSink | undefined;

  isValid(): boolean {
    return this.valid;
  }
}

export interface RawRequest {
  readonly records: readonly OutgoingRecord[];
  readonly answer: PromiseWithResolvers<{ offsetOf(record: OutgoingRecord): bigint | undefined }>;
}

export class OwnerInstance {
  readonly claims: MemoryClaims;
  readonly log: ClaimLog;
  readonly raw: RawRequest[] = [];
  /** Of requests that have landed. */
  readonly answers: (() => void)[] = [];
  lease: Lease | undefined;
  readonly former: Lease[] = [];

  constructor(topic: MemoryTopic) {
    this.claims = new MemoryClaims(topic);
    this.log = new ClaimLog(this.claims, new ManualClock(1_000));
  }

  send(records: readonly OutgoingRecord[]): RawRequest['answer']['promise'] {
    const answer: RawRequest['answer'] = Promise.withResolvers();
    this.raw.push({ records, answer });
    return answer.promise;
  }

  /** Everything that an owner does, as a service would wire it. */
  async own(lease: Lease, name: string): Promise<void> {
    const epoch = await this.log.claim(key, { instance: name, shared: false }, lease.ended);
    if (!lease.valid) return;
    lease.epoch = epoch;
    const ended = AbortSignal.any([lease.ended, this.log.supersededSignal(key, epoch)]);
    const origin = { ingestor: name, protocol: 'test', connectionId: key, epoch };
    const producer = { send: (records: readonly OutgoingRecord[]) => this.send(records) as never };
    const fences = new Fences({ producer, codec: wire, topic: { name: 'raw', partitions } });
    const confirmed = fences.write(origin, ended).then((offsets) => this.log.confirm(key, epoch, offsets, ended));
    lease.sink = new OwnedSink({
      confirmed,
      lease: { isValid: () => lease.isValid(), ended },
      sink: { accept: (messages) => this.#write({ ...origin, messages: messages as never }) },
    });
  }

  /** The messages of a call are of one device, whose name begins with its partition. */
  async #write(raw: RawBatch): Promise<readonly Uint8Array[]> {
    const partition = Number.parseInt(raw.messages[0]!.deviceUid, 10);
    await this.send([{ topic: 'raw', partition, key: null, value: wire.encode(raw) }]);
    return [];
  }
}
