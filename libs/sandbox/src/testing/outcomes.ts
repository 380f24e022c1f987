/** For tests: calls a script's `decodeUplink` with messages that differ in their bytes only. */
import type { CallOutcome } from '../executor.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Script } from '../script.ts';

export function script(source: string, language = 'javascript'): Script {
  return { name: 'test/script@1', tenant: 'test', language, source };
}

/** One outcome per payload; what was returned stands alone, failures are as they are. */
export async function outcomes(sandbox: Sandbox, of: Script, ...payloads: readonly (readonly number[])[]) {
  const values = payloads.map((bytes) => Uint8Array.from(bytes));
  const inputs = { count: payloads.length, columns: [{ name: 'bytes', kind: 'bytes', values } as const] };
  const [group] = await sandbox.call([{ script: of, functionName: 'decodeUplink', inputs }]);
  return group!.map((outcome: CallOutcome) => ('returned' in outcome ? outcome.returned : outcome));
}
