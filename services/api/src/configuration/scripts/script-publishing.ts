/** A script is published only when it loads and its samples pass, or with a reason why not. */
import { type FieldError, MillraceError } from '@millrace/contracts';
import type { ScriptSample } from '@millrace/config';
import type { ResourceWrite } from '@millrace/control';
import type { Clock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import { detailWithLine, loadFailureOf, runSamples, type Sandbox, type Script } from '@millrace/sandbox';
import type { apiEvents } from '../../api-events.ts';
import { entityIn } from '../resources/stored-body.ts';
import { ScriptGate, UntriedScripts } from './script-gate.ts';
import type { ScriptRunner } from './script-runner.ts';

/** What one script may hold up the others: thirty-two samples that all break a limit take ten times as long. */
const patienceMs = 1_000;
/** Of one request; a thousand scripts that are right take ten seconds. */
const triesMsMax = 60_000;
/** Then the rest is not looked at. */
const failedScriptsMax = 10;
/** Each attempt finds the scripts changed by somebody else meanwhile. */
const attemptsMax = 5;

export interface ScriptPublishingParts {
  readonly runner: Pick<ScriptRunner, 'run'>;
  readonly events: Pick<Emitter<typeof apiEvents>, 'scriptPublishedAnyway'>;
  readonly clock: Clock;
}

export class ScriptPublishing {
  readonly #parts: ScriptPublishingParts;

  constructor(parts: ScriptPublishingParts) {
    this.#parts = parts;
  }

  /**
   * Gives what `work` gives, which is called again after scripts were tried that it wants to write. No transaction is open while
   * scripts run. `override`: why it is to be done although they fail. Throws `samples_failed` and what `work` throws.
   */
  async publish<T>(tenant: string, override: string | undefined, work: (gate: ScriptGate) => Promise<T>): Promise<T> {
    const gate = new ScriptGate(override);
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1)
      try {
        const result = await work(gate);
        for (const script of gate.overridden)
          this.#parts.events.scriptPublishedAnyway({ tenant, script, reason: override! });
        return result;
      } catch (error) {
        if (!(error instanceof UntriedScripts)) throw error;
        await this.#tryAll(tenant, error.scripts, gate);
      }
    throw new MillraceError('conflict', 'The script is changed by somebody else all the time; repeat your change.');
  }

  async #tryAll(tenant: string, scripts: readonly ResourceWrite[], gate: ScriptGate): Promise<void> {
    const { runner, clock } = this.#parts;
    const failed: { readonly id: string; readonly errors: readonly FieldError[] }[] = [];
    await runner.run(tenant, async (sandbox, signal) => {
      const endsMs = clock.monotonicMs() + triesMsMax;
      for (const script of scripts) {
        if (clock.monotonicMs() > endsMs) throw tooMany(scripts.length);
        const errors = await lastingErrorsOf(sandbox, tenant, script, signal);
        gate.tried(script, errors);
        if (errors.length > 0) failed.push({ id: script.id, errors });
        if (failed.length >= failedScriptsMax && gate.override === undefined) return;
      }
    });
    if (failed.length > 0 && gate.override === undefined) throw refusalOf(failed, scripts.length > 1);
  }
}

/** A machine that is busy starves scripts that are well: one that took too long is tried once more. */
async function lastingErrorsOf(...parameters: Parameters<typeof errorsOf>): ReturnType<typeof errorsOf> {
  const errors = await errorsOf(...parameters);
  return errors.some(({ code }) => tookTooLong.has(code)) ? errorsOf(...parameters) : errors;
}

const tookTooLong: ReadonlySet<string> = new Set(['script_timeout', 'script_deferred']);

/** None: it loads and its samples pass. */
async function errorsOf(
  sandbox: Sandbox,
  tenant: string,
  { body }: ResourceWrite,
  signal: AbortSignal,
): Promise<readonly FieldError[]> {
  const { scriptId, version, language, source } = entityIn('scripts', body);
  const samples = body['samples'] as unknown as readonly ScriptSample[];
  const script: Script = { name: `${tenant}/${scriptId}@${version}`, tenant, language, source };
  if (samples.length === 0) {
    const failure = await loadFailureOf(sandbox, script, signal);
    return failure ? [{ field: 'source', code: failure.code, detail: detailWithLine(failure) }] : [];
  }
  const { results } = await runSamples(sandbox, script, samples, { patienceMs, signal });
  const unloaded = results.find(({ failure }) => failure?.code === 'script_invalid')?.failure;
  if (unloaded) return [{ field: 'source', code: unloaded.code, detail: detailWithLine(unloaded) }];
  return results.flatMap(({ name, failure, difference }, index) => {
    if (difference === undefined) return [];
    return [{ field: `samples.${index}`, code: failure?.code ?? 'different', detail: `${name}: ${difference}` }];
  });
}

const errorsShownMax = 50;

function refusalOf(
  failed: readonly { readonly id: string; readonly errors: readonly FieldError[] }[],
  named: boolean,
): MillraceError {
  const errors = failed.flatMap(({ id, errors: ofScript }) =>
    named ? ofScript.map((error) => ({ ...error, field: `scripts.${id}.${error.field}` })) : ofScript,
  );
  const [first] = failed;
  const detail = `Script ${first!.id}: ${first!.errors[0]!.detail} Mend the script or its samples, or give a reason as override.`;
  return new MillraceError('samples_failed', detail, { errors: errors.slice(0, errorsShownMax) });
}

function tooMany(count: number): MillraceError {
  const seconds = triesMsMax / 1_000;
  return new MillraceError(
    'samples_failed',
    `Trying ${count} scripts takes longer than ${seconds} s: publish fewer of them at a time.`,
  );
}
