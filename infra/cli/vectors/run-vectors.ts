/** Runs a codec with its vectors on this machine, in the sandbox of the platform. */
import {
  type InputColumn,
  readDownlinkResult,
  readUplinkResult,
  type Returned,
  runSamples,
  type Sandbox,
  type SampleResult,
  type Script,
  ScriptFailure,
} from '@millrace/sandbox';
import { UserError } from '../../stack/user-error.ts';
import { scriptIn } from '../script-file.ts';
import type { LiteralReader, TestedCodec, Vector } from './vector.ts';
import { differencesOf } from './vector-difference.ts';

/** As it is printed with --json. */
export interface VectorResult {
  readonly codec: string;
  readonly vector: string;
  readonly function: string;
  readonly passed: boolean;
  /** Why there is no result, or the platform cannot take it. */
  readonly failure: { readonly code: string; readonly detail: string; readonly line: number | null } | null;
  readonly differences: readonly string[];
}

/** One for each sample and vector, in order; one for a codec with a problem. Rejects as the sandbox does. */
export async function runCodec(
  sandbox: Sandbox,
  { file, vectors, samples, problem }: TestedCodec,
  signal: AbortSignal,
): Promise<readonly VectorResult[]> {
  if (problem !== undefined) return [resultOf(file, 'vectors', '', { failure: unreadable(problem) })];
  const script = { name: `local/${file}@1`, tenant: 'local', ...scriptIn(file) };
  const run = samples.length > 0 ? await runSamples(sandbox, script, samples, { signal }) : undefined;
  const outcomes = await Promise.all(vectors.map((vector) => outcomeOf(sandbox, script, vector, signal)));
  return [
    ...(run?.results ?? []).map((result) => resultOfSample(file, result)),
    ...vectors.map(({ name, functionName }, at) => resultOf(file, name, functionName, outcomes[at]!)),
  ];
}

const unreadable = (detail: string): VectorResult['failure'] => ({ code: 'unreadable', detail, line: null });

type Outcome = Partial<Pick<VectorResult, 'failure' | 'differences'>>;

function resultOf(codec: string, vector: string, functionName: string, outcome: Outcome): VectorResult {
  const { failure = null, differences = [] } = outcome;
  const passed = failure === null && differences.length === 0;
  return { codec, vector, function: functionName, passed, failure, differences };
}

function resultOfSample(file: string, { name, passed, failure, difference }: SampleResult): VectorResult {
  if (passed !== false) return resultOf(file, name, 'decodeUplink', {});
  const outcome = failure ? { failure: shown(failure) } : { differences: [difference ?? ''] };
  return resultOf(file, name, 'decodeUplink', outcome);
}

async function outcomeOf(
  sandbox: Sandbox,
  script: Script,
  { functionName, name, input, expected }: Vector,
  signal: AbortSignal,
): Promise<Outcome> {
  if ('bytes' in input && !isBytes(input['bytes'])) return { failure: unreadable('input.bytes is no array of bytes.') };
  const columns = Object.entries({ ...usual[functionName], ...input }).map(([key, value]) => columnOf(key, value));
  const call = { script, functionName, inputs: { count: 1, columns }, subjects: [name] };
  const [[outcome] = []] = await sandbox.call([call], signal);
  if (!outcome || outcome instanceof ScriptFailure) return outcome ? { failure: shown(outcome) } : {};
  const differences = differencesOf(expected, outcome.returned);
  if (differences.length > 0 || reportsErrors(outcome.returned)) return { differences };
  const read = readers[functionName]?.(outcome);
  return read instanceof ScriptFailure ? { failure: shown(read) } : {};
}

/** What the platform makes of a result. */
const readers: Readonly<Partial<Record<Vector['functionName'], (outcome: Returned) => unknown>>> = {
  decodeUplink: ({ returned }) => readUplinkResult(returned),
  encodeDownlink: readDownlinkResult,
};

/** What the platform gives each function when there is nothing else to say. The time is the same at each run. */
const usual = {
  decodeUplink: { recvTime: '2026-01-01T00:00:00Z', variables: {}, attributes: {} },
  decodeDownlink: { recvTime: '2026-01-01T00:00:00Z', variables: {} },
  encodeDownlink: { fPort: null, variables: {} },
} as const;

function columnOf(name: string, value: unknown): InputColumn {
  if (name === 'bytes') return { name, kind: 'bytes', values: [Uint8Array.from(value as readonly number[])] };
  if (name === 'recvTime') return { name, kind: 'time', values: [Date.parse(String(value))] };
  if (typeof value === 'number' || value == null) return { name, kind: 'number', values: [value ?? undefined] };
  return { name, kind: 'shared', values: [value as object] };
}

function isBytes(value: unknown): boolean {
  return Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
}

/** What a codec says itself is in its vectors; the platform takes it as a refusal. */
function reportsErrors(returned: unknown): boolean {
  const { errors } = (returned ?? {}) as { readonly errors?: unknown };
  return Array.isArray(errors) && errors.length > 0;
}

const shown = ({ code, detail, line }: ScriptFailure): VectorResult['failure'] => ({
  code,
  detail,
  line: line ?? null,
});

/** Reads literals in the sandbox: they are code of others. */
export function literalReader(sandbox: Sandbox): LiteralReader {
  return async (text, file) => {
    const plain = json(text);
    if (plain !== undefined) return plain;
    const source = `function read() { return (\n${text}\n); }`;
    const script = { name: 'local/literal@1', tenant: 'local', language: 'javascript', source };
    const [[outcome] = []] = await sandbox.call([{ script, functionName: 'read', inputs: { count: 1, columns: [] } }]);
    if (outcome && 'returned' in outcome) return outcome.returned;
    throw new UserError(`${file} is neither JSON nor a JavaScript literal: ${outcome?.detail}`);
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
