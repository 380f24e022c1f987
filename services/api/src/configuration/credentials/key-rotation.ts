/** Gives a key of a program a new secret; the one before stays valid beside it for a while, so that programs can change over. */
import { generateKey } from '@millrace/auth';
import type { Clock } from '@millrace/kernel';
import { MillraceError } from '@millrace/contracts';
import type { Resource } from '@millrace/control';
import { bodyOf, entityIn } from '../resources/stored-body.ts';
import { changeSecret, type SecretRequest, type ShownOnceParts } from './shown-once.ts';

export interface RotationOrder {
  readonly overlapSeconds: number;
  /** Throws for scopes that the caller could not give. */
  readonly allow: (scopes: readonly string[]) => void;
  readonly idempotency: SecretRequest['idempotency'];
}

export interface RotatedKey {
  readonly resource: Resource;
  readonly key: string;
}

export class KeyRotation {
  readonly #parts: ShownOnceParts & { readonly clock: Clock };
  readonly #givenKeyId: string | undefined;

  /** `givenKeyId`: of the key that stands in the environment, and comes back with every start. */
  constructor(parts: ShownOnceParts & { readonly clock: Clock }, givenKeyId: string | undefined) {
    this.#parts = parts;
    this.#givenKeyId = givenKeyId;
  }

  /** Throws `not_found`, `not_allowed`, and `conflict` for a key that has ended. */
  async rotate(tenant: string, keyId: string, order: RotationOrder): Promise<RotatedKey> {
    const key = generateKey(keyId);
    const request = { tenant, kind: 'api_keys', id: keyId, idempotency: order.idempotency } as const;
    const resource = await changeSecret(this.#parts, request, ({ body }, again) => {
      const before = entityIn('apiKeys', body);
      order.allow(before.scopes);
      if (keyId === this.#givenKeyId) throw conflict('This key is rotated by changing MILLRACE_ADMIN_KEY of the api.');
      const nowMs = this.#parts.clock.nowMs();
      if (before.expiresAtMicros !== null && before.expiresAtMicros <= nowMs * 1000)
        throw conflict('This key has ended; make another one.');
      const hash = this.#parts.secrets.hash(key);
      return bodyOf<'apiKeys'>({ ...before, hash, ...(!again && overlapOf(before.hash, order.overlapSeconds, nowMs)) });
    });
    return { resource, key };
  }
}

function overlapOf(previousHash: string, seconds: number, nowMs: number) {
  if (seconds === 0) return { previousHash: null, previousUntilMicros: null };
  return { previousHash, previousUntilMicros: Math.trunc(nowMs + seconds * 1000) * 1000 };
}

function conflict(detail: string): MillraceError {
  return new MillraceError('conflict', detail);
}
