/** `decodeUplink` of LoRaWAN codecs on top of the executor: bytes of devices in, rows out. */
import type { CallOutcome, FunctionCall, ScriptExecutor } from './executor.ts';
import { ScriptFailure } from './failure.ts';
import type { InputColumn } from './input-batch.ts';
import type { Script } from './script.ts';
import { type DecodedUplink, readUplinkResult } from './uplink-result.ts';

/** Texts; `desired` and `reported` are records of texts. */
export type Variables = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** The script sees `{bytes, fPort, recvTime, variables, attributes}`. */
export interface Uplink {
  readonly payload: Uint8Array;
  /** Undefined: the message has none. */
  readonly fPort: number | undefined;
  /** Milliseconds since 1970 UTC; a Date in the script. */
  readonly receivedAtMs: number;
  /** The device's own, from the configuration; use the same object for the same device. */
  readonly variables: Variables;
  /** Of the envelope: topic, path … */
  readonly attributes: Readonly<Record<string, string>>;
}

/** One call; what is not about uplinks is as in `FunctionCall`. */
export interface UplinkGroup extends Pick<FunctionCall, 'subjects' | 'patienceMs' | 'onUsage'> {
  readonly script: Script;
  readonly uplinks: readonly Uplink[];
}

/** One array per group, with one outcome per uplink, in order. Rejects as the executor does, never because of a script. */
export async function decodeUplinks(
  executor: ScriptExecutor,
  groups: readonly UplinkGroup[],
  signal?: AbortSignal,
): Promise<readonly (readonly (DecodedUplink | ScriptFailure)[])[]> {
  const outcomes = await executor.call(groups.map(callOfUplinks), signal);
  return outcomes.map((group) => group.map(decodedOf));
}

const noAttributes = {};

/** The call that decodes a group, for those who want more of it than rows. */
export function callOfUplinks({ uplinks, ...how }: UplinkGroup): FunctionCall {
  const attributes = (uplink: Uplink): object => (isEmpty(uplink.attributes) ? noAttributes : uplink.attributes);
  const columns: InputColumn[] = [
    { name: 'bytes', kind: 'bytes', values: uplinks.map(({ payload }) => payload) },
    { name: 'fPort', kind: 'number', values: uplinks.map(({ fPort }) => fPort) },
    { name: 'recvTime', kind: 'time', values: uplinks.map(({ receivedAtMs }) => receivedAtMs) },
    { name: 'variables', kind: 'shared', values: uplinks.map(({ variables }) => variables) },
    { name: 'attributes', kind: 'shared', values: uplinks.map(attributes) },
  ];
  return { ...how, functionName: 'decodeUplink', inputs: { count: uplinks.length, columns } };
}

const port = /^\d{1,3}$/;

/** The port of LoRaWAN, where the envelope names one. */
export function portOf({ fPort }: Uplink['attributes']): number | undefined {
  return fPort !== undefined && port.test(fPort) ? Number(fPort) : undefined;
}

function isEmpty(object: object): boolean {
  for (const _key in object) return false;
  return true;
}

function decodedOf(outcome: CallOutcome): DecodedUplink | ScriptFailure {
  return outcome instanceof ScriptFailure ? outcome : readUplinkResult(outcome.returned);
}
