/**
 * What `decodeUplink` may return, checked once:
 *
 *     {data: {…}}                LoRaWAN codec: rows at the time of the message
 *     {data: {…}, time}          rows at this time
 *     {data: [element, …]}       the data row list: each element `{values: {…}, time?, quality?, identificationCode?}` has the time
 *                                and the quality of its values, and names the sub-device of the sender that they are about
 *
 * with `warnings?: string[]`, stored with the rows, and `errors?: string[]` (or one text): one, and the message counts as not decoded.
 * Other members are mistakes, and what is optional may be null. Nested data is flattened as flatten.ts says, times are those of
 * script-time.ts, qualities those of script-quality.ts. Values of different quality are different elements.
 */
import { identificationCodeCharsMax } from '@millrace/contracts';
import { ScriptFailure } from './failure.ts';
import { FlatRows, type FlatRow, flatten, plainOrigin } from './flatten.ts';
import { membersOf, refuseReported, warningsOf } from './result-members.ts';
import { qualityOf } from './script-quality.ts';
import { microsOf } from './script-time.ts';
import { UnusableResult } from './unusable-result.ts';

export interface DecodedUplink {
  readonly rows: readonly FlatRow[];
  /** The script's time for the message; null: it gave none. Rows may have times of their own. */
  readonly timeMicros: number | null;
  readonly warnings: readonly string[];
}

/** Takes the result as parsed JSON. Gives `script_result` for anything else than the above. */
export function readUplinkResult(returned: unknown): DecodedUplink | ScriptFailure {
  try {
    return decodedOf(returned);
  } catch (error) {
    if (error instanceof UnusableResult) return new ScriptFailure('script_result', error.message);
    throw error;
  }
}

const resultMembers = ['data', 'time', 'warnings', 'errors'];

function decodedOf(returned: unknown): DecodedUplink {
  const { data, time, warnings, errors } = membersOf(returned, 'The result', resultMembers);
  refuseReported(errors);
  const flat = new FlatRows(warningsOf(warnings));
  if (Array.isArray(data)) for (const element of data) addElement(element, flat);
  else flatten(membersOf(data, 'data'), plainOrigin, flat);
  return { rows: flat.rows, timeMicros: time == null ? null : microsOf(time), warnings: flat.warnings };
}

const elementMembers = ['values', 'time', 'quality', 'identificationCode'];

function addElement(element: unknown, into: FlatRows): void {
  const { values, time, quality, identificationCode } = membersOf(element, 'An element of data', elementMembers);
  const origin = {
    timeMicros: time == null ? null : microsOf(time),
    quality: quality == null ? 0 : qualityOf(quality),
    identificationCode: identificationCode == null ? null : codeOf(identificationCode),
  };
  flatten(membersOf(values, 'values'), origin, into);
}

function codeOf(code: unknown): string {
  if (typeof code === 'string' && code.length > 0 && code.length <= identificationCodeCharsMax) return code;
  throw new UnusableResult(`identificationCode is no text of 1 to ${identificationCodeCharsMax} characters.`);
}
