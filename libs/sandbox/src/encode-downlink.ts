/** `encodeDownlink` of LoRaWAN codecs on top of the executor: a command in, bytes for the device out. */
import type { Variables } from './decode-uplink.ts';
import { type EncodedDownlink, readDownlinkResult } from './downlink-result.ts';
import type { CallOutcome, FunctionCall, ScriptExecutor } from './executor.ts';
import { ScriptFailure } from './failure.ts';
import type { Script } from './script.ts';

/** The script sees `{data, fPort, variables}`. */
export interface Downlink {
  /** The command as JSON, as who gives it says it. */
  readonly data: object;
  /** Asked for by who gives the command; undefined: the script chooses. */
  readonly fPort: number | undefined;
  /** As in Uplink. */
  readonly variables: Variables;
}

export interface EncodeOptions extends Pick<FunctionCall, 'logs'> {
  readonly signal?: AbortSignal;
}

/** One outcome per downlink, in order; `fPort` is the script's, else that of the downlink. Rejects as the executor does, never because of a script. */
export async function encodeDownlinks(
  executor: ScriptExecutor,
  script: Script,
  downlinks: readonly Downlink[],
  { signal, ...options }: EncodeOptions = {},
): Promise<readonly (EncodedDownlink | ScriptFailure)[]> {
  const inputs = {
    count: downlinks.length,
    columns: [
      { name: 'data', kind: 'shared', values: downlinks.map(({ data }) => data) },
      { name: 'fPort', kind: 'number', values: downlinks.map(({ fPort }) => fPort) },
      { name: 'variables', kind: 'shared', values: downlinks.map(({ variables }) => variables) },
    ],
  } as const;
  const [outcomes = []] = await executor.call([{ script, functionName: 'encodeDownlink', inputs, ...options }], signal);
  return outcomes.map((outcome, index) => encodedOf(outcome, downlinks[index]!));
}

function encodedOf(outcome: CallOutcome, { fPort }: Downlink): EncodedDownlink | ScriptFailure {
  if (outcome instanceof ScriptFailure) return outcome;
  const encoded = readDownlinkResult(outcome);
  return encoded instanceof ScriptFailure || encoded.fPort !== undefined ? encoded : { ...encoded, fPort };
}
