/** The isolates of the child, one per script, bounded in number and memory: the one unused for longest goes first. */
import ivm from 'isolated-vm';
import type { BatchCaller, LoadedCode } from '../languages/language.ts';
import { languages } from '../languages/registry.ts';
import type { SandboxLimits } from '../limits.ts';
import type { Script } from '../script.ts';

/** Of what the process may hold; the rest is for the script at work, which would be charged for those that lie idle. */
const idlePart = 0.7;
/** With each new one and each long call while there is too much: memory of V8 may come back late. */
const evictedAtOnceMax = 8;

export class LoadedScript {
  readonly isolate: ivm.Isolate;
  readonly #code: LoadedCode;
  readonly #callers = new Map<string, BatchCaller | undefined>();

  constructor(isolate: ivm.Isolate, code: LoadedCode) {
    this.isolate = isolate;
    this.#code = code;
  }

  caller(functionName: string): BatchCaller | undefined {
    if (!this.#callers.has(functionName)) this.#callers.set(functionName, this.#code.callerOf(functionName));
    return this.#callers.get(functionName);
  }

  get heldBytes(): number {
    const { used_heap_size: heap, externally_allocated_size: external } = this.isolate.getHeapStatisticsSync();
    return heap + external + this.#code.externalBytes();
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

  /** How long a script may take to load. */
  get loadMs(): number {
    return this.#limits.loadMs;
  }

  /** Throws what the script or its isolate throws; nothing is kept then. */
  load(scriptId: number, script: Pick<Script, 'language' | 'source'>, patience: number): LoadedScript {
    const language = languages.get(script.language);
    if (!language) throw new Error(`There is no script language ${script.language}.`);
    const isolate = new ivm.Isolate({ memoryLimit: this.#limits.isolateMemoryMb });
    try {
      const { loadMs, resultCharsMax } = this.#limits;
      const options = { source: script.source, timeLimitMs: loadMs * patience, resultCharsMax };
      const loaded = new LoadedScript(isolate, language.load(isolate.createContextSync(), options));
      this.#makeRoom();
      this.#scripts.set(scriptId, loaded);
      return loaded;
    } catch (error) {
      if (!isolate.isDisposed) isolate.dispose();
      throw error;
    }
  }

  /** Undefined when the script's isolate is gone. */
  heldBytes(scriptId: number): number | undefined {
    return this.#scripts.get(scriptId)?.heldBytes;
  }

  /** After a timeout or a lack of memory the isolate's state is unknown: it goes. */
  drop(scriptId: number): void {
    const script = this.#scripts.get(scriptId);
    this.#scripts.delete(scriptId);
    if (script && !script.isolate.isDisposed) script.isolate.dispose();
  }

  /** After a call: a script at work grows, and keeps what it has. The one that was used last stays. */
  trim(): void {
    for (let evicted = 0; evicted < evictedAtOnceMax && this.#scripts.size > 1 && this.#isFull(); evicted += 1)
      this.#dropOldest();
  }

  #makeRoom(): void {
    this.trim();
    if (this.#scripts.size >= this.#limits.isolatesMax) this.#dropOldest();
  }

  #isFull(): boolean {
    return process.memoryUsage.rss() > this.#limits.processMemoryBytesMax * idlePart;
  }

  #dropOldest(): void {
    const [oldest] = this.#scripts.keys();
    if (oldest !== undefined) this.drop(oldest);
  }
}
