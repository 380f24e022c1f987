/** Whether a script can be run at all, where no sample tells. */
import { callOfUplinks } from './decode-uplink.ts';
import type { FunctionCall, ScriptExecutor } from './executor.ts';
import { ScriptFailure } from './failure.ts';
import type { Script } from './script.ts';

/** What a script may answer an empty message with, and have been loaded for it. */
const answers: readonly string[] = ['script_threw', 'script_result'];

/**
 * Undefined: the script loads, and has `decodeUplink` or `evaluate`. It is called with nothing, to which it may answer anything
 * within its limits. Rejects as the executor does.
 */
export async function loadFailureOf(
  executor: ScriptExecutor,
  script: Script,
  signal?: AbortSignal,
): Promise<ScriptFailure | undefined> {
  const decoding = await failureOf(executor, decodingOfNothing(script), signal);
  if (decoding?.code !== 'script_invalid') return decoding;
  const evaluation = await failureOf(executor, { script, functionName: 'evaluate', inputs: nothing }, signal);
  if (evaluation?.code !== 'script_invalid') return evaluation;
  if (decoding.detail === evaluation.detail) return decoding;
  return new ScriptFailure('script_invalid', 'The script has neither a function decodeUplink nor evaluate.');
}

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
