/** User scripts behind one wall: a killable process with an isolate per script version. */
export { decodeUplinks, type Uplink, type UplinkGroup } from './decode-uplink.ts';
export { evaluateInputs, type EvaluationInput } from './evaluate.ts';
export type { Evaluation } from './evaluation.ts';
export type { CallOutcome, FunctionCall, Returned, ScriptExecutor, ScriptUsage } from './executor.ts';
export { ScriptFailure, type ScriptErrorCode } from './failure.ts';
export { type FlatRow, FlatRows, type FlatValue, flatten, plainOrigin, type RowOrigin } from './flatten.ts';
export type { InputBatch, InputColumn, Series, SeriesPoint } from './input-batch.ts';
export { defaultLimits, type SandboxLimits } from './limits.ts';
export { Sandbox, type SandboxOptions } from './sandbox.ts';
export type { LimitReason, QuarantineEntry } from './quarantine.ts';
export type { Script } from './script.ts';
export { ScriptBook } from './script-book.ts';
export type { Wall, WallName } from './walls.ts';
export { UnusableResult } from './unusable-result.ts';
export { type DecodedUplink, readUplinkResult } from './uplink-result.ts';
