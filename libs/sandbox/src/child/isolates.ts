/** The isolates of the child, one per script, bounded: the one unused for longest goes first. */
import ivm from 'isolated-vm';
import type { BatchCaller } from '../languages/language.ts';
import { languages } from '../languages/registry.ts';
import type { SandboxLimits } from '../limits.ts';

export class LoadedScript {
  readonly isolate: ivm.Isolate;
  readonly #makeCaller: (functionName: string) => BatchCaller | undefined;
  readonly #callers = new Map<string, BatchCaller | undefined>();

  constructor(isolate: ivm.Isolate, makeCaller: (functionName: string) => BatchCaller | undefined) {
    this.isolate = isolate;
    this.#makeCaller = makeCaller;
  }

  caller(functionName: string): BatchCaller | undefined {
    if (!this.#callers.has(functionName)) this.#callers.set(functionName, this.#makeCaller(functionName));
    return this.#callers.get(functionName);
  }
}

export class Isolates {
  readonly #limits: SandboxLimits;
  /** In order of use. */
  readonly #scripts = new Map<number, LoadedScript>();

  constructor(limits: SandboxLimits) {
    this.#limits = limits;
  }

  get(scriptId: number): LoadedScript | undefined {
    const script = this.#scripts.get(scriptId);
    if (!script) return undefined;
    this.#scripts.delete(scriptId);
    this.#scripts.set(scriptId, script);
    return script;
  }

  /** Throws what the script or its isolate throws; nothing is kept then. */
  load(scriptId: number, languageName: string, source: string): LoadedScript {
    const language = languages.get(languageName);
    if (!language) throw new Error(`There is no script language ${languageName}.`);
    const isolate = new ivm.Isolate({ memoryLimit: this.#limits.isolateMemoryMb });
    try {
      const { loadMs: timeLimitMs, resultCharsMax } = this.#limits;
      const callers = language.load(isolate.createContextSync(), { source, timeLimitMs, resultCharsMax });
      const script = new LoadedScript(isolate, callers);
      this.#makeRoom();
      this.#scripts.set(scriptId, script);
      return script;
    } catch (error) {
      if (!isolate.isDisposed) isolate.dispose();
      throw error;
    }
  }

  /** After a timeout or a lack of memory the isolate's state is unknown: it goes. */
  drop(scriptId: number): void {
    const script = this.#scripts.get(scriptId);
    this.#scripts.delete(scriptId);
    if (script && !script.isolate.isDisposed) script.isolate.dispose();
  }

  #makeRoom(): void {
    if (this.#scripts.size < this.#limits.isolatesMax) return;
    const [oldest] = this.#scripts.keys();
    if (oldest !== undefined) this.drop(oldest);
  }
}
