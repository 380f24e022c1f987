/**
 * Authorities of tenants whose keys are kept here: sealed, in a table that is in no outbox, so on no topic and in no export. Their
 * certificates are published as every other authority's. The newest one of a tenant signs; older ones stay trusted until they are deleted.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { authorityKeyPurpose, type AuthorityKeys, createAuthority } from '@millrace/auth/certificate-authority';
import type { KeyedSecrets } from '@millrace/auth';
import { keptEntity, readEntity } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import { CertificateRows, type Database, type Resource, ResourceRows } from '@millrace/control';
import type { Clock } from '@millrace/kernel';
import { bodyOf, entityIn } from '../resources/stored-body.ts';

/** One that signs, and those before it whose certificates have not ended. */
const authoritiesMax = 4;

export interface CertificateParts {
  readonly database: Database;
  readonly secrets: KeyedSecrets;
  readonly clock: Clock;
}

/** Of one transaction. */
export interface CertificateTools {
  readonly rows: ResourceRows;
  readonly certificates: CertificateRows;
}

export class BuiltInAuthorities {
  readonly #parts: CertificateParts;

  constructor(parts: CertificateParts) {
    this.#parts = parts;
  }

  /** Throws `already_exists`, and `conflict` when there are too many. */
  async create(tenant: string, authorityId: string): Promise<Resource> {
    const { database, secrets, clock } = this.#parts;
    const { certificate, privateKey } = await createAuthority(tenant, clock.nowMs());
    const file = readEntity('certificateAuthorities', tenant, { authorityId, certificate });
    const entity = keptEntity('certificateAuthorities', file, undefined, secrets);
    const sealed = secrets.seal(privateKey, authorityKeyPurpose({ tenant, authorityId }), null);
    return database.ofTenant(tenant, async (transaction) => {
      const rows = new ResourceRows(transaction, tenant);
      const certificates = new CertificateRows(transaction, tenant);
      const created = await rows.create('certificate_authorities', authorityId, bodyOf(entity));
      await certificates.addKey(authorityId, sealed);
      if ((await certificates.countKeys()) > authoritiesMax)
        throw new MillraceError(
          'conflict',
          `A tenant has ${authoritiesMax} built-in authorities at most; delete one first.`,
        );
      return created;
    });
  }

  /** The one that signs. Throws `conflict` when there is none, or its certificate was replaced by another's. */
  async signing({ rows, certificates }: CertificateTools): Promise<AuthorityKeys & { readonly authorityId: string }> {
    const found = await certificates.newestKey();
    const resource = found && (await rows.find('certificate_authorities', found.authorityId));
    if (!found || !resource)
      throw new MillraceError(
        'conflict',
        'The tenant has no built-in authority; make one: POST /v1/certificate-authorities/built-in.',
      );
    const { authorityId, sealed } = found;
    const { certificate } = entityIn('certificateAuthorities', resource.body);
    const privateKey = this.#parts.secrets.open(sealed, authorityKeyPurpose({ tenant: rows.tenant, authorityId }));
    if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey)))
      throw new MillraceError(
        'conflict',
        `The certificate of ${authorityId} was replaced by another; make a new authority.`,
      );
    return { authorityId, certificate, privateKey };
  }
}
