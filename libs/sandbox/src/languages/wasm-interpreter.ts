/** What the languages share whose interpreter is a WebAssembly module: it starts in the isolate, with its memory capped. */
import ivm from 'isolated-vm';
import { applyTo, batchHost, harden, isolateFile, type Members, memberOf } from './isolate-files.ts';
import type { BatchCaller, LoadedCode, LoadOptions } from './language.ts';

const startWasm = isolateFile('wasm.js');

/** To compile the module and set the interpreter up: 20 ms on a quiet machine. */
const startMsMax = 5_000;

export interface Interpreter {
  /** The module, as `cappedMemory` gives it. */
  readonly module: Uint8Array;
  /** Code of the isolate: `(host, startWasm, bytes, ...texts) → {load, callerOf, heldBytes}`. */
  readonly glue: string;
  /** Code of the isolate that gives the host more: `(host) → …`. */
  readonly hostParts?: readonly string[];
  readonly texts?: readonly string[];
}

export function loadInterpreted(
  context: ivm.Context,
  { module, glue, hostParts = [], texts = [] }: Interpreter,
  { source, timeLimitMs, resultCharsMax }: LoadOptions,
): LoadedCode {
  const host = batchHost(context);
  for (const part of hostParts) applyTo(context, part, host);
  const start = context.evalSync(glue, { reference: true }) as ivm.Reference<unknown>;
  const wasm = context.evalSync(startWasm, { reference: true }) as ivm.Reference<unknown>;
  const bytes = new ivm.ExternalCopy(Uint8Array.from(module).buffer).copyInto({ release: true });
  const engine = start.applySync(undefined, [host.derefInto(), wasm.derefInto(), bytes, ...texts], {
    result: { reference: true },
    timeout: startMsMax,
  }) as ivm.Reference<Members>;
  harden(context);
  const callerOf = memberOf(engine, 'callerOf');
  const heldBytes = memberOf(engine, 'heldBytes');
  memberOf(engine, 'load').applySync(undefined, [source], { timeout: timeLimitMs });
  return {
    externalBytes: () => heldBytes.applySync() as unknown as number,
    callerOf(functionName) {
      const caller = callerOf.applySync(undefined, [functionName, resultCharsMax], {
        result: { reference: true },
        timeout: timeLimitMs,
      }) as BatchCaller;
      return caller.typeof === 'function' ? caller : undefined;
    },
  };
}

const memorySection = 5;
const hasMaximum = 1;
/** The maximum as the modules have it: 32,768 pages in three bytes. */
const maximumBytes = 3;
const moduleHeadBytes = 8;

/**
 * The module with another maximum of its memory, in pages of 64 KiB: V8 itself refuses more, and the interpreter says that
 * memory is out. An isolate's limit does not count the memory of modules. Throws when the module is none that we know.
 */
export function cappedMemory(module: Uint8Array, pagesMax: number): Uint8Array {
  const bytes = Uint8Array.from(module);
  let at = moduleHeadBytes;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const length = number();
    const end = at + length;
    if (section !== memorySection) {
      at = end;
      continue;
    }
    number(); // One memory.
    const flags = number();
    const minimum = number();
    const from = at;
    number();
    if (flags !== hasMaximum || at - from !== maximumBytes || pagesMax < minimum) break;
    bytes.set([0x80 | (pagesMax & 0x7f), 0x80 | ((pagesMax >> 7) & 0x7f), pagesMax >> 14], from);
    return bytes;
  }
  throw new Error('The WebAssembly module has no memory whose maximum can be set.');
}
