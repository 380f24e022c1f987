/** JavaScript as V8 has it, without modules, timers and host objects. The function is a global one of the script. */
import type ivm from 'isolated-vm';
import { scriptFile } from '../stack-line.ts';
import { applyTo, batchHost, harden, isolateFile, memberOf } from './isolate-files.ts';
import type { BatchCaller, ScriptLanguage } from './language.ts';

const giveConsole = isolateFile('console.js');

export const javascript: ScriptLanguage = {
  name: 'javascript',
  load(context, { source, timeLimitMs, resultCharsMax }) {
    harden(context);
    const host = batchHost(context);
    const makeCaller = memberOf(host, 'makeCaller');
    applyTo(context, giveConsole, host);
    context.evalSync(source, { filename: scriptFile, timeout: timeLimitMs });
    return {
      externalBytes: () => 0,
      callerOf(functionName) {
        const found = context.evalSync(`typeof ${functionName} === 'function' ? ${functionName} : undefined`, {
          reference: true,
          timeout: timeLimitMs,
        }) as ivm.Reference<unknown>;
        if (found.typeof !== 'function') return undefined;
        return makeCaller.applySync(undefined, [found.derefInto(), resultCharsMax], {
          result: { reference: true },
          timeout: timeLimitMs,
        }) as BatchCaller;
      },
    };
  },
};
