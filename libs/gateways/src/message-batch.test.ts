import { deviceUidPattern, microsOfIsoTime, type MillraceError, type ReceivedMessage } from '@millrace/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { DeviceRefusal, Sender } from './gateway.ts';
import { batchEntries, readBatch } from './message-batch.ts';
import { contentTypePattern, payloadBytesMax } from './message-limits.ts';

const messagesMax = 5;

/** A tenant key: devices d1 to d9 exist, off1 to off9 are disabled. */
const tenantKey: Sender = {
  tenant: 'acme',
  deviceUid: null,
  refusalOf: (uid): DeviceRefusal | undefined =>
    /^off\d$/.test(uid)
      ? 'device_disabled'
      : uid === 'new'
        ? 'device_not_active'
        : /^d\d$/.test(uid)
          ? undefined
          : 'unknown_device',
};

/** The credential of device d1. */
const device: Sender = {
  tenant: 'acme',
  deviceUid: 'd1',
  refusalOf: (uid) => (uid === 'd1' ? undefined : 'not_allowed'),
};

function read(body: unknown, sender: Sender = tenantKey): readonly ReceivedMessage[] {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return readBatch(batchEntries(bytes, messagesMax), sender);
}

function refusal(body: unknown, sender: Sender = tenantKey): MillraceError {
  try {
    read(body, sender);
  } catch (error) {
    return error as MillraceError;
  }
  return expect.unreachable('the batch was taken');
}

const payload = Buffer.from([1, 2, 255]).toString('base64');

test('a message of each form is read', () => {
  const messages = read({
    messages: [
      { device: 'd1', payload },
      { device: 'd2', json: { t: 21.5 }, id: 'a', time: '2026-03-01T12:30:00.000001Z' },
      { device: 'd3', payload, contentType: 'application/cbor' },
    ],
  });
  expect(messages[0]).toEqual({
    tenant: 'acme',
    deviceUid: 'd1',
    identificationCode: null,
    senderId: null,
    timeMicros: null,
    repeated: false,
    contentType: 'application/octet-stream',
    attributes: {},
    payload: Buffer.from([1, 2, 255]),
  });
  expect(messages[1]).toMatchObject({ deviceUid: 'd2', senderId: 'a', contentType: 'application/json' });
  expect(messages[1]?.timeMicros).toBe(Date.UTC(2026, 2, 1, 12, 30) * 1000 + 1);
  expect(Buffer.from(messages[1]!.payload).toString()).toBe('{"t":21.5}');
  expect(messages[2]?.contentType).toBe('application/cbor');
});

test('a device need not name itself, and must not name another', () => {
  expect(read({ messages: [{ payload }, { device: 'd1', payload }] }, device).map((it) => it.deviceUid)).toEqual([
    'd1',
    'd1',
  ]);
  const { code, errors } = refusal({ messages: [{ payload }, { device: 'd2', payload }] }, device);
  expect(code).toBe('not_allowed');
  expect(errors).toMatchObject([{ field: 'messages[1].device', code: 'not_allowed' }]);
});

test('one unknown device refuses the whole batch and is named', () => {
  const { code, errors } = refusal({
    messages: [
      { device: 'd1', payload },
      { device: 'x', payload },
    ],
  });
  expect(code).toBe('invalid_field');
  expect(errors).toMatchObject([{ field: 'messages[1].device', code: 'unknown_device' }]);
});

test('a disabled device is a refusal of its own kind, but not beside other mistakes', () => {
  expect(refusal({ messages: [{ device: 'off1', payload }] }).code).toBe('device_disabled');
  expect(refusal({ messages: [{ device: 'new', payload }] }).code).toBe('device_not_active');
  expect(refusal({ messages: [{ device: 'off1', payload }, { device: 'd1' }] }).code).toBe('invalid_field');
});

test.each([
  ['nothing', '', 'empty_body'],
  ['no JSON', '{"messages":', 'malformed_body'],
  ['no UTF-8', Buffer.from('{"messages":[{"device":"d1","json":"\xff"}]}', 'latin1'), 'malformed_body'],
  ['JSON nested too deeply to read', '['.repeat(500_000), 'malformed_body'],
  ['an array', [], 'invalid_field'],
  ['an unknown member', { messages: [{ device: 'd1', payload }], more: 1 }, 'invalid_field'],
  ['no messages', {}, 'invalid_field'],
  ['an empty list', { messages: [] }, 'invalid_field'],
  ['too many messages', { messages: Array(messagesMax + 1).fill({ device: 'd1', payload }) }, 'invalid_field'],
])('a body of %s is refused', (_, body, code) => {
  expect(refusal(body).code).toBe(code);
});

