/** Passwords of devices that the platform makes. Two are valid during a rotation: the old one, and the new one behind it. */
import { generateSecret } from '@millrace/auth';
import { MillraceError } from '@millrace/contracts';
import type { Resource } from '@millrace/control';
import { bodyOf, entityIn } from '../resources/stored-body.ts';
import { changeSecret, type SecretRequest, type ShownOnceParts } from './shown-once.ts';

const validMax = 2;

export class DevicePasswords {
  readonly #parts: ShownOnceParts;

  constructor(parts: ShownOnceParts) {
    this.#parts = parts;
  }

  /** Throws `not_found`, and `conflict` while two are valid: to which of them the device has come is not known here. */
  async make(
    tenant: string,
    deviceUid: string,
    idempotency: SecretRequest['idempotency'],
  ): Promise<{ readonly resource: Resource; readonly password: string }> {
    const password = generateSecret();
    const hash = this.#parts.secrets.hash(password);
    const request = { tenant, kind: 'devices', id: deviceUid, idempotency } as const;
    const resource = await changeSecret(this.#parts, request, ({ body }, again) => {
      const device = entityIn('devices', body);
      const kept = again ? device.passwordHashes.slice(0, -1) : device.passwordHashes;
      if (kept.length >= validMax)
        throw conflict('Two passwords are valid; remove the old one, or the new one if nobody has it.');
      return bodyOf<'devices'>({ ...device, passwordHashes: [...kept, hash] });
    });
    return { resource, password };
  }

  /** Ends one of the two. Throws `not_found`, and `conflict` when there are not two. */
  remove(tenant: string, deviceUid: string, which: 'old' | 'new'): Promise<Resource> {
    const request = { tenant, kind: 'devices', id: deviceUid, idempotency: undefined } as const;
    return changeSecret(this.#parts, request, ({ body }) => {
      const device = entityIn('devices', body);
      const [old, ...others] = device.passwordHashes;
      if (old === undefined || others.length === 0)
        throw conflict('The device has one password at most, none to choose from.');
      return bodyOf<'devices'>({ ...device, passwordHashes: which === 'old' ? others : [old] });
    });
  }
}

function conflict(detail: string): MillraceError {
  return new MillraceError('conflict', detail);
}
