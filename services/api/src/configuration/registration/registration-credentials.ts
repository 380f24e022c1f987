/** The credential that a device gets for its registration, in the transaction that makes the device. */
import { generateKey, generateSecret, type KeyedSecrets, keyIdOf } from '@millrace/auth';
import { keptEntity, readEntity } from '@millrace/config';
import { type Body, type CertificateRows, type Resource, type ResourceRows } from '@millrace/control';
import type { DeviceCertificates, MadeCertificate } from '../credentials/device-certificates.ts';
import { revokeCertificates } from '../credentials/revocation.ts';
import { bodyOf, entityIn } from '../resources/stored-body.ts';

export type WantedCredential =
  | { readonly kind: 'key' }
  | { readonly kind: 'password' }
  | { readonly kind: 'certificate'; readonly request: string };

export type GivenCredential =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | ({ readonly kind: 'certificate' } & MadeCertificate);

export interface Enrolment {
  readonly rows: ResourceRows;
  readonly certificates: CertificateRows;
  readonly deviceUid: string;
}

/** `kept`: what stays known of it, so that the next one takes its place; nothing secret. */
export interface CredentialMade {
  readonly given: GivenCredential;
  readonly kept: Body;
}

export class RegistrationCredentials {
  readonly #secrets: KeyedSecrets;
  readonly #certificates: DeviceCertificates;

  constructor(secrets: KeyedSecrets, certificates: DeviceCertificates) {
    this.#secrets = secrets;
    this.#certificates = certificates;
  }

  /** The device has to be there. `before`: the `kept` of the credential whose place this one takes. */
  async make(enrolment: Enrolment, wanted: WantedCredential, before: Body | null): Promise<CredentialMade> {
    // A certificate for the same request is the same one.
    if (wanted.kind !== 'certificate') await this.#end(enrolment, before);
    const made = await this.#made(enrolment, wanted);
    if (wanted.kind === 'certificate' && before?.['serial'] !== made.kept['serial']) await this.#end(enrolment, before);
    return made;
  }

  #made(enrolment: Enrolment, wanted: WantedCredential): Promise<CredentialMade> {
    switch (wanted.kind) {
      case 'key':
        return this.#key(enrolment);
      case 'password':
        return this.#password(enrolment);
      case 'certificate':
        return this.#certificate(enrolment, wanted.request);
    }
  }

  async #key({ rows, deviceUid }: Enrolment): Promise<CredentialMade> {
    const key = generateKey();
    const credentialId = keyIdOf(key)!;
    const file = readEntity('deviceCredentials', rows.tenant, { credentialId, deviceUid, kind: 'key', key });
    const entity = keptEntity('deviceCredentials', file, undefined, this.#secrets);
    await rows.create('device_credentials', credentialId, bodyOf(entity));
    return { given: { kind: 'key', key }, kept: { kind: 'key', id: credentialId } };
  }

  async #password({ rows, deviceUid }: Enrolment): Promise<CredentialMade> {
    const password = generateSecret();
    const hash = this.#secrets.hash(password);
    // One that a person has set meanwhile stays, as in any rotation.
    await changeHashes(rows, deviceUid, (hashes) => [...hashes.slice(-1), hash]);
    const username = `${rows.tenant}/${deviceUid}`;
    return { given: { kind: 'password', username, password }, kept: { kind: 'password', hash } };
  }

  async #certificate(enrolment: Enrolment, request: string): Promise<CredentialMade> {
    const made = await this.#certificates.issueIn(enrolment, enrolment.deviceUid, { request });
    return { given: { kind: 'certificate', ...made }, kept: { kind: 'certificate', serial: made.serialNumber } };
  }

  async #end({ rows, certificates, deviceUid }: Enrolment, kept: Body | null): Promise<void> {
    if (kept?.['kind'] === 'key') {
      const id = kept['id'] as string;
      if (await rows.lock('device_credentials', id)) await rows.delete('device_credentials', [id]);
    }
    if (kept?.['kind'] === 'password')
      await changeHashes(rows, deviceUid, (hashes) => hashes.filter((hash) => hash !== kept['hash']));
    if (kept?.['kind'] === 'certificate') {
      const live = await certificates.liveOf([deviceUid]);
      await revokeCertificates(
        { rows, certificates },
        live.filter(({ serial }) => serial === kept['serial']),
      );
    }
  }
}

async function changeHashes(
  rows: ResourceRows,
  deviceUid: string,
  change: (hashes: readonly string[]) => readonly string[],
): Promise<void> {
  const before = (await rows.lock('devices', deviceUid)) as Resource;
  const device = entityIn('devices', before.body);
  const body = bodyOf<'devices'>({ ...device, passwordHashes: change(device.passwordHashes) });
  await rows.write('devices', [{ id: deviceUid, body, before }]);
}
