/**
 * Devices that register themselves: what is decided about a request, without knowing where registrations are stored.
 *
 * A device shows the secret of its product as a Bearer key (`secretId.secret`, over TLS; only its keyed hash is stored), its uid and a claim:
 * a random text of its own that nobody else knows. The claim lets the same device ask again, when an answer got lost or an approval was
 * awaited, and keeps everybody else who knows the product's secret, which is in each of its devices, from getting its credential.
 *
 * Who stores registrations answers `decideRegistration` within one transaction that locks the secret, and obeys:
 *
 *     ask       store the registration as pending; answer 202 with Retry-After
 *     wait      store nothing; answer 202 with Retry-After
 *     enrol     make the device if it is not there, make a new credential of it in the place of those made before by registration, store the
 *               registration as enrolled (with its first time, if it has one); answer 201 with the credential, which is shown in no other way
 *
 * A person approves (`approved`) or refuses (`refused`) what is pending.
 */
import { MillraceError } from '@millrace/contracts';
import type { CredentialHasher } from './credential-hasher.ts';

/** As stored for a product. */
export interface RegistrationSecret {
  /** Keyed SHA-256 of the whole `secretId.secret`. */
  readonly hash: string;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  /** A person looks at each device before it gets a credential. */
  readonly approval: boolean;
  /** How many devices may come by it, those that wait for approval included. */
  readonly devicesMax: number;
}

/** Of a device uid in its tenant, as stored. */
export interface Registration {
  readonly claimHash: string;
  readonly state: 'pending' | 'approved' | 'refused' | 'enrolled';
  /** Of the state. */
  readonly sinceMs: number;
}

export interface RegistrationCircumstances {
  readonly secret: RegistrationSecret;
  /** Undefined: this uid was never registered. */
  readonly registration: Registration | undefined;
  /** A device with this uid is in the tenant, however it came there. */
  readonly deviceExists: boolean;
  /** Registrations by this secret that are not refused. */
  readonly registered: number;
  readonly nowMs: number;
}

export type RegistrationDecision =
  | { readonly kind: 'ask' | 'wait'; readonly retryAfterSeconds: number }
  | { readonly kind: 'enrol'; readonly enrolledAtMs: number };

/** 192 bits of base64url at least. */
export const registrationClaimPattern = /^[A-Za-z0-9_-]{32,128}$/;
/** A person needs minutes or days: a device that asks more often learns nothing. */
export const registrationRetryAfterSeconds = 300;
/** An answer that got lost is asked for again at once, or after the next start of the device. */
export const enrolAgainMsMax = 24 * 3_600_000;

/** Throws `unauthenticated` for a wrong secret, one that has ended, and none (`secret` undefined), all alike. */
export function checkRegistrationSecret(
  shown: string,
  secret: RegistrationSecret | undefined,
  hasher: CredentialHasher,
  nowMs: number,
): asserts secret is RegistrationSecret {
  const matches = hasher.matches(shown, secret ? [secret.hash] : []);
  if (secret && matches && nowMs < (secret.expiresAtMs ?? Infinity)) return;
  throw new MillraceError('unauthenticated', 'Send the secret of the product as a Bearer key.');
}

/** What becomes of a request whose secret is right. Throws `not_allowed`; whether the uid is taken is not told apart from a limit. */
export function decideRegistration(
  claim: string,
  circumstances: RegistrationCircumstances,
  hasher: CredentialHasher,
): RegistrationDecision {
  const { registration, nowMs } = circumstances;
  if (!registrationClaimPattern.test(claim)) {
    const detail = 'must be random text of 32 to 128 letters, digits, underscores and hyphens';
    const errors = [{ field: 'claim', code: 'invalid_format', detail }];
    throw new MillraceError('invalid_field', `claim: ${detail}.`, { errors });
  }
  if (!registration) return decideNew(circumstances);
  if (!hasher.matches(claim, [registration.claimHash])) throw registrationRefused();
  switch (registration.state) {
    case 'pending':
      return { kind: 'wait', retryAfterSeconds: registrationRetryAfterSeconds };
    case 'approved':
      return { kind: 'enrol', enrolledAtMs: nowMs };
    case 'enrolled':
      if (nowMs - registration.sinceMs >= enrolAgainMsMax) throw registrationRefused();
      return { kind: 'enrol', enrolledAtMs: registration.sinceMs };
    case 'refused':
      throw registrationRefused();
  }
}

function decideNew(circumstances: RegistrationCircumstances): RegistrationDecision {
  const { secret, deviceExists, registered, nowMs } = circumstances;
  if (deviceExists || registered >= secret.devicesMax) throw registrationRefused();
  if (secret.approval) return { kind: 'ask', retryAfterSeconds: registrationRetryAfterSeconds };
  return { kind: 'enrol', enrolledAtMs: nowMs };
}

/** The one answer to everybody who may not, whatever the reason. */
export function registrationRefused(): MillraceError {
  return new MillraceError('not_allowed', 'This device cannot register itself; ask whoever runs the product.');
}
