/** Samples of a decoding script: what a device sent, and the rows that the script makes of it. They are kept with the script and not published. */
import { identificationCodeCharsMax, signalNameCharsMax } from '@millrace/contracts';
import { z } from 'zod';
import { label, labelCharsMax } from './entity-fields.ts';

/** Each is a case of its own; those that a codec's maker publishes are ten or so. */
const samplesPerScriptMax = 32;
/** 8 KiB in hex: a frame of a device, not a file. */
const payloadCharsMax = 16_384;
const rowsPerSampleMax = 1_000;
const attributesMax = 32;
/** Of all samples of a script as JSON: as much as its text may have. */
const samplesCharsMax = 256 * 1024;

const textCharsMax = 4_096;
const isoTime = z.iso.datetime({ offset: true });
const texts = z
  .record(z.string().max(labelCharsMax), z.string().max(labelCharsMax))
  .refine((record) => Object.keys(record).length <= attributesMax, `at most ${attributesMax} members`);

const patterns = {
  hex: /^(?:[0-9A-Fa-f]{2})*$/,
  base64: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  text: /^[^]*$/,
} as const;

const sampleRow = z.strictObject({
  name: z.string().min(1).max(signalNameCharsMax).describe('As in DataRow.name: the path of the value.'),
  value: z.union([z.number(), z.string().max(textCharsMax), z.boolean()]).nullable(),
  time: isoTime.nullable().default(null).describe('Of a row that the script gave a time.'),
  quality: z.int().min(0).max(2).optional().describe('0 good, which it is where nothing is said, 1 uncertain, 2 bad.'),
  identificationCode: z
    .string()
    .min(1)
    .max(identificationCodeCharsMax)
    .nullable()
    .optional()
    .describe('Of the sub-device that it is about; null or nothing: the sender itself.'),
});

const expectedRows = z.array(sampleRow).max(rowsPerSampleMax).nullable();

/** A message as the script gets it. */
const message = {
  payload: z.string().max(payloadCharsMax),
  encoding: z.enum(['hex', 'base64', 'text']).default('hex').describe('Of the payload.'),
  contentType: label.default('application/octet-stream'),
  attributes: texts.default({}).describe('Of the envelope, as the script sees them, such as fPort.'),
  variables: z
    .looseObject({ desired: texts.optional(), reported: texts.optional() })
    .catchall(z.string().max(labelCharsMax))
    .default({})
    .describe('Of the device, as the script sees them.'),
  time: isoTime.nullable().default(null).describe('recvTime of the script; null: any.'),
};

interface Payload {
  readonly payload: string;
  readonly encoding: keyof typeof patterns;
}
const isOfItsEncoding = ({ payload, encoding }: Payload): boolean => patterns[encoding].test(payload);
const notOfItsEncoding = { path: ['payload'], error: 'is not of its encoding' };

const sample = z
  .strictObject({
    name: label.min(1).describe('What it shows; unique among the samples of the script.'),
    ...message,
    expected: expectedRows.describe('Null: the script refuses it.'),
  })
  .refine(isOfItsEncoding, notOfItsEncoding);

export type ScriptSample = z.infer<typeof sample>;

export const scriptSamples = z
  .array(sample)
  .max(samplesPerScriptMax)
  .refine((samples) => new Set(samples.map(({ name }) => name)).size === samples.length, 'two have the same name')
  .refine(
    (samples) => JSON.stringify(samples).length <= samplesCharsMax,
    `all samples together have at most ${samplesCharsMax} characters as JSON`,
  );

const trial = z
  .strictObject({
    name: label.default('').describe('What it shows.'),
    ...message,
    expected: expectedRows
      .optional()
      .describe('Null: the script refuses it. Not given: whatever comes of it is right.'),
  })
  .refine(isOfItsEncoding, notOfItsEncoding);

/** Samples that are run and not kept: they need neither names nor expectations. */
export const scriptTrials = z.array(trial).min(1).max(samplesPerScriptMax);
export type ScriptTrial = z.infer<typeof trial>;
