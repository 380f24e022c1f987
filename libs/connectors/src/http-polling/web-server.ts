/** One web server that is polled. */
import type { OutgoingHttpHeaders } from 'node:http';
import { type ErrorCode, MillraceError, type ReceivedMessage } from '@millrace/contracts';
import { GuardedCalls, type WholeHttpAnswer } from '@millrace/outbound';
import type { ConnectorPorts, RejectedMessage } from '../connector.ts';
import type { Delivery } from '../intake.ts';
import type { Polled, PollSource } from '../poller.ts';
import { tlsOptions } from '../tls-settings.ts';
import { Cursor, type OrderedRow } from './cursor.ts';
import { RowReader } from './row-reader.ts';
import { type Row, rowsOf } from './rows.ts';
import type { HttpPollingSettings } from './settings.ts';

/** Rows of the largest table of less than a kilobyte each. */
const answerBytesMax = 8 * 1024 * 1024;

/** More in one call of the sink would have to be given back together. */
const deliveryRowsMax = 1_000;

/** Client errors that another attempt may help against (RFC 9110, RFC 6585). */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

export class WebServer implements PollSource {
  readonly refusals: ReadonlySet<ErrorCode> = new Set(['machine_refused', 'configuration_invalid']);
  readonly #settings: HttpPollingSettings;
  readonly #ports: ConnectorPorts;
  readonly #calls: GuardedCalls;
  readonly #reader: RowReader;
  readonly #cursor: Cursor | undefined;
  /** The first position in a delivery. */
  readonly #positions = new WeakMap<Delivery, number>();
  /** Of the answer that was taken last. */
  #validators: OutgoingHttpHeaders = {};

  constructor(settings: HttpPollingSettings, ports: ConnectorPorts) {
    this.#settings = settings;
    this.#ports = ports;
    const limits = { connectionsMax: 1, callMsMax: settings.timeoutMs, answerBytesMax };
    this.#calls = new GuardedCalls(ports.outboundAllowed, limits, 'machine_unavailable', tlsOptions(settings.tls));
    this.#reader = new RowReader(settings, ports.devices);
    this.#cursor = settings.cursor === null ? undefined : new Cursor(settings.cursor);
  }

  /** There is no connection to speak of: the server is there when it has answered once. */
  async connect(stopping: AbortSignal): Promise<Polled> {
    let first: readonly Delivery[] | undefined = await this.#ask(stopping);
    const ending = new AbortController();
    return {
      over: ending.signal,
      poll: async () => {
        const taken = first ?? (await this.#ask(ending.signal));
        first = undefined;
        return taken;
      },
      end: (reason) => ending.abort(reason),
    };
  }

  /** They come again with the next answer, which must not be "unchanged". */
  lost(deliveries: readonly Delivery[]): void {
    this.#validators = {};
    for (const delivery of deliveries) {
      const position = this.#positions.get(delivery);
      if (position !== undefined) this.#cursor?.giveBack(position);
    }
  }

  closed(): void {
    this.#calls.close();
  }

  async #ask(signal: AbortSignal): Promise<readonly Delivery[]> {
    const { url, headers, form } = this.#settings;
    const polledMicros = Math.round(this.#ports.clock.nowMs() * 1000);
    const accept = form.format === 'csv' ? 'text/csv, */*;q=0.1' : 'application/json, */*;q=0.1';
    const answer = await this.#calls.fetch(url, { accept, ...headers, ...this.#validators }, signal);
    if (answer.status === 304) {
      this.#ports.events.answerUnchanged();
      return [];
    }
    refuseStatus(answer, url);
    const rows = answer.status === 204 ? [] : await rowsOf(answer.body, form, signal);
    const deliveries = this.#deliveriesOf(rows, polledMicros);
    this.#validators = validatorsOf(answer);
    return deliveries;
  }

  #deliveriesOf(rows: readonly Row[], polledMicros: number): readonly Delivery[] {
    const fresh = this.#cursor?.newIn(rows) ?? rows.map((row): OrderedRow => ({ row, position: NaN, text: '' }));
    this.#countTaken(rows.length - fresh.length);
    const deliveries: Delivery[] = [];
    for (let from = 0; from < fresh.length; from += deliveryRowsMax)
      deliveries.push(this.#deliveryOf(fresh.slice(from, from + deliveryRowsMax), polledMicros + from));
    return deliveries;
  }

  #deliveryOf(rows: readonly OrderedRow[], polledMicros: number): Delivery {
    const accepted: ReceivedMessage[] = [];
    const rejected: RejectedMessage[] = [];
    let bytes = 0;
    for (const [index, { row, position, text }] of rows.entries()) {
      const cursor = this.#cursor === undefined ? null : text;
      const read = this.#reader.read(row, { polledMicros, index, cursor });
      if ('code' in read) rejected.push(read);
      else accepted.push(read);
      bytes += row.payload.length;
      this.#cursor?.take(position);
    }
    const delivery = { accepted, rejected, repeated: 0, messages: rows.length, bytes };
    if (this.#cursor !== undefined) this.#positions.set(delivery, rows[0]?.position ?? NaN);
    return delivery;
  }

  /** Rows that came again, as in every answer of a growing table. */
  #countTaken(rows: number): void {
    if (rows === 0) return;
    this.#ports.hop.in(rows);
    this.#ports.hop.repeated(rows);
  }
}

function refuseStatus({ status, headers }: WholeHttpAnswer, { host }: URL): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (status >= 200 && status < 300 && encoding === 'identity') return;
  const said = `${host} answered with status ${status}`;
  if (status < 300) throw new MillraceError('malformed_body', `${said} in the encoding "${encoding}", not asked for.`);
  if (status >= 500 || passing.has(status)) throw new MillraceError('machine_unavailable', `${said}.`);
  if (status >= 400) throw new MillraceError('machine_refused', `Correct the url or the credentials: ${said}.`);
  throw new MillraceError('machine_refused', `Give the url where it leads: ${said}, and redirects are not followed.`);
}

function validatorsOf({ headers }: WholeHttpAnswer): OutgoingHttpHeaders {
  return {
    ...(headers.etag !== undefined && { 'if-none-match': headers.etag }),
    ...(headers['last-modified'] !== undefined && { 'if-modified-since': headers['last-modified'] }),
  };
}
