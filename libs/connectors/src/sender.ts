/** Who sent a message: what it says of its sender, and which device of the tenant that is. */
import { type ErrorCode, silenceOf } from '@millrace/contracts';
import type { DeviceFinder, KnownDevice, RejectedMessage } from './connector.ts';

/** A sender that nobody knows may claim a name of any length. */
const claimCharsMax = 128;

export type SenderName = 'deviceUid' | 'identificationCode';

export interface Claim {
  readonly names: SenderName;
  readonly sender: string;
}

/** Why a message can never be taken. */
export type Problem = Pick<RejectedMessage, 'code' | 'detail'>;

export function findDevice(devices: DeviceFinder, { names, sender }: Claim): KnownDevice | undefined {
  return names === 'deviceUid' ? devices.byUid(sender) : devices.byIdentificationCode(sender);
}

/** Undefined: it is known, and heard. */
export function problemOfDevice({ names, sender }: Claim, device: KnownDevice | undefined): Problem | undefined {
  const what = names === 'deviceUid' ? 'uid' : 'identification code';
  if (device === undefined)
    return unknownSender(`No device of the tenant has the ${what} "${sender.slice(0, claimCharsMax)}".`);
  const silence = silenceOf(device.state);
  return silence && problem(silence, `The device "${device.deviceUid}" is ${device.state}.`);
}

/** What was claimed under this name, as far as it fits into a message; undefined: something else, or nothing. */
export function claimed(claim: Claim | Problem, names: SenderName): string | undefined {
  return 'names' in claim && claim.names === names ? claim.sender.slice(0, claimCharsMax) : undefined;
}

export function unknownSender(detail: string): Problem {
  return problem('unknown_sender', detail);
}

export function problem(code: ErrorCode, detail: string): Problem {
  return { code, detail };
}
