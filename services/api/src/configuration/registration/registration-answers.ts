/** The forms of requests and answers about devices that register themselves. */
import { registrationClaimPattern } from '@millrace/auth';
import { endTime } from '@millrace/config';
import type { RegistrationRow, SecretRow } from '@millrace/control';
import { z } from 'zod';
import { deviceUid } from '../../data/answers.ts';
import { certificateAnswer, certificateForm, certificateRequest } from '../credentials/certificate-answers.ts';
import type { GivenCredential } from './registration-credentials.ts';
import type { RegistrationOutcome } from './registrations.ts';

const nameCharsMax = 256;
const devicesMaxUsual = 1_000;
/** As many as an installation was measured with. */
const devicesMaxMax = 1_000_000;

const credentialWish = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('key') }),
  z.strictObject({ kind: z.literal('password') }),
  z.strictObject({ kind: z.literal('certificate'), request: certificateRequest }),
]);

export const registrationRequest = z
  .strictObject({
    deviceUid,
    claim: z
      .string()
      .regex(registrationClaimPattern)
      .describe('Random text of the device’s own, always the same: by it alone the device can ask again.'),
    credential: credentialWish.default({ kind: 'key' }),
  })
  .meta({ id: 'RegistrationRequest' });

const credentialAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('key'), key: z.string().describe('For Authorization: Bearer, shown this once.') }),
  z.strictObject({
    kind: z.literal('password'),
    username: z.string().describe('tenant/deviceUid, for Authorization: Basic.'),
    password: z.string().describe('Shown this once.'),
  }),
  certificateAnswer
    .extend({ kind: z.literal('certificate'), username: z.string() })
    .meta({ id: 'EnrolledCertificate' }),
]);

export const enrolledAnswer = z
  .strictObject({ tenant: z.string(), deviceUid, credential: credentialAnswer })
  .meta({ id: 'EnrolledDevice' });

export const pendingAnswer = z
  .strictObject({
    deviceUid,
    state: z.literal('pending'),
    retryAfterSeconds: z.int().describe('When to ask again, as in Retry-After.'),
  })
  .meta({ id: 'PendingDevice' });

export const registrationAnswer = z
  .strictObject({
    deviceUid,
    productId: z.string(),
    secretId: z.string().describe('By which secret it came.'),
    state: z.enum(['pending', 'approved', 'refused', 'enrolled']),
    since: z.iso.datetime().describe('Of the state; of enrolled the first time.'),
    askedAt: z.iso.datetime().describe('When it came first.'),
    credential: z.enum(['key', 'password', 'certificate']).nullable().describe('What it was given last.'),
  })
  .meta({ id: 'Registration' });

export const registrationPage = z
  .strictObject({ items: z.array(registrationAnswer), next: z.string().nullable() })
  .meta({ id: 'RegistrationPage' });

const secretShape = {
  name: z.string().max(nameCharsMax),
  expiresAt: endTime.nullable().describe('Null: never.'),
  devicesMax: z.int().min(1).max(devicesMaxMax).describe('How many devices may come by it, those that wait included.'),
  approval: z.boolean().describe('A person approves each device before it gets a credential.'),
};

export const secretRequest = z
  .strictObject({
    productId: z.string().regex(/^[a-z0-9-]{1,64}$/),
    name: secretShape.name.default(''),
    expiresAt: secretShape.expiresAt.default(null),
    devicesMax: secretShape.devicesMax.default(devicesMaxUsual),
    approval: secretShape.approval.default(true),
  })
  .meta({ id: 'RegistrationSecretRequest' });

export const secretPatch = z
  .strictObject({ ...secretShape, enabled: z.boolean().describe('False: nobody comes by it meanwhile.') })
  .partial()
  .meta({ id: 'RegistrationSecretPatch' });

export const secretAnswer = z
  .strictObject({
    secretId: z.string(),
    productId: z.string(),
    ...secretShape,
    enabled: z.boolean(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'RegistrationSecret' });

export const newSecretAnswer = secretAnswer
  .extend({ secret: z.string().describe('For the devices, shown this once.') })
  .meta({ id: 'NewRegistrationSecret' });

export const secretPage = z
  .strictObject({ items: z.array(secretAnswer), next: z.string().nullable() })
  .meta({ id: 'RegistrationSecretPage' });

export function secretForm(row: SecretRow): z.infer<typeof secretAnswer> {
  return {
    secretId: row.id,
    productId: row.product_id,
    name: row.name,
    expiresAt: row.expires_at?.toISOString() ?? null,
    devicesMax: row.devices_max,
    approval: row.approval,
    enabled: row.enabled,
    createdAt: row.created_at.toISOString(),
  };
}

export function registrationForm(row: RegistrationRow): z.infer<typeof registrationAnswer> {
  return {
    deviceUid: row.id,
    productId: row.product_id,
    secretId: row.secret_id,
    state: row.state,
    since: row.since.toISOString(),
    askedAt: row.asked_at.toISOString(),
    credential: (row.credential?.['kind'] ?? null) as GivenCredential['kind'] | null,
  };
}

export function enrolledForm({
  tenant,
  deviceUid: uid,
  credential,
}: Extract<RegistrationOutcome, { kind: 'enrolled' }>): z.infer<typeof enrolledAnswer> {
  if (credential.kind !== 'certificate') return { tenant, deviceUid: uid, credential };
  const form = { kind: 'certificate', username: `${tenant}/${uid}`, ...certificateForm(credential) } as const;
  return { tenant, deviceUid: uid, credential: form };
}
