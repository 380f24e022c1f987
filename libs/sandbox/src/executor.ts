/** The one door to user code, for every language and every kind of script: call this function with this batch of inputs. */
import type { ScriptFailure } from './failure.ts';
import type { InputBatch } from './input-batch.ts';
import type { Script } from './script.ts';

export interface FunctionCall {
  readonly script: Script;
  /** Called once per input, with the input as its only argument. */
  readonly functionName: string;
  readonly inputs: InputBatch;
}

/** What the function returned, as JSON has it; or why it did not. NaN, infinities and big integers: see json-result.ts. */
export type CallOutcome = { readonly returned: unknown } | ScriptFailure;

export interface ScriptExecutor {
  /**
   * Runs the calls and gives, for each of them, one outcome per input, in order. Never rejects because of a script: a message
   * that makes its script throw, loop, or end the process costs its own outcome. A batch takes at most its time limit; one that
   * fails as a whole is run again message by message. Scripts are pure: an input may be run again, and state may be gone at any time.
   * Safe to call concurrently. Rejects with `not_ready` after `close`, and with the signal's reason.
   */
  call(calls: readonly FunctionCall[], signal?: AbortSignal): Promise<readonly (readonly CallOutcome[])[]>;
}
