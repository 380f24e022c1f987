/**
 * Which devices the rows of a message are about: the sender, and the sub-devices that rows name by their identification code. A
 * sub-device belongs to the sender when its `gatewayUid` names it; nobody speaks for another device.
 */
import type { Configuration } from '@millrace/config';
import type { RawMessage } from '@millrace/contracts';
import type { FlatRow } from '@millrace/sandbox';
import type { Failure } from './taken-messages.ts';

export interface MessagePart {
  readonly deviceUid: string;
  readonly identificationCode: string | null;
  /** In the order of the message. */
  readonly rows: readonly FlatRow[];
}

export type DevicesByCode = Pick<Configuration, 'deviceByCode'>;

type Sender = Pick<RawMessage, 'tenant' | 'deviceUid' | 'identificationCode'>;

/**
 * The sender's part first, also when it has no rows, then those of its sub-devices in order of appearance. Gives
 * `unknown_sub_device` for a code that names no active device behind the sender: the message is put aside as a whole, so that the dead
 * letter is all of it.
 */
export function partsOf(
  sender: Sender,
  rows: readonly FlatRow[],
  devices: DevicesByCode,
): readonly [MessagePart, ...MessagePart[]] | Failure {
  const { deviceUid, identificationCode } = sender;
  if (rows.every(isOfSender)) return [{ deviceUid, identificationCode, rows }];
  const own: FlatRow[] = [];
  const others = new Map<string, { deviceUid: string; identificationCode: string; rows: FlatRow[] }>();
  for (const row of rows) {
    const code = row.identificationCode;
    const uid = code === null ? deviceUid : (others.get(code)?.deviceUid ?? uidOf(sender, code, devices));
    if (uid === undefined) return unknownSubDevice(sender, code!);
    if (uid === deviceUid) own.push(row);
    else if (others.has(code!)) others.get(code!)!.rows.push(row);
    else others.set(code!, { deviceUid: uid, identificationCode: code!, rows: [row] });
  }
  return [{ deviceUid, identificationCode, rows: own }, ...others.values()];
}

function isOfSender({ identificationCode }: FlatRow): boolean {
  return identificationCode === null;
}

function uidOf({ tenant, deviceUid }: Sender, code: string, devices: DevicesByCode): string | undefined {
  const device = devices.deviceByCode(tenant, code);
  if (device?.deviceUid === deviceUid) return deviceUid;
  return device?.gatewayUid === deviceUid && device.state === 'active' ? device.deviceUid : undefined;
}

function unknownSubDevice({ deviceUid }: Sender, code: string): Failure {
  return {
    code: 'unknown_sub_device',
    detail: `No active device with the identification code ${code} is behind ${deviceUid}: give one this code and the gatewayUid ${deviceUid}.`,
  };
}
