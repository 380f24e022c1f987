/** Why a script gave no result for a message. */
import type { ErrorCode } from '@millrace/contracts';

export type ScriptErrorCode = Extract<ErrorCode, `script_${string}`>;

/** Not an Error: a script that fails for every message must not cost a stack trace for each of them. */
export class ScriptFailure {
  readonly code: ScriptErrorCode;
  /** One sentence for the script's author. */
  readonly detail: string;
  /** Line in the script's source, from 1; undefined where none is known. */
  readonly line: number | undefined;
  /** What the script wrote before it failed, where the call asked for it. */
  readonly logs: readonly string[] | undefined;

  constructor(code: ScriptErrorCode, detail: string, line?: number, logs?: readonly string[]) {
    this.code = code;
    this.detail = detail;
    this.line = line;
    this.logs = logs;
  }
}

/** `Line 3: bad frame` */
export function detailWithLine({ line, detail }: ScriptFailure): string {
  return line === undefined ? detail : `Line ${line}: ${detail}`;
}
