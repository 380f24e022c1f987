/** Lua 5.4 without files, processes and debugging. The function is a global one of the script. */
import { isolateFile, packageFile } from './isolate-files.ts';
import type { ScriptLanguage } from './language.ts';
import { cappedMemory, loadInterpreted } from './wasm-interpreter.ts';

/** 32 MiB, of which the interpreter takes 16 to start. */
const pagesMax = 512;
const interpreter = {
  module: cappedMemory(packageFile('wasmoon/dist/glue.wasm'), pagesMax),
  glue: isolateFile('lua.js'),
};

export const lua: ScriptLanguage = {
  name: 'lua',
  load: (context, options) => loadInterpreted(context, interpreter, options),
};
