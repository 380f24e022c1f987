/** Whether a script can be run at all, where no sample tells. */
import { callOfUplinks } from './decode-uplink.ts';
import type { FunctionCall, ScriptExecutor } from './executor.ts';
import { ScriptFailure } from './failure.ts';
import type { Script } from './script.ts';

/** What a script may answer an empty message with, and have been loaded for it. */
const answers: readonly string[] = ['script_threw', 'script_result'];

/**
 * Undefined: the script loads, and has `decodeUplink`, `evaluate` or `encodeDownlink`. It is called with nothing, to which it may answer anything
 * within its limits. Rejects as the executor does.
 */
export async function loadFailureOf(
  executor: ScriptExecutor,
  script: Script,
  signal?: AbortSignal,
): Promise<ScriptFailure | undefined> {
  const decoding = await failureOf(executor, decodingOfNothing(script), signal);
  if (decoding?.code !== 'script_invalid') return decoding;
  for (const functionName of otherFunctions) {
    const other = await failureOf(executor, { script, functionName, inputs: nothing }, signal);
    if (other?.code !== 'script_invalid') return other;
    if (other.detail === decoding.detail) return decoding;
  }
  return new ScriptFailure('script_invalid', 'The script has no function decodeUplink, evaluate or encodeDownlink.');
}

const otherFunctions = ['evaluate', 'encodeDownlink'];

const nothing: FunctionCall['inputs'] = { count: 1, columns: [] };

function decodingOfNothing(script: Script): FunctionCall {
  const uplink = { payload: new Uint8Array(), fPort: undefined, receivedAtMs: 0, variables: {}, attributes: {} };
  return callOfUplinks({ script, uplinks: [uplink] });
}

async function failureOf(
  executor: ScriptExecutor,
  call: FunctionCall,
  signal: AbortSignal | undefined,
): Promise<ScriptFailure | undefined> {
  const [[outcome] = []] = await executor.call([call], signal);
  return outcome instanceof ScriptFailure && !answers.includes(outcome.code) ? outcome : undefined;
}
