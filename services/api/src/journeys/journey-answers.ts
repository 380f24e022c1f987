/** The form of a message that a person sends, and of the steps in which it is seen to travel. */
import { attributeCharsMax, attributeNamePattern, attributesMax, contentTypePattern } from '@millrace/gateways';
import { z } from 'zod';
import { requestTime, time } from '../data/answers.ts';
import { severity } from '../data/overview-answers.ts';

/** A frame that a person pastes; devices may send more. */
export const payloadBytesMax = 16 * 1024;
const base64CharsMax = Math.ceil(payloadBytesMax / 3) * 4;
/** Enough to see what a script made of a message. */
export const rowsShownMax = 50;

const attributes = z
  .record(z.string().regex(attributeNamePattern), z.string().max(attributeCharsMax))
  .refine((all) => Object.keys(all).length <= attributesMax, `must have at most ${attributesMax} members`);

export const journeyRequest = z
  .strictObject({
    payload: z.base64().min(1).max(base64CharsMax).optional().describe('The bytes of the frame in base64.'),
    json: z.json().optional().describe('Instead of payload.'),
    contentType: z.string().regex(contentTypePattern).optional(),
    time: requestTime.optional().describe('ISO 8601; default: the script or the receipt decides.'),
    attributes: attributes.default({}).describe('What the envelope says beside the payload, such as fPort.'),
  })
  .refine(({ payload, json }) => (payload === undefined) !== (json === undefined), {
    path: ['payload'],
    message: 'give either payload (base64) or json',
  })
  .meta({ id: 'MessageByHand' });

const at = z.iso.datetime({ precision: 3 }).describe('ISO 8601, UTC.');
const place = { partition: z.int(), offset: z.string() };
const value = z.union([z.number(), z.string(), z.boolean(), z.null()]);

/** Each kind once, but `parked`, `alarm`, `notified` and `dead-letter`. */
export const journeyStep = z
  .discriminatedUnion('step', [
    z.strictObject({
      step: z.literal('accepted').describe('Kafka has it; a device would get its receipt.'),
      at,
      messageId: z.string().describe('Hex.'),
      sentAt: at,
      bytes: z.int(),
    }),
    z.strictObject({
      step: z.literal('raw').describe('Its record in the raw topic; `at` is the time of the record.'),
      at,
      ...place,
      receivedAt: time,
      index: z.int().describe('Which of the messages in the record.'),
      messages: z.int(),
    }),
    z.strictObject({
      step: z.literal('parked').describe('It waits for its turn, in the topic of parked messages.'),
      at,
      ...place,
      reason: z
        .string()
        .describe('slow: its script; budget: its tenant has used up its CPU time; order: messages of its device wait.'),
    }),
    z.strictObject({
      step: z.literal('points').describe('What the script made of it, as the record in the points topic says.'),
      at,
      ...place,
      script: z.string().describe('script@version; empty: the payload codec alone.'),
      time: time.describe('Base time of the rows.'),
      rows: z.array(z.strictObject({ signal: z.string(), value, quality: z.int() })),
      rowsTotal: z.int(),
      warnings: z.array(z.string()),
    }),
    z.strictObject({
      step: z.literal('stored').describe('All rows were seen in the table; `at` is when they were.'),
      at,
      table: z.string(),
      rows: z.int(),
    }),
    z.strictObject({
      step: z.literal('evaluated').describe('The alarm evaluator has committed it; `at` is when that was seen.'),
      at,
      transitions: z.int(),
    }),
    z.strictObject({
      step: z.literal('alarm').describe('A transition that it caused.'),
      at,
      ruleId: z.string(),
      ruleName: z.string(),
      signal: z.string(),
      value: z.number(),
      transition: z.enum(['raised', 'changed', 'cleared']),
      severityBefore: z.union([severity, z.literal('none')]),
      severity: z.union([severity, z.literal('none')]),
    }),
    z.strictObject({
      step: z.literal('notified').describe('The end of an attempt to tell somebody of the transition.'),
      at,
      channel: z.string(),
      recipient: z.string(),
      outcome: z.enum(['delivered', 'failed', 'abandoned']),
      detail: z.string(),
    }),
    z.strictObject({
      step: z.literal('dead-letter').describe('It was put aside and waits for a person.'),
      at,
      topic: z.string(),
      stage: z.string(),
      code: z.string(),
      detail: z.string(),
    }),
    z.strictObject({
      step: z.literal('ended').describe('Nothing more is reported.'),
      at,
      waitingFor: z.array(z.string()).describe('What had not been seen when the time was over; none: all was.'),
    }),
  ])
  .meta({ id: 'JourneyStep' });

export type JourneyStep = z.infer<typeof journeyStep>;
