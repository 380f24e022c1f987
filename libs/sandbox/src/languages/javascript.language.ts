/** JavaScript as V8 has it, without timers, with what codecs of LoRaWAN stacks expect of their host (isolate/shims/codec-host.js). */
import type ivm from 'isolated-vm';
import { scriptFile } from '../stack-line.ts';
import { applyTo, batchHost, harden, isolateFile, memberOf } from './isolate-files.ts';
import type { BatchCaller, ScriptLanguage } from './language.ts';

const giveConsole = isolateFile('console.js');
const codecHost = isolateFile('shims/codec-host.js');
const shims = ['text.js', 'buffer.js', 'buffer-numbers.js'].map((file) => isolateFile(`shims/${file}`));

export const javascript: ScriptLanguage = {
  name: 'javascript',
  load(context, { source, timeLimitMs, resultCharsMax }) {
    harden(context);
    const host = batchHost(context);
    const makeCaller = memberOf(host, 'makeCaller');
    applyTo(context, giveConsole, host);
    const find = finderOf(context);
    context.evalSync(source, { filename: scriptFile, timeout: timeLimitMs });
    return {
      externalBytes: () => 0,
      callerOf(functionName) {
        const found = find.applySync(undefined, [functionName], { result: { reference: true }, timeout: timeLimitMs });
        if (found.typeof !== 'function') return undefined;
        return makeCaller.applySync(undefined, [found.derefInto(), resultCharsMax], {
          result: { reference: true },
          timeout: timeLimitMs,
        }) as BatchCaller;
      },
    };
  },
};

/** Gives the context what codecs expect of their host, and what finds the functions of the script. */
function finderOf(context: ivm.Context): ivm.Reference<(functionName: string) => unknown> {
  const makeFinder = context.evalSync(codecHost, { reference: true }) as ivm.Reference<unknown>;
  return makeFinder.applySync(undefined, shims, { result: { reference: true } }) as ivm.Reference;
}
