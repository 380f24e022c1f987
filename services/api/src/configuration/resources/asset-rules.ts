/** Assets are a tree: no asset is a part of itself, and the tree has a bound. */
import { MillraceError } from '@millrace/contracts';
import { type Resource, ResourceTree, type ResourceWrite, treeLevelsMax } from '@millrace/control';
import type { WriteTools } from './write-entities.ts';

/** Checked when they are written: writers wait for each other from then on, so two moves cannot make a circle together. */
export async function writeAssets(
  { rows, transaction }: WriteTools,
  changes: readonly ResourceWrite[],
): Promise<readonly Resource[]> {
  const written = await rows.write('assets', changes);
  const moved = changes.filter(({ body, before }) => body['parentId'] !== (before?.body['parentId'] ?? null));
  const faults = await new ResourceTree(transaction, rows.tenant, 'assets').faults(moved.map(({ id }) => id));
  for (const [id, code] of faults) {
    const detail =
      code === 'cycle'
        ? `${id} would be a part of itself.`
        : `Below ${id} the tree would have more than ${treeLevelsMax} levels.`;
    throw new MillraceError('invalid_field', `parentId: ${detail}`, { errors: [{ field: 'parentId', code, detail }] });
  }
  return written;
}
