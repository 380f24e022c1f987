/** JavaScript as V8 has it, without timers, with what codecs of LoRaWAN stacks expect of their host (isolate/shims/codec-host.js). */
import type ivm from 'isolated-vm';
import { scriptFile } from '../stack-line.ts';
import { applyTo, batchHost, harden, isolateFile, type Members, memberOf } from './isolate-files.ts';
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
    const codec = codecOf(context);
    const timeLimit = { timeout: timeLimitMs };
    context.evalSync(source, { filename: scriptFile, ...timeLimit });
    return {
      externalBytes: () => 0,
      callerOf(functionName) {
        const name = codec.nameOf.applySync(undefined, [functionName], timeLimit) as string | undefined;
        if (name === undefined) return undefined;
        // On the first line: lines of errors stay those of the script.
        const again = `(function () {${source}\n;return typeof ${name} === 'function' ? ${name} : undefined;})`;
        const run = context.evalSync(again, { filename: scriptFile, reference: true, ...timeLimit }) as ivm.Reference;
        const inIsolate = { result: { reference: true }, ...timeLimit } as const;
        const found = codec.callable.applySync(undefined, [functionName, name, run.derefInto()], inIsolate);
        return makeCaller.applySync(undefined, [found.derefInto(), resultCharsMax], inIsolate) as BatchCaller;
      },
    };
  },
};

/** Gives the context what codecs expect of their host, and what finds the functions of the script. */
function codecOf(context: ivm.Context): Readonly<Record<'nameOf' | 'callable', ivm.Reference>> {
  const make = context.evalSync(codecHost, { reference: true }) as ivm.Reference<unknown>;
  const host = make.applySync(undefined, shims, { result: { reference: true } }) as ivm.Reference<Members>;
  return { nameOf: memberOf(host, 'nameOf'), callable: memberOf(host, 'callable') };
}
