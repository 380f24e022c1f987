/** A sample of a decoding script: what a device sent, and the rows that are expected of it. */
import { microsOfIsoTime } from '@millrace/contracts';
import { portOf, type Uplink } from './decode-uplink.ts';
import type { FlatValue } from './flatten.ts';

export interface ExpectedRow {
  readonly name: string;
  readonly value: FlatValue;
  /** ISO 8601, of a row that the script gave a time; null or nothing: it has that of the message. */
  readonly time?: string | null | undefined;
  /** As in `telemetry.points.v1`: 0 good, which it is where nothing is said, 1 uncertain, 2 bad. */
  readonly quality?: number | undefined;
  /** Of the sub-device that it is about; null: the sender itself. */
  readonly identificationCode?: string | null | undefined;
}

export interface UplinkSample {
  readonly name: string;
  readonly payload: string;
  /** Of the payload. */
  readonly encoding: 'hex' | 'base64' | 'text';
  readonly attributes: Uplink['attributes'];
  /** `desired` and `reported` are there for the script, also where they are not given. */
  readonly variables: Uplink['variables'];
  /** ISO 8601, of the receipt; null: any. */
  readonly time: string | null;
  /** Null: the script refuses it. Undefined: whatever comes of it is right. */
  readonly expected?: readonly ExpectedRow[] | null | undefined;
}

/** The same at each run. */
const anyTimeMs = Date.UTC(2026, 0, 1);

export function uplinkOf({ payload, encoding, attributes, variables, time }: UplinkSample): Uplink {
  return {
    payload: Buffer.from(payload, encoding === 'text' ? 'utf8' : encoding),
    fPort: portOf(attributes),
    receivedAtMs: time === null ? anyTimeMs : (microsOfIsoTime(time) ?? NaN) / 1_000,
    variables: { desired: {}, reported: {}, ...variables },
    attributes,
  };
}
