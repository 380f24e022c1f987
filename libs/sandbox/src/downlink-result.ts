/**
 * What `encodeDownlink` may return, as LoRaWAN codecs have it, checked once:
 *
 *     {bytes: [0…255, …], fPort?: 1…223, warnings?: string[]}     what to send
 *     {errors: string[]}                                          one error, and there is nothing to send
 *
 * Other members are mistakes, and what is optional may be null. `port`, a number or digits, is `fPort` where there is none: so
 * codecs of Tektelic call it.
 */
import type { Returned } from './executor.ts';
import { ScriptFailure } from './failure.ts';
import { excerptOf, listOf, membersOf, refuseReported, warningsOf } from './result-members.ts';
import { UnusableResult } from './unusable-result.ts';

/** LoRaWAN carries 242; a message of MQTT or a block of registers some hundred. What is larger is a file. */
const downlinkBytesMax = 4_096;
/** Those of applications (LoRaWAN L2 1.0.4, section 4.3.2). */
const fPortMin = 1;
const fPortMax = 223;

export interface EncodedDownlink {
  readonly bytes: Uint8Array;
  /** Undefined: the script leaves it to who sends. */
  readonly fPort: number | undefined;
  readonly warnings: readonly string[];
  /** What the script wrote, where the call asked for it. */
  readonly logs?: readonly string[];
}

/** Takes the result as parsed JSON. Gives `script_result` for anything else than the above. */
export function readDownlinkResult({ returned, logs }: Returned): EncodedDownlink | ScriptFailure {
  try {
    return { ...encodedOf(returned), ...(logs && { logs }) };
  } catch (error) {
    if (error instanceof UnusableResult) return new ScriptFailure('script_result', error.message, undefined, logs);
    throw error;
  }
}

const resultMembers = ['bytes', 'fPort', 'port', 'warnings', 'errors'];

function encodedOf(returned: unknown): EncodedDownlink {
  const { bytes, fPort, port, warnings, errors } = membersOf(returned, 'The result', resultMembers);
  const toPort = fPort ?? (typeof port === 'string' && /^\d{1,3}$/.test(port) ? Number(port) : port);
  refuseReported(errors);
  return {
    bytes: bytesOf(bytes),
    fPort: toPort == null ? undefined : fPortOf(toPort),
    warnings: warningsOf(warnings),
  };
}

function bytesOf(given: unknown): Uint8Array {
  const bytes = listOf(given, 'bytes');
  if (bytes.length > downlinkBytesMax)
    throw new UnusableResult(`bytes has ${bytes.length} elements: at most ${downlinkBytesMax} can be sent.`);
  for (const [index, byte] of bytes.entries())
    if (!isByte(byte)) throw new UnusableResult(`bytes[${index}] is ${excerptOf(byte)}: give integers from 0 to 255.`);
  return Uint8Array.from(bytes as number[]);
}

function isByte(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}

function fPortOf(fPort: unknown): number {
  if (typeof fPort === 'number' && Number.isInteger(fPort) && fPort >= fPortMin && fPort <= fPortMax) return fPort;
  throw new UnusableResult(`fPort is ${excerptOf(fPort)}: give an integer from ${fPortMin} to ${fPortMax}.`);
}