test.each([
  ['no object', 1, 'messages[0]', 'invalid_type'],
  ['an unknown member', { device: 'd1', payload, colour: 'red' }, 'messages[0]', 'unrecognized_keys'],
  ['a member named __proto__', '{"device":"d1","json":1,"__proto__":{}}', 'messages[0]', 'unrecognized_keys'],
  ['no device', { payload }, 'messages[0].device', 'invalid_type'],
  ['neither payload nor json', { device: 'd1' }, 'messages[0].payload', 'invalid_type'],
  ['payload and json', { device: 'd1', payload, json: 1 }, 'messages[0].payload', 'invalid_type'],
  ['no base64', { device: 'd1', payload: 'AQL' }, 'messages[0].payload', 'invalid_format'],
  ['an empty payload', { device: 'd1', payload: '' }, 'messages[0].payload', 'empty_body'],
  ['too much', { device: 'd1', json: 'x'.repeat(payloadBytesMax) }, 'messages[0].payload', 'body_too_large'],
  ['an empty id', { device: 'd1', payload, id: '' }, 'messages[0].id', 'invalid_format'],
  ['a time without zone', { device: 'd1', payload, time: '2026-03-01T12:30:00' }, 'messages[0].time', 'invalid_format'],
  ['no media type', { device: 'd1', payload, contentType: 'json' }, 'messages[0].contentType', 'invalid_format'],
])('a message with %s is refused by name', (_, message, field, code) => {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  expect(refusal(`{"messages":[${text}]}`).errors).toMatchObject([{ field, code }]);
});

test('a json value nested too deeply to write again is refused', () => {
  const { errors } = refusal(`{"messages":[{"device":"d1","json":${'['.repeat(20_000)}${']'.repeat(20_000)}}]}`);
  expect(errors).toMatchObject([{ field: 'messages[0].json', code: 'too_big' }]);
});

/** The same contract as a schema: slower by far, and easier to believe. */
const reference = z.strictObject({
  messages: z
    .array(
      z
        .strictObject({
          device: z.string().regex(deviceUidPattern).regex(/^d\d$/),
          id: z.string().min(1).max(128).optional(),
          time: z
            .string()
            .refine((text) => microsOfIsoTime(text) !== undefined)
            .optional(),
          contentType: z.string().regex(contentTypePattern).optional(),
          payload: z.base64().min(1).optional(),
          json: z.json().optional(),
        })
        .refine(({ payload: bytes, json }) => (bytes === undefined) !== (json === undefined)),
    )
    .min(1)
    .max(messagesMax),
});

const sometimes = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const wrong = fc.oneof(fc.constant(null), fc.integer(), fc.string(), fc.constant([]), fc.constant({}));
const mostly = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: value }, { weight: 1, arbitrary: wrong });
const base64 = fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const content = fc.oneof(
  { weight: 10, arbitrary: fc.record({ payload: mostly(base64) }) },
  { weight: 10, arbitrary: fc.record({ json: fc.jsonValue() }) },
  { weight: 1, arbitrary: fc.record({ payload: base64, json: fc.jsonValue() }) },
  { weight: 1, arbitrary: fc.constantFrom({}, { colour: 'red' }, { payload: 'AQI=', colour: 'red' }) },
);
const envelope = fc.record({
  device: mostly(fc.constantFrom('d1', 'd2', 'd3')),
  id: sometimes(mostly(fc.string({ minLength: 1, maxLength: 130 }))),
  time: sometimes(mostly(fc.constantFrom('2026-03-01T12:30:00Z', '2026-03-01T12:30:00.5+01:00'))),
  contentType: sometimes(mostly(fc.constantFrom('text/plain', 'application/json; charset=utf-8'))),
});
const entry = fc.tuple(envelope, content).map(([outer, inner]) => ({ ...outer, ...inner }));
const body = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue() },
  { weight: 20, arbitrary: fc.record({ messages: mostly(fc.array(mostly(entry), { maxLength: messagesMax + 1 })) }) },
);

test('a batch is taken exactly when the reference schema takes it', () => {
  let taken = 0;
  fc.assert(
    fc.property(body, (value) => {
      const text = JSON.stringify(value);
      const expected = reference.safeParse(JSON.parse(text));
      if (!expected.success) {
        expect(refusal(text).code).toBe('invalid_field');
        return;
      }
      taken += 1;
      expect(read(text).map(({ deviceUid, senderId }) => ({ deviceUid, senderId }))).toEqual(
        expected.data.messages.map(({ device: deviceUid, id }) => ({ deviceUid, senderId: id ?? null })),
      );
    }),
    { numRuns: 3000 },
  );
  expect(taken).toBeGreaterThan(300);
});
