/**
 * Changes that make a secret, which is shown in the answer and kept nowhere. So a request that comes again under its Idempotency-Key cannot
 * get the same answer: it makes another secret in the place of the one that it made first, which then was not seen by anybody.
 */
import type { SecretKeeper } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import {
  type Body,
  type Database,
  rememberAnswer,
  rememberedAnswer,
  replaceAnswer,
  type Resource,
  type ResourceName,
  ResourceRows,
} from '@millrace/control';

export interface SecretRequest {
  readonly tenant: string;
  readonly kind: ResourceName;
  readonly id: string;
  /** The request's, with what distinguishes it from others under the same key. */
  readonly idempotency: { readonly key: string; readonly request: unknown } | undefined;
}

export interface ShownOnceParts {
  readonly database: Database;
  readonly secrets: SecretKeeper;
}

/**
 * One transaction: `change` gives the body that the entity shall have. `again`: the secret that was made last is to be replaced.
 * Throws `not_found`, `idempotency_key_reused`, and `conflict` for a repetition after another change.
 */
export function changeSecret(
  { database, secrets }: ShownOnceParts,
  { tenant, kind, id, idempotency }: SecretRequest,
  change: (before: Resource, again: boolean) => Body,
): Promise<Resource> {
  const request = idempotency && {
    tenant,
    key: idempotency.key,
    requestHash: secrets.hash(JSON.stringify([kind, id, idempotency.request])),
  };
  return database.ofTenant(tenant, async (transaction) => {
    const answered = request && (await rememberedAnswer(transaction, request));
    const rows = new ResourceRows(transaction, tenant);
    const before = await rows.lock(kind, id);
    if (!before) throw new MillraceError('not_found', `There is no ${id}.`);
    if (answered && answered['position'] !== String(before.revision))
      throw new MillraceError(
        'conflict',
        'It was changed after this request was answered; send it with another Idempotency-Key.',
      );
    const [resource] = await rows.write(kind, [{ id, body: change(before, answered !== undefined), before }]);
    const answer = { position: String(resource!.revision) };
    if (request) await (answered ? replaceAnswer : rememberAnswer)(transaction, request, answer);
    return resource!;
  });
}
