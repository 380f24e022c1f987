import fc from 'fast-check';
import type { IPublishPacket } from 'mqtt-packet';
import { expect, test } from 'vitest';
import type { KnownDevice } from '../connector.ts';
import { parseJsonPointer } from '../json-pointer.ts';
import { payloadBytesMax } from '../payload-size.ts';
import { isRejected, MessageReader } from './message-reader.ts';
import type { DeviceRule } from './settings.ts';
import { parseTopicPattern } from './topic-pattern.ts';

const pump: KnownDevice = { deviceUid: 'pump-1', state: 'active' };
const valve: KnownDevice = { deviceUid: 'valve', state: 'disabled' };
const retired: KnownDevice = { deviceUid: 'old', state: 'retired' };
const devices = {
  byUid: (uid: string) => [pump, valve, retired].find(({ deviceUid }) => deviceUid === uid),
  byIdentificationCode: (code: string) => (code === 'SN-1' || code === '42' ? pump : undefined),
};

const byTopic = readerOf({ kind: 'topic', pattern: parseTopicPattern('plant/{site}/{deviceUid}') });
const byCode = readerOf({ kind: 'topic', pattern: parseTopicPattern('{identificationCode}/up') });
const byPayload = readerOf({ kind: 'payload', pointer: parseJsonPointer('/device/serial') as never });

function readerOf(rule: DeviceRule): MessageReader {
  return new MessageReader('acme', rule, devices);
}

function publish(topic: string, payload: string | Buffer, rest: Partial<IPublishPacket> = {}): IPublishPacket {
  return { cmd: 'publish', qos: 1, dup: false, retain: false, topic, payload: Buffer.from(payload), ...rest };
}

test('a message of a known device has its envelope and its bytes', () => {
  expect(byTopic.read(publish('plant/north/pump-1', 'hello'))).toEqual({
    tenant: 'acme',
    deviceUid: 'pump-1',
    identificationCode: null,
    senderId: null,
    timeMicros: null,
    repeated: false,
    contentType: 'application/octet-stream',
    attributes: { topic: 'plant/north/pump-1', site: 'north' },
    payload: Buffer.from('hello'),
  });
});

test('a device is found by the identification code in the topic, and the code stays with the message', () => {
  expect(byCode.read(publish('SN-1/up', 'x'))).toMatchObject({ deviceUid: 'pump-1', identificationCode: 'SN-1' });
});

test.each(['{"device":{"serial":"SN-1"}}', '{"device":{"serial":42}}'])(
  'a device is found by the identification code in the payload %s',
  (payload) => {
    expect(byPayload.read(publish('any', payload))).toMatchObject({
      deviceUid: 'pump-1',
      attributes: { topic: 'any' },
    });
  },
);

test.each([
  [byTopic, 'plant/north/nobody', 'x', 'unknown_sender', '"nobody"'],
  [byTopic, 'elsewhere', 'x', 'unknown_sender', 'pattern'],
  [byTopic, 'plant/north/valve', 'x', 'device_disabled', '"valve" is disabled'],
  [byTopic, 'plant/north/old', 'x', 'device_retired', '"old" is retired'],
  [byCode, 'SN-2/up', 'x', 'unknown_sender', '"SN-2"'],
  [byPayload, 'any', '{"device":{}}', 'unknown_sender', 'identification code'],
  [byPayload, 'any', '{"device":{"serial":["SN-1"]}}', 'unknown_sender', 'identification code'],
  [byPayload, 'any', 'not JSON', 'malformed_body', 'JSON'],
  [byTopic, 'plant/north/pump-1', '', 'empty_body', 'empty'],
])(
  '%# what cannot be taken is rejected with code and reason, and keeps its bytes',
  (reader, topic, payload, code, why) => {
    const read = reader.read(publish(topic, payload));
    expect(read).toMatchObject({ code, detail: expect.stringContaining(why) });
    expect(isRejected(read) && Buffer.from(read.message.payload).toString()).toBe(payload);
  },
);

test('a payload that fits into no record is rejected, and its beginning is kept', () => {
  expect(isRejected(byTopic.read(publish('plant/n/pump-1', Buffer.alloc(payloadBytesMax, 1))))).toBe(false);
  const read = byTopic.read(publish('plant/n/pump-1', Buffer.alloc(payloadBytesMax + 1, 1)));
  expect(read).toMatchObject({ code: 'body_too_large', detail: expect.stringContaining('524289') });
  expect(isRejected(read) && read.message.payload.length).toBe(payloadBytesMax);
});

test('MQTT 5 gives content type, message id and time; DUP and retain are noted', () => {
  const properties = {
    contentType: 'application/json',
    userProperties: { 'millrace-id': 'a-1', 'millrace-time': '1970-01-01T00:00:01Z' },
  };
  expect(byTopic.read(publish('plant/n/pump-1', 'x', { dup: true, retain: true, properties }))).toMatchObject({
    contentType: 'application/json',
    senderId: 'a-1',
    timeMicros: 1_000_000,
    repeated: true,
    attributes: { topic: 'plant/n/pump-1', site: 'n', retained: 'true' },
  });
});

test.each([{ 'millrace-id': '' }, { 'millrace-id': 'x'.repeat(257) }, { 'millrace-time': 'yesterday' }])(
  '%# a wrong user property of ours is rejected, not ignored',
  (userProperties) => {
    expect(byTopic.read(publish('plant/n/pump-1', 'x', { properties: { userProperties } }))).toMatchObject({
      code: 'invalid_field',
    });
  },
);

test("a retained message does not change the attributes of its topic's other messages", () => {
  byTopic.read(publish('plant/n/pump-1', 'x', { retain: true }));
  const read = byTopic.read(publish('plant/n/pump-1', 'x'));
  expect('attributes' in read && read.attributes).toEqual({ topic: 'plant/n/pump-1', site: 'n' });
});

test('whatever topic and bytes come, reading gives a message or a rejection and never throws', () => {
  const reader = fc.constantFrom(byTopic, byCode, byPayload);
  fc.assert(
    fc.property(reader, fc.string(), fc.uint8Array(), (any, topic, bytes) => {
      const read = any.read(publish(topic, Buffer.from(bytes)));
      expect((isRejected(read) ? read.message : read).payload).toEqual(Buffer.from(bytes));
    }),
  );
});
