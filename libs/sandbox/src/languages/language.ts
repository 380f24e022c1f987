/**
 * The contract of a script language. A member is one file `<name>.language.ts` and runs in the child process only; its code is
 * trusted, the script is not. Whatever the language, its values live inside the isolate, so that one set of limits covers all:
 * Lua and Python bring an interpreter as WebAssembly, start it in the context, and make callers of the same form.
 */
import type ivm from 'isolated-vm';

/** Lives inside the isolate: `(count, description, input: ArrayBuffer, logs)` of an encoded batch → JSON text {results, failures, logs?}. */
export type BatchCaller = ivm.Reference<unknown>;

export interface LoadOptions {
  readonly source: string;
  /** For compiling and for the script's top level. */
  readonly timeLimitMs: number;
  /** JSON text of one result. */
  readonly resultCharsMax: number;
}

export interface LoadedCode {
  /** Undefined for a function that the script does not have. */
  callerOf(functionName: string): BatchCaller | undefined;
  /** What the script holds outside of the isolate's heap. */
  externalBytes(): number;
}

export interface ScriptLanguage {
  /** As scripts name it. */
  readonly name: string;
  /**
   * Loads the script into an empty context of an isolate that has nothing else. Throws what the isolate throws: the script's own
   * error, or that time or memory ran out.
   */
  load(context: ivm.Context, options: LoadOptions): LoadedCode;
}
