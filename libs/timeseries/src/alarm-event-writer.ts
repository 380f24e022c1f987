/**
 * Alarm transitions into QuestDB. The lines are written by the official client's encoder: few rows, so its convenience
 * costs nothing that counts. They travel by our own connection: the client's sender empties its buffer before it sends,
 * retries a store that is down without end (its time-out does not end the retries), and hides QuestDB's answer in a text.
 */
import type { AlarmEvent } from '@millrace/contracts';
import type { Breaker } from '@millrace/kernel';
import { SenderBufferV2, SenderOptions } from '@questdb/nodejs-client';
import { alarmEventsTable } from './alarm-events-table.ts';
import type { LineStore } from './points-writer.ts';
import { RowRejected } from './write-answer.ts';

/** An event that was not stored, and never can be. */
export interface EventRejection {
  /** Position in what was written. */
  readonly index: number;
  readonly reason: string;
}

export interface AlarmEventWriterOptions {
  readonly store: LineStore;
  /** One for all tables of a store. */
  readonly breaker: Breaker;
  /** Has to exist: see `ensureTable`. Default: the table of the catalogue. */
  readonly table?: string;
}

export class AlarmEventWriter {
  readonly #store: LineStore;
  readonly #breaker: Breaker;
  readonly #table: string;
  /** The address is never asked: only the encoder of the client is used. */
  readonly #options = new SenderOptions('http::addr=localhost;protocol_version=2');

  constructor({ store, breaker, table = alarmEventsTable.name }: AlarmEventWriterOptions) {
    this.#store = store;
    this.#breaker = breaker;
    this.#table = table;
  }

  /**
   * Stores all events but those it returns. The same events may come again; storing them twice changes nothing. Throws
   * `store_unavailable` when some may not be stored.
   */
  async write(events: readonly AlarmEvent[], signal?: AbortSignal): Promise<readonly EventRejection[]> {
    const rejections: EventRejection[] = [];
    let waiting = [...events.entries()];
    while (waiting.length > 0) {
      const rejected = await this.#send(
        waiting.map(([, event]) => event),
        signal,
      );
      if (!rejected) break;
      const position = Math.min(rejected.line, waiting.length) - 1;
      rejections.push({ index: waiting[position]![0], reason: rejected.message });
      waiting = waiting.toSpliced(position, 1);
    }
    return rejections;
  }

  async #send(events: readonly AlarmEvent[], signal?: AbortSignal): Promise<RowRejected | undefined> {
    const lines = this.#encode(events);
    try {
      await this.#breaker.run(() => this.#store.write(lines, signal));
      return undefined;
    } catch (error) {
      if (error instanceof RowRejected) return error;
      throw error;
    }
  }

  #encode(events: readonly AlarmEvent[]): Buffer {
    const buffer = new SenderBufferV2(this.#options);
    for (const event of events) appendEvent(buffer, this.#table, event);
    return buffer.toBufferNew();
  }
}

function appendEvent(buffer: SenderBufferV2, table: string, event: AlarmEvent): void {
  buffer
    .table(table)
    .symbol('tenant', event.tenant)
    .symbol('device', event.deviceUid)
    .symbol('rule', event.ruleId)
    .symbol('signal', event.signal)
    .symbol('transition', event.transition)
    .symbol('severity_before', event.severityBefore)
    .symbol('severity', event.severity)
    .stringColumn('event', event.eventId.toString('hex'))
    .stringColumn('alarm', event.alarmId.toString('hex'))
    .stringColumn('message', event.messageId.toString('hex'))
    .stringColumn('rule_name', event.ruleName)
    .intColumn('rule_version', event.ruleVersion)
    .floatColumn('value', event.value);
  if (event.low !== null) buffer.floatColumn('low', event.low);
  if (event.high !== null) buffer.floatColumn('high', event.high);
  buffer.floatColumn('deadband', event.deadband).timestampColumn('received', event.receivedAtMicros, 'us');
  buffer.at(event.timeMicros, 'us');
}
