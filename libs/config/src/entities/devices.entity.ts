/** Devices. Their keys and certificates are entities of their own. */
import { type DeviceConfig, deviceStates, identificationCodeCharsMax, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import {
  boundedTexts,
  deviceUid,
  hash,
  identifier,
  label,
  labelCharsMax,
  passwordCharsMax,
  tenant,
} from '../entity-fields.ts';

/** Shorter ones are found by trying. */
const passwordCharsMin = 8;
/** Two are valid during a rotation. */
const passwordsPerDeviceMax = 2;

const tagsPerDeviceMax = 32;
const assetsPerDeviceMax = 16;

const tag = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._:/=-]{0,63}$/u, 'must be letters, digits and ._:/=-, 64 at most');
const password = z.string().min(passwordCharsMin).max(passwordCharsMax);

const file = z.strictObject({
  tenant,
  deviceUid,
  identificationCode: z.string().min(1).max(identificationCodeCharsMax).nullable().default(null),
  productId: identifier,
  name: label.default(''),
  state: z.enum(deviceStates).default('active').describe('Only an active device is heard; retired is for good.'),
  attributes: z
    .record(z.string().max(labelCharsMax), z.string().max(labelCharsMax))
    .refine((texts) => !('desired' in texts || 'reported' in texts), 'desired and reported are members of their own')
    .default({})
    .describe('What people say of the device (static): variables of scripts.'),
  desired: boundedTexts.describe('What the device shall be: variables.desired of scripts.'),
  reported: boundedTexts.describe('What the device says of itself: variables.reported of scripts.'),
  tags: z
    .array(tag)
    .max(tagsPerDeviceMax)
    .refine((tags) => new Set(tags).size === tags.length, 'a tag is there twice')
    .default([]),
  assetIds: z
    .array(identifier)
    .max(assetsPerDeviceMax)
    .refine((ids) => new Set(ids).size === ids.length, 'an asset is there twice')
    .default([])
    .describe('Where it is.'),
  gatewayUid: deviceUid.nullable().default(null).describe('The device that sends for this one.'),
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
  references: {
    products: ({ productId }) => [['productId', productId]],
    devices: ({ gatewayUid }) => [['gatewayUid', gatewayUid]],
    assets: ({ assetIds }) => assetIds.map((id, index) => [`assetIds[${index}]`, id]),
  },
  unique: { identificationCode: ({ identificationCode }) => identificationCode },
  hidden: ['passwords', 'passwordHashes'],
  shown: {
    form: { passwords: z.int().describe('How many are valid.') },
    of: ({ passwordHashes }) => ({ passwords: passwordHashes.length }),
  },
  filters: {
    productId: 'product_id',
    state: 'state',
    identificationCode: 'identification_code',
    gatewayUid: 'gateway_id',
    tag: { column: 'tags', find: 'find_devices_by_tags' },
    assetId: { column: 'asset_ids', find: 'find_devices_by_assets', inTreeOf: 'assets' },
  },
  sorts: { name: 'name' },
  searched: { column: 'search_text', find: 'find_devices' },
  referredToBy: [{ entity: 'statistics', path: '$.deviceUids[*]' }],
});
