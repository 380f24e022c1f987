/** Devices. Their keys and certificates are entities of their own. */
import { type DeviceConfig, identificationCodeCharsMax, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { deviceUid, hash, identifier, label, labelCharsMax, passwordCharsMax, tenant } from '../entity-fields.ts';

/** Shorter ones are found by trying. */
const passwordCharsMin = 8;
/** Two are valid during a rotation. */
const passwordsPerDeviceMax = 2;

const password = z.string().min(passwordCharsMin).max(passwordCharsMax);

const file = z.strictObject({
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

export const devices = defineEntity<DeviceConfig>()({
  topic: topics.configDevices,
  id: 'deviceUid',
  singular: 'device',
  file,
  publish: ({ passwords, passwordHashes, ...device }, _, secrets) => ({
    ...device,
    passwordHashes: [...passwordHashes, ...passwords.map((one) => secrets.hash(one))],
  }),
  references: { products: ({ productId }) => [['productId', productId]] },
  unique: { identificationCode: ({ identificationCode }) => identificationCode },
  hidden: ['passwords', 'passwordHashes'],
  shown: {
    form: { passwords: z.int().describe('How many are valid.') },
    of: ({ passwordHashes }) => ({ passwords: passwordHashes.length }),
  },
  filters: { productId: 'product_id', state: 'state', identificationCode: 'identification_code' },
  sorts: { name: 'name' },
  searched: { column: 'search_text', find: 'find_devices' },
  referredToBy: [{ entity: 'statistics', path: '$.deviceUids[*]' }],
});
