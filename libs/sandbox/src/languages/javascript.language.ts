/** JavaScript as V8 has it, without modules, timers and host objects. The function is a global one of the script. */
import { readFileSync } from 'node:fs';
import type ivm from 'isolated-vm';
import { scriptFile } from '../stack-line.ts';
import type { BatchCaller, ScriptLanguage } from './language.ts';

const inIsolate = (file: string): string => readFileSync(new URL(`../../isolate/${file}`, import.meta.url), 'utf8');
const hardening = inIsolate('harden.js');
const batchCaller = inIsolate('batch-caller.js');

export const javascript: ScriptLanguage = {
  name: 'javascript',
  load(context, { source, timeLimitMs, resultCharsMax }) {
    context.evalSync(hardening);
    const callerOf = context.evalSync(batchCaller, { reference: true }) as ivm.Reference<unknown>;
    context.evalSync(source, { filename: scriptFile, timeout: timeLimitMs });
    return (functionName) => {
      const found = context.evalSync(`typeof ${functionName} === 'function' ? ${functionName} : undefined`, {
        reference: true,
        timeout: timeLimitMs,
      }) as ivm.Reference<unknown>;
      if (found.typeof !== 'function') return undefined;
      return callerOf.applySync(undefined, [found.derefInto(), resultCharsMax], {
        result: { reference: true },
        timeout: timeLimitMs,
      }) as BatchCaller;
    };
  },
};
