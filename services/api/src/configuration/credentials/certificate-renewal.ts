/**
 * A device renews its own certificate: it proves itself by what it has, and names nobody but itself. By a certificate it proves itself with a
 * signature of its key over the request, because the api asks for no certificates in TLS, which ends in front of it.
 */
import { type Authorization, type CredentialHasher, endOfKeyMs, keyIdOf, parseAuthorization } from '@millrace/auth';
import { isSignedBy } from '@millrace/auth/certificate-authority';
import type { Configuration } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import { CertificateRows, ResourceRows } from '@millrace/control';
import { entityIn } from '../resources/stored-body.ts';
import { requireActiveTenant } from './active-tenant.ts';
import type { CertificateParts, CertificateTools } from './built-in-authorities.ts';
import type { DeviceCertificates, MadeCertificate } from './device-certificates.ts';

export interface RenewalRequest {
  readonly request: string;
  /** Base64, by the key of a valid certificate of the device over `request`, see `isSignedBy`. */
  readonly signature?: string | undefined;
}

interface Named {
  readonly tenant: string;
  readonly deviceUid: string;
}

export interface RenewalParts extends CertificateParts {
  readonly configuration: Configuration;
  readonly hasher: CredentialHasher;
  readonly certificates: DeviceCertificates;
}

export class CertificateRenewal {
  readonly #parts: RenewalParts;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /** Throws `unauthenticated`, `device_disabled`, `tenant_suspended`, and what `DeviceCertificates.issueIn` throws. */
  async renew(authorization: string | undefined, renewal: RenewalRequest): Promise<MadeCertificate> {
    const credential = parseAuthorization(authorization);
    const named = credential && this.#named(credential);
    if (!named) throw unauthenticated();
    const { tenant, deviceUid } = named;
    return this.#parts.database.ofTenant(tenant, async (transaction) => {
      const tools = {
        rows: new ResourceRows(transaction, tenant),
        certificates: new CertificateRows(transaction, tenant),
      };
      const device = await tools.rows.lock('devices', deviceUid);
      if (!device) throw unauthenticated();
      if (credential.kind === 'certificate') await requireSignature(tools, deviceUid, renewal);
      await requireActiveTenant(tools.rows);
      if (entityIn('devices', device.body).state !== 'active')
        throw new MillraceError('device_disabled', `Device ${deviceUid} is not active.`);
      return this.#parts.certificates.issueIn(tools, deviceUid, { request: renewal.request });
    });
  }

  /** Who is named, and unless it is by a certificate, proved. */
  #named(credential: Authorization): Named | undefined {
    const { configuration, hasher, clock } = this.#parts;
    switch (credential.kind) {
      case 'basic': {
        const device = configuration.device(credential.tenant, credential.deviceUid);
        return hasher.matches(credential.password, device?.passwordHashes ?? []) ? credential : undefined;
      }
      case 'bearer': {
        const found = configuration.deviceCredential(keyIdOf(credential.token) ?? '');
        const stored = found?.kind === 'key' ? found : undefined;
        return endOfKeyMs(credential.token, stored, hasher, clock.nowMs()) === undefined ? undefined : stored;
      }
      case 'certificate':
        return credential.deviceUid === null ? undefined : { ...credential, deviceUid: credential.deviceUid };
    }
  }
}

async function requireSignature(
  { certificates }: CertificateTools,
  deviceUid: string,
  { request, signature }: RenewalRequest,
): Promise<void> {
  const live = await certificates.liveOf([deviceUid]);
  if (signature === undefined || !live.some(({ certificate }) => isSignedBy(certificate, request, signature)))
    throw unauthenticated();
}

function unauthenticated(): MillraceError {
  return new MillraceError(
    'unauthenticated',
    'Send a key or a password of the device, or its name with a signature by the key of its valid certificate.',
  );
}
