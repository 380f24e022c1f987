/** The form of each file of the configuration folder. Defaults are those of the Avro schemas; unknown keys are errors. */
import { identificationCodeCharsMax } from '@millrace/contracts';
import { z } from 'zod';
import { connectionFile } from './connection-file.ts';
import { certificateAuthorityFile, deviceCredentialFile, tokenIssuerFile } from './credential-files.ts';
import {
  deviceUid,
  endTime,
  hash,
  identifier,
  keyId,
  label,
  labelCharsMax,
  passwordCharsMax,
  plainKey,
  signalName,
  tenant,
  version,
} from './entity-fields.ts';
import { statisticFile } from './statistic-schema.ts';

/** An e-mail's body; larger texts belong into a document that the message links to. */
const templateCharsMax = 16_384;
/** Shorter ones are found by trying. */
const passwordCharsMin = 8;
/** Two are valid during a rotation. */
const passwordsPerDeviceMax = 2;
/** An alarm has a handful of grades; the evaluator tries them one by one. */
const gradesPerRuleMax = 16;
const recipientsMax = 100;

/** Name of a member of a plugin family; the family itself knows which exist. */
const kind = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be the name of a plugin');
const password = z.string().min(passwordCharsMin).max(passwordCharsMax);

/** A hundred years; what is to stay longer has no limit. */
const storageDaysMax = 36_500;
const rate = z.int().min(1).nullable().default(null);

const tenantQuotas = z.strictObject({
  devices: z.int().min(0).nullable().default(null),
  messagesPerSecond: rate,
  pointsPerSecond: rate,
  scriptCpuMsPerSecond: rate,
  storageDays: z.int().min(1).max(storageDaysMax).nullable().default(null),
});

const daysOfClass = { '30d': 30, '90d': 90, forever: Infinity } as const;

const tenantFile = z
  .strictObject({
    tenant,
    name: label,
    retentionClass: z.enum(['30d', '90d', 'forever']).default('90d'),
    ownTable: z.boolean().default(false),
    state: z.enum(['active', 'suspended', 'deleted']).default('active'),
    quotas: tenantQuotas.nullable().default(null),
  })
  .refine(({ ownTable, retentionClass, quotas }) => ownTable || daysOfClass[retentionClass] <= storageDaysOf(quotas), {
    path: ['retentionClass'],
    error: 'keeps points for longer than quotas.storageDays: choose a shorter one, or ownTable',
  });

function storageDaysOf(quotas: z.infer<typeof tenantQuotas> | null): number {
  return quotas?.storageDays ?? Infinity;
}

const scriptFile = z.strictObject({
  tenant,
  scriptId: identifier,
  version,
  language: z.enum(['javascript', 'lua', 'python']).default('javascript'),
  /** Below the folder: `scripts/name.js`. */
  file: z.string().regex(/^scripts\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/, 'must be scripts/<name>'),
});

const signalFile = z.strictObject({
  name: signalName,
  unit: label.default(''),
  description: label.default(''),
});

const productFile = z.strictObject({
  tenant,
  productId: identifier,
  name: label,
  scriptId: identifier.nullable().default(null),
  keepRawPayload: z.boolean().default(false),
  signals: z.array(signalFile).default([]),
});

const deviceFile = z.strictObject({
  tenant,
  deviceUid,
  identificationCode: z.string().min(1).max(identificationCodeCharsMax).nullable().default(null),
  productId: identifier,
  name: label.default(''),
  state: z.enum(['active', 'disabled']).default('active'),
  attributes: z.record(z.string().max(labelCharsMax), z.string().max(labelCharsMax)).default({}),
  passwordHashes: z.array(hash).max(passwordsPerDeviceMax).default([]),
  /** In plain text; only their hashes leave the folder. */
  passwords: z.array(password).max(passwordsPerDeviceMax).default([]),
});

const apiKeyFile = z
  .strictObject({
    tenant,
    keyId,
    hash: hash.optional(),
    /** The whole key in plain text, `keyId.secret`; only its hash leaves the folder. */
    key: plainKey.optional(),
    scopes: z.array(z.enum(['ingest', 'read', 'write', 'admin', 'platform'])).min(1),
    expiresAt: endTime.nullable().default(null),
  })
  .refine(({ hash, key }) => (hash === undefined) !== (key === undefined), {
    path: ['key'],
    error: 'give either key or hash',
  })
  .refine(({ key, keyId }) => key === undefined || key.startsWith(`${keyId}.`), {
    path: ['key'],
    error: 'must begin with its keyId and a dot',
  });

const channelFile = z.strictObject({
  tenant,
  channelId: identifier,
  kind,
  settings: z.record(z.string().max(labelCharsMax), z.string().max(labelCharsMax)).default({}),
  /** In plain text; leave the folder only encrypted. */
  secrets: z.record(z.string().max(labelCharsMax), z.string().max(passwordCharsMax)).default({}),
});

const templateFile = z.strictObject({
  tenant,
  templateId: identifier,
  subject: label,
  body: z.string().max(templateCharsMax),
});

const gradeFile = z
  .strictObject({
    severity: z.enum(['warning', 'minor', 'major', 'critical']),
    low: z.number().nullable().default(null),
    high: z.number().nullable().default(null),
  })
  .refine(({ low, high }) => low !== null || high !== null, { error: 'give low, high or both' })
  .refine(({ low, high }) => low === null || high === null || low < high, { error: 'low must be below high' });

const notifyFile = z.strictObject({
  channelId: identifier,
  templateId: identifier,
  recipients: z.array(z.string().min(1).max(labelCharsMax)).min(1).max(recipientsMax),
});

const alarmRuleFile = z
  .strictObject({
    tenant,
    ruleId: identifier,
    version,
    name: label,
    productId: identifier.nullable().default(null),
    deviceUid: deviceUid.nullable().default(null),
    signal: signalName,
    grades: z.array(gradeFile).min(1).max(gradesPerRuleMax),
    deadband: z.number().min(0).default(0),
    notify: z.array(notifyFile).default([]),
  })
  .refine(({ productId, deviceUid: device }) => (productId === null) !== (device === null), {
    path: ['productId'],
    error: 'give either productId or deviceUid',
  });

/** Schema of one element of `<file>.json`, by entity. */
export const entitySchemas = {
  tenants: tenantFile,
  scripts: scriptFile,
  products: productFile,
  devices: deviceFile,
  apiKeys: apiKeyFile,
  deviceCredentials: deviceCredentialFile,
  certificateAuthorities: certificateAuthorityFile,
  tokenIssuers: tokenIssuerFile,
  channels: channelFile,
  templates: templateFile,
  alarmRules: alarmRuleFile,
  statistics: statisticFile,
  connections: connectionFile,
} as const;
