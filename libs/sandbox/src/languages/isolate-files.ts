/** The code that runs inside isolates. Read once, when the child starts: later it may not read files any more. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type ivm from 'isolated-vm';

const require = createRequire(import.meta.url);

export function isolateFile(name: string): string {
  return readFileSync(new URL(`../../isolate/${name}`, import.meta.url), 'utf8');
}

export function packageFile(name: string): Uint8Array {
  return readFileSync(require.resolve(name));
}

const hardening = isolateFile('harden.js');
const batchCaller = isolateFile('batch-caller.js');

/** Takes away what escapes the limits: before the script, and after what a language needs to start. */
export function harden(context: ivm.Context): void {
  context.evalSync(hardening);
}

/** What makes batch callers, in the isolate. */
export function batchHost(context: ivm.Context): ivm.Reference<Members> {
  return context.evalSync(batchCaller, { reference: true }) as ivm.Reference<Members>;
}

/** Runs `(host) → …` in the isolate. */
export function applyTo(context: ivm.Context, code: string, host: ivm.Reference<Members>): void {
  const apply = context.evalSync(code, { reference: true }) as ivm.Reference<unknown>;
  apply.applySync(undefined, [host.derefInto()]);
}

export type Members = Readonly<Record<string, unknown>>;

/** A member of an object of the isolate, as a reference. */
export function memberOf(object: ivm.Reference<Members>, name: string): ivm.Reference<unknown> {
  return object.getSync(name, { reference: true }) as ivm.Reference<unknown>;
}
