/** Verbs of `devices` that make and end credentials. */
import { readFileSync } from 'node:fs';
import { UserError } from '../stack/user-error.ts';
import { defineVerb } from './noun.ts';
import { type Entity, printEntity, printList } from './resources.ts';
import { keptSecret, outOption } from './shown-secret.ts';

const uid = [{ name: 'uid', required: true }] as const;
const pathOf = (deviceUid: string): string => `/v1/devices/${encodeURIComponent(deviceUid)}`;

/** What is printed beside the secret. */
const without = (entity: Entity, ...members: readonly string[]): Entity =>
  Object.fromEntries(Object.entries(entity).filter(([name]) => !members.includes(name)));

export const passwordVerb = defineVerb({
  summary: 'Makes a password of a device; --remove old ends the one before, when the device has the new one',
  positionals: uid,
  tenants: 'one',
  options: {
    out: outOption,
    remove: { kind: 'text', placeholder: 'old|new', summary: 'end one of two instead of making one' },
  },
  async run({ options: { out, remove, json }, positionals: [device = ''] }, { api, terminal, signal }) {
    const path = `${pathOf(device)}/password`;
    if (remove !== undefined) {
      await api.send('DELETE', `${path}/${encodeURIComponent(remove)}`, undefined, signal);
      terminal.line(json ? JSON.stringify({ removed: remove }) : `Removed the ${remove} password of ${device}.`);
      return 0;
    }
    const made = await keptSecret(
      out,
      () => api.send<Entity & { readonly password: string }>('POST', path, undefined, signal),
      ({ password }, place) => place.keep('The password', password, terminal),
    );
    if (out !== '-') printEntity(without(made, 'password'), json, terminal);
    return 0;
  },
});

export const keyVerb = defineVerb({
  summary: 'Makes a key of a device',
  positionals: uid,
  tenants: 'one',
  options: {
    out: outOption,
    expires: { kind: 'text', placeholder: 'TIME', summary: 'when it ends, ISO 8601; never unless given' },
  },
  async run({ options: { out, expires, json }, positionals: [deviceUid] }, { api, terminal, signal }) {
    const order = { deviceUid, kind: 'key', ...(expires !== undefined && { expiresAt: expires }) };
    const made = await keptSecret(
      out,
      () => api.send<Entity & { readonly key: string }>('POST', '/v1/device-credentials', order, signal),
      ({ key }, place) => place.keep('The key', key, terminal),
    );
    if (out !== '-') printEntity(without(made, 'key'), json, terminal);
    return 0;
  },
});

interface Issued extends Entity {
  readonly certificate: string;
  readonly privateKey: string | null;
}

export const certificateVerb = defineVerb({
  summary: 'Issues a certificate of a device; --list shows those there are, --revoke SERIAL ends one',
  positionals: uid,
  tenants: 'one',
  options: {
    request: { kind: 'text', placeholder: 'FILE', summary: 'for this request (PKCS #10); else with a key made here' },
    days: { kind: 'count', placeholder: 'N', summary: 'how long it is valid (90)' },
    out: { ...outOption, summary: 'new file for the certificate and a key made here; - is the output' },
    list: { kind: 'flag', summary: 'show those that have not ended' },
    revoke: { kind: 'text', placeholder: 'SERIAL', summary: 'end this one' },
  },
  async run({ options, positionals: [device = ''] }, { api, terminal, signal }) {
    const { request, days, out, list, revoke, json } = options;
    const path = `${pathOf(device)}/certificates`;
    if (list) {
      const columns = ['serialNumber', 'authorityId', 'issuedAt', 'notAfter', 'revokedAt'];
      await printList(
        api,
        { path: path.slice('/v1/'.length), filters: {}, limit: undefined, columns, json },
        terminal,
        signal,
      );
      return 0;
    }
    if (revoke !== undefined) {
      await api.send('DELETE', `${path}/${encodeURIComponent(revoke)}`, undefined, signal);
      terminal.line(json ? JSON.stringify({ revoked: revoke }) : `Revoked ${revoke}.`);
      return 0;
    }
    const order = {
      ...(request !== undefined && { request: textOf(request) }),
      ...(days !== undefined && { days }),
    };
    const made = await keptSecret(
      out,
      () => api.send<Issued>('POST', path, order, signal),
      ({ certificate, privateKey }, place) =>
        place.keep(
          privateKey === null ? 'The certificate' : 'Certificate and key',
          certificate + ended(privateKey),
          terminal,
        ),
    );
    if (out !== '-') printEntity(without(made, 'certificate', 'privateKey'), json, terminal);
    return 0;
  },
});

/** PEM of several things stands one behind the other. */
const ended = (pem: string | null): string => (pem === null ? '' : `\n${pem}`);

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${file} cannot be read.`, { cause: error, exitCode: 2 });
  }
}
