/**
 * Devices that register themselves: keeps what `decideRegistration` decides, in one transaction with the device, its credential and the
 * outbox. The secret's id begins with its tenant, so that the transaction is confined to it from its first statement.
 */
import {
  checkRegistrationSecret,
  type CredentialHasher,
  decideRegistration,
  keyIdOf,
  registrationRefused,
} from '@millrace/auth';
import { keptEntity, readEntity } from '@millrace/config';
import { asMillraceError, tenantPattern } from '@millrace/contracts';
import {
  CertificateRows,
  type RegistrationRow,
  RegistrationRows,
  ResourceRows,
  type SecretRow,
} from '@millrace/control';
import type { CertificateParts } from '../credentials/built-in-authorities.ts';
import { requireActiveTenant } from '../credentials/active-tenant.ts';
import { bodyOf, entityIn } from '../resources/stored-body.ts';
import { writeEntities, type WriteTools } from '../resources/write-entities.ts';
import type { GivenCredential, RegistrationCredentials, WantedCredential } from './registration-credentials.ts';

export interface RegistrationRequest {
  readonly deviceUid: string;
  readonly claim: string;
  readonly credential: WantedCredential;
}

export type RegistrationOutcome =
  | { readonly kind: 'pending'; readonly retryAfterSeconds: number }
  | {
      readonly kind: 'enrolled';
      readonly tenant: string;
      readonly deviceUid: string;
      readonly credential: GivenCredential;
    };

export interface RegistrationParts extends CertificateParts {
  readonly hasher: CredentialHasher;
  readonly credentials: RegistrationCredentials;
}

interface Tools extends WriteTools {
  readonly registrations: RegistrationRows;
  readonly certificates: CertificateRows;
}

export class Registrations {
  readonly #parts: RegistrationParts;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
  }

  /** `shown`: the secret of the product. Throws what `checkRegistrationSecret` and `decideRegistration` throw, `quota_exceeded`. */
  async register(shown: string, request: RegistrationRequest): Promise<RegistrationOutcome> {
    const secretId = keyIdOf(shown) ?? '';
    const tenant = secretId.split('-', 1)[0]!;
    const { database, hasher, clock } = this.#parts;
    if (!tenantPattern.test(tenant)) checkRegistrationSecret(shown, undefined, hasher, clock.nowMs());
    return database.ofTenant(tenant, async (transaction) => {
      const tools = {
        transaction,
        rows: new ResourceRows(transaction, tenant),
        registrations: new RegistrationRows(transaction, tenant),
        certificates: new CertificateRows(transaction, tenant),
      };
      const row = await tools.registrations.lockSecret(secretId);
      checkRegistrationSecret(shown, row?.enabled ? secretOf(row) : undefined, hasher, clock.nowMs());
      await requireActiveTenant(tools.rows);
      return this.#decide(tools, row!, request);
    });
  }

  async #decide(tools: Tools, secret: SecretRow, request: RegistrationRequest): Promise<RegistrationOutcome> {
    const { rows, registrations } = tools;
    const { deviceUid, claim } = request;
    const { hasher, clock } = this.#parts;
    const found = await registrations.lock(deviceUid);
    const isOwn = found === undefined || found.secret_id === secret.id;
    const device = await rows.lock('devices', deviceUid);
    const isBarred = !isOwn || (device !== undefined && entityIn('devices', device.body).state !== 'active');
    const decision = decideRegistration(
      claim,
      {
        secret: secretOf(secret),
        // Whoever is barred is told what a stranger is told.
        registration: isBarred || !found ? undefined : registrationOf(found),
        deviceExists: isBarred || device !== undefined,
        registered: await registrations.countBy(secret.id),
        nowMs: clock.nowMs(),
      },
      hasher,
    );
    const nowMs = clock.nowMs();
    if (!found) {
      const state = decision.kind === 'enrol' ? 'enrolled' : 'pending';
      const asked = {
        id: deviceUid,
        secret_id: secret.id,
        product_id: secret.product_id,
        claim_hash: hasher.hash(claim),
      };
      if (!(await registrations.add({ ...asked, state, since: new Date(nowMs) }))) throw registrationRefused();
    }
    if (decision.kind !== 'enrol') return { kind: 'pending', retryAfterSeconds: decision.retryAfterSeconds };
    if (!device) await this.#create(tools, deviceUid, found?.product_id ?? secret.product_id);
    const enrolment = { ...tools, deviceUid };
    const { given, kept } = await this.#parts.credentials.make(
      enrolment,
      request.credential,
      found?.credential ?? null,
    );
    await registrations.enrol(deviceUid, new Date(decision.enrolledAtMs), kept);
    return { kind: 'enrolled', tenant: rows.tenant, deviceUid, credential: given };
  }

  async #create(tools: WriteTools, deviceUid: string, productId: string): Promise<void> {
    const file = readEntity('devices', tools.rows.tenant, { deviceUid, productId, state: 'active' });
    const entity = keptEntity('devices', file, undefined, this.#parts.secrets);
    const created = { id: deviceUid, body: bodyOf(entity), before: undefined };
    await writeEntities(tools, 'devices', [created]).catch((error: unknown) => {
      throw asMillraceError(error).code === 'already_exists' ? registrationRefused() : error;
    });
  }
}

export function secretOf({ hash, expires_at: expiresAt, approval, devices_max: devicesMax }: SecretRow) {
  return { hash, expiresAtMs: expiresAt?.getTime() ?? null, approval, devicesMax };
}

function registrationOf({ claim_hash: claimHash, state, since }: RegistrationRow) {
  return { claimHash, state, sinceMs: since.getTime() };
}
