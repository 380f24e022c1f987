/** Which scripts a request may write: those that it has tried, each as it will be written. */
import type { FieldError } from '@millrace/contracts';
import type { Body, ResourceWrite } from '@millrace/control';

/** Thrown in the transaction that wants to write them: scripts are tried outside of it, and then it is repeated. */
export class UntriedScripts extends Error {
  readonly scripts: readonly ResourceWrite[];

  constructor(scripts: readonly ResourceWrite[]) {
    super('Scripts are written that nobody has tried.');
    this.scripts = scripts;
  }
}

export class ScriptGate {
  /** Why scripts are written although they fail; undefined: they are not. */
  readonly override: string | undefined;
  /** What is wrong with those that were tried. */
  readonly #tried = new Map<string, readonly FieldError[]>();
  readonly #overridden = new Set<string>();

  constructor(override: string | undefined) {
    this.override = override;
  }

  /** Ids of scripts that were written although they fail. */
  get overridden(): ReadonlySet<string> {
    return this.#overridden;
  }

  /** Throws UntriedScripts. What is neither another text nor has other samples was tried when it came. */
  require(changes: readonly ResourceWrite[]): void {
    const untried = changes.filter(
      ({ body, before }) => !this.#tried.has(keyOf(body)) && !(before && keyOf(before.body) === keyOf(body)),
    );
    if (untried.length > 0) throw new UntriedScripts(untried);
  }

  tried({ body }: ResourceWrite, errors: readonly FieldError[]): void {
    this.#tried.set(keyOf(body), errors);
  }

  /** What is kept with the version: the reason where the script fails, null where it does not. */
  reasonFor({ id, body }: ResourceWrite): string | null {
    const fails = (this.#tried.get(keyOf(body)) ?? []).length > 0;
    if (!fails || this.override === undefined) return null;
    this.#overridden.add(id);
    return this.override;
  }
}

/** All that the result of trying it depends on. */
function keyOf({ scriptId, language, source, samples }: Body): string {
  return JSON.stringify([scriptId, language, source, samples]);
}
