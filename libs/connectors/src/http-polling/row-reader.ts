/** A row of an answer → received message: which device, which time, which identity. */
import { microsOfIsoTime, type ReceivedMessage } from '@millrace/contracts';
import type { DeviceFinder, RejectedMessage } from '../connector.ts';
import { cutToSize, problemOfSize } from '../payload-size.ts';
import { type Claim, claimed, findDevice, type Problem, problem, problemOfDevice, unknownSender } from '../sender.ts';
import type { Row } from './rows.ts';
import type { HttpPollingSettings } from './settings.ts';

/** Of times that are numbers. */
const microsPer = { s: 1_000_000, ms: 1_000 };

/** As a script's counter: the identity of rows that share a time. */
const counter = /^\d{1,9}$/;

export interface RowPlace {
  /** When the poll began, and which row it is: rows without a time of their own are a microsecond apart. */
  readonly polledMicros: number;
  readonly index: number;
  /** Its place in the order, as it stands in the row; null: the table has no order. */
  readonly cursor: string | null;
}

export class RowReader {
  readonly #settings: HttpPollingSettings;
  readonly #devices: DeviceFinder;

  constructor(settings: HttpPollingSettings, devices: DeviceFinder) {
    this.#settings = settings;
    this.#devices = devices;
  }

  /** The message of a known device, or why it can never be taken. */
  read({ document, payload }: Row, { polledMicros, index, cursor }: RowPlace): ReceivedMessage | RejectedMessage {
    const { tenant, connectionId, time } = this.#settings;
    const claim = problemOfSize(payload) ?? this.#claimOf(document);
    const device = 'code' in claim ? undefined : findDevice(this.#devices, claim);
    const timeMicros = time === null ? polledMicros + index : microsOf(time.place(document), time.format);
    const wrong = 'code' in claim ? claim : (problemOfDevice(claim, device) ?? problemOfTime(timeMicros));
    const message: ReceivedMessage = {
      tenant,
      deviceUid: device?.deviceUid ?? claimed(claim, 'deviceUid') ?? '',
      identificationCode: claimed(claim, 'identificationCode') ?? null,
      senderId: cursor === null ? null : `${connectionId}/${cursor}`,
      timeMicros: timeMicros ?? null,
      repeated: false,
      contentType: 'application/json',
      attributes: cursor !== null && counter.test(cursor) ? { fCnt: cursor } : {},
      payload: cutToSize(payload),
    };
    return wrong === undefined ? message : { ...wrong, message };
  }

  #claimOf(document: object): Claim | Problem {
    const { device } = this.#settings;
    if (device.names === 'deviceUid') return { names: 'deviceUid', sender: device.uid };
    const code = device.place(document);
    if ((typeof code !== 'string' || code === '') && typeof code !== 'number')
      return unknownSender('The row has no identification code where the connection looks for it.');
    return { names: 'identificationCode', sender: String(code) };
  }
}

function microsOf(value: unknown, format: 'iso' | 's' | 'ms'): number | undefined {
  if (format === 'iso') return typeof value === 'string' ? microsOfIsoTime(value) : undefined;
  if (value === '' || (typeof value !== 'string' && typeof value !== 'number')) return undefined;
  const micros = Math.round(Number(value) * microsPer[format]);
  return Number.isSafeInteger(micros) && micros >= 0 ? micros : undefined;
}

function problemOfTime(timeMicros: number | undefined): Problem | undefined {
  if (timeMicros !== undefined) return undefined;
  return problem('invalid_field', 'The row has no time in the form of the connection where it looks for one.');
}
