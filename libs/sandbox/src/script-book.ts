/** The scripts of the configuration as the sandbox takes them: the same object, and with it the isolate, while nothing changed. */
import type { ScriptConfig } from '@millrace/contracts';
import type { Script } from './script.ts';

export class ScriptBook {
  readonly #scripts = new Map<string, Script>();

  /** The configuration is published again at every start: what counts is whether it says something else. */
  scriptOf({ tenant, scriptId, version, language, source }: ScriptConfig): Script {
    const key = `${tenant}/${scriptId}`;
    const name = `${key}@${version}`;
    const known = this.#scripts.get(key);
    if (known?.name === name && known.source === source && known.language === language) return known;
    const script: Script = { name, tenant, language, source };
    this.#scripts.set(key, script);
    return script;
  }
}
