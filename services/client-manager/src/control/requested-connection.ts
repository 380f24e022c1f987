/** The body of a request as the connection that shall be stored. */
import type { KeyedSecrets } from '@millrace/auth';
import { type Configuration, entityKey, keptEntity, readEntity, referencesOf } from '@millrace/config';
import { checkConnection } from '@millrace/connectors';
import { asMillraceError, type ConnectionConfig, type FieldError, MillraceError } from '@millrace/contracts';
import { openedConnection } from '../opened-connection.ts';

/** `before`: as it is; secrets that the body does not name stay. Throws `invalid_field`, `unknown_reference`. */
export function requestedConnection(
  tenant: string,
  body: unknown,
  sent: unknown,
  before: ConnectionConfig | undefined,
  configuration: Pick<Configuration, 'all'>,
  secrets: KeyedSecrets,
): ConnectionConfig {
  const file = readEntity('connections', tenant, body);
  const entity = { ...keptEntity('connections', file, before, secrets), origin: 'api' };
  const kept = { names: [] as string[] };
  const wanted = before ? (withSecretsOf(entity, before, sent, kept) as ConnectionConfig) : entity;
  if (kept.names.length > 0 && before && serverOf(before.url) !== serverOf(wanted.url))
    throw refused('invalid_field', [
      {
        field: kept.names[0]!,
        code: 'required',
        detail:
          'The url names another server or protocol: send the secret again, so that it is shown to nobody else by mistake.',
      },
    ]);
  check(wanted, secrets);
  const missing = referencesOf('connections', wanted)
    .filter(({ entity: target, id }) => !configuration.all(target).has(entityKey(tenant, id)))
    .map(({ field, id }) => ({ field, code: 'unknown_reference', detail: `There is no ${id}.` }));
  if (missing.length > 0) throw refused('unknown_reference', missing);
  return wanted;
}

/** Members `…Sealed` that are null, and whose secret the body does not name, are what they were. `kept` gets their names. */
function withSecretsOf(
  wanted: object,
  before: object,
  sent: unknown,
  kept: { readonly names: string[] },
  within = '',
): object {
  const isNamed = (name: string): boolean => typeof sent === 'object' && sent !== null && Object.hasOwn(sent, name);
  const members = Object.entries(wanted).map(([name, value]: [string, unknown]) => {
    const old: unknown = Reflect.get(before, name);
    if (name.endsWith('Sealed')) {
      const secret = name.slice(0, -'Sealed'.length);
      if (value !== null || old == null || isNamed(secret)) return [name, value];
      kept.names.push(within + secret);
      return [name, old];
    }
    if (!isGroup(value) || !isGroup(old)) return [name, value];
    const inside: unknown = isNamed(name) ? Reflect.get(sent as object, name) : undefined;
    return [name, withSecretsOf(value, old, inside, kept, `${within}${name}.`)];
  });
  return Object.fromEntries(members) as object;
}

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

/** With the protocol: a secret that went encrypted does not go in clear text. */
function serverOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** Members of these stand in a request beside the others. */
const group = /^\/(modbus|http)(?=\/)/;

/** What only its connector can tell. Its fields are JSON pointers. */
function check(wanted: ConnectionConfig, secrets: KeyedSecrets): void {
  try {
    checkConnection(openedConnection(wanted, secrets));
  } catch (thrown) {
    const { errors, message } = asMillraceError(thrown);
    if (errors.length === 0) throw thrown;
    const fields = errors.map((error) => ({
      ...error,
      field: error.field.replace(group, '').split('/').slice(1).join('.'),
    }));
    throw refused('invalid_field', fields, message);
  }
}

function refused(
  code: 'invalid_field' | 'unknown_reference',
  errors: readonly FieldError[],
  sentence = `${errors[0]!.field}: ${errors[0]!.detail}`,
): MillraceError {
  return new MillraceError(code, sentence, { errors });
}
