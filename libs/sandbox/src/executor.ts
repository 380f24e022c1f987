/** The one door to user code, for every language and every kind of script: call this function with this batch of inputs. */
import type { ScriptFailure } from './failure.ts';
import type { InputBatch } from './input-batch.ts';
import type { Script } from './script.ts';

export interface FunctionCall {
  readonly script: Script;
  /** Called once per input, with the input as its only argument. */
  readonly functionName: string;
  readonly inputs: InputBatch;
  /**
   * Whom each input is charged to, such as the key of its device: a script that keeps breaking its limits for one of them rests
   * for that one. Undefined: all inputs are charged to the same.
   */
  readonly subjects?: readonly string[];
  /**
   * How long inputs of a batch that failed as a whole are run one by one, in milliseconds; those that were not reached get
   * `script_deferred`. Undefined: to the end.
   */
  readonly patienceMs?: number;
  /** What the script writes comes with its outcomes. Without it, it is dropped inside the isolate. */
  readonly logs?: boolean;
  /** Told what each request to a child cost, also of one that cost the child. */
  readonly onUsage?: (usage: ScriptUsage) => void;
}

export interface ScriptUsage {
  /** Of the child, in milliseconds of the processor. */
  readonly cpuMs: number;
  /** Held by the script after the call; undefined: nobody asked (`logs`), or the isolate is gone. */
  readonly heapBytes: number | undefined;
}

export interface Returned {
  /** As JSON has it. NaN, infinities and big integers: see json-result.ts. */
  readonly returned: unknown;
  readonly logs?: readonly string[];
}

/** What the function returned; or why it did not. */
export type CallOutcome = Returned | ScriptFailure;

export interface ScriptExecutor {
  /**
   * Runs the calls and gives, for each of them, one outcome per input, in order. Never rejects because of a script: a message
   * that makes its script throw, loop, or end the process costs its own outcome. A batch takes at most its time limit; one that
   * fails as a whole is run again message by message. Scripts are pure: an input may be run again, and state may be gone at any time.
   * Safe to call concurrently. Rejects with `not_ready` after `close`, and with the signal's reason.
   */
  call(calls: readonly FunctionCall[], signal?: AbortSignal): Promise<readonly (readonly CallOutcome[])[]>;
}
