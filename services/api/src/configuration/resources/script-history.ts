/** Scripts keep every text that they had: `script@3` of a point means the same text for ever. */
import { MillraceError } from '@millrace/contracts';
import { type Resource, type ResourceWrite, type ScriptText, ScriptVersions } from '@millrace/control';
import { entityIn } from './stored-body.ts';
import type { WriteTools } from './write-entities.ts';

/** A change a day for three years. */
export const versionsPerScriptMax = 1_000;

/** Writes scripts that were tried, and adds their new versions. One that comes again after its deletion counts on behind those that it had. */
export async function writeScripts(
  { rows, transaction, gate }: WriteTools,
  changes: readonly ResourceWrite[],
): Promise<readonly Resource[]> {
  if (!gate) throw new Error('Scripts are written by somebody who does not try them.');
  gate.require(changes);
  const reasons = new Map(changes.map((change) => [change.id, gate.reasonFor(change)]));
  const changed = changes.filter(({ body, before }) => body['version'] !== before?.body['version']);
  if (changed.length === 0) return rows.write('scripts', changes);
  await rows.takeTurn();
  const versions = new ScriptVersions(transaction, rows.tenant);
  const latest = await versions.latest(changed.map(({ id }) => id));
  const numbered = changes.map((change) => {
    if (!changed.includes(change)) return change;
    const { version, count } = latest.get(change.id) ?? { version: 0, count: 0 };
    if (count >= versionsPerScriptMax)
      throw new MillraceError(
        'too_many_versions',
        `Script ${change.id} has ${versionsPerScriptMax} versions, and none is given up: create another script.`,
      );
    return { ...change, body: { ...change.body, version: Math.max(Number(change.body['version']), version + 1) } };
  });
  const written = await rows.write('scripts', numbered);
  await versions.add(
    numbered
      .filter((_, index) => changed.includes(changes[index]!))
      .map(({ id, body }) => textOf(body, reasons.get(id) ?? null)),
  );
  return written;
}

function textOf(body: ResourceWrite['body'], override: string | null): ScriptText {
  const { scriptId, version, language, source } = entityIn('scripts', body);
  return { scriptId, version, language, source, override };
}
