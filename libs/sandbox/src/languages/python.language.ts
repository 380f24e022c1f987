/** Python as MicroPython has it, without files, processes and sockets. The function is a global one of the script. */
import { isolateFile, packageFile } from './isolate-files.ts';
import type { ScriptLanguage } from './language.ts';
import { cappedMemory, loadInterpreted } from './wasm-interpreter.ts';

/** 32 MiB, of which the interpreter takes 16 to start. */
const pagesMax = 512;
const interpreter = {
  module: cappedMemory(packageFile('@micropython/micropython-webassembly-pyscript/micropython.wasm'), pagesMax),
  glue: isolateFile('python.js'),
  hostParts: [isolateFile('text-caller.js')],
  texts: [isolateFile('python-prelude.py')],
};

export const python: ScriptLanguage = {
  name: 'python',
  load: (context, options) => loadInterpreted(context, interpreter, options),
};
