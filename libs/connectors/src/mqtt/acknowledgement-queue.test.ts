import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  AcknowledgementQueue,
  encodeReceipts,
  type Owed,
  owePuback,
  owePubrec,
  packetIdOfPubrec,
} from './acknowledgement-queue.ts';

const packetId = fc.integer({ min: 1, max: 65_535 });
const receipt = fc.tuple(fc.constantFrom(owePuback, owePubrec), packetId).map(([owe, id]) => owe(id));
const entries = fc.array(fc.array(receipt, { maxLength: 5 }), { maxLength: 30 });

test('whatever order messages become durable in, receipts come in order, never early, none twice, none left', () => {
  const scenario = entries.chain((batches) =>
    fc.tuple(
      fc.constant(batches.map((receipts): Owed => ({ receipts }))),
      fc.shuffledSubarray([...batches.keys()], { minLength: batches.length }),
      fc.array(fc.boolean(), { minLength: batches.length, maxLength: batches.length }),
    ),
  );
  fc.assert(
    fc.property(scenario, ([batches, settleOrder, releasesAfter]) => {
      const queue = new AcknowledgementQueue<Owed>();
      for (const batch of batches) queue.take(batch);
      const durable = new Set<Owed>();
      const released: Owed[] = [];
      for (const [step, index] of settleOrder.entries()) {
        const batch = batches[index] as Owed;
        queue.settle(batch);
        durable.add(batch);
        if (releasesAfter[step]) released.push(...queue.release());
        expect(released.every((entry) => durable.has(entry))).toBe(true);
        expect(released).toEqual(batches.slice(0, released.length));
      }
      released.push(...queue.release());
      expect(released).toEqual(batches);
      expect(queue.size).toBe(0);
    }),
  );
});

test('as many as possible are released: everything before the first that is not durable', () => {
  const [first, second, third] = [{ receipts: [] }, { receipts: [] }, { receipts: [] }];
  const queue = new AcknowledgementQueue<Owed>();
  for (const entry of [first, second, third]) queue.take(entry);
  queue.settle(second);
  expect(queue.release()).toEqual([]);
  queue.settle(first);
  expect(queue.release()).toEqual([first, second]);
  expect(queue.size).toBe(1);
});

test('settling twice, or what was never taken, is a fault of ours and throws', () => {
  const queue = new AcknowledgementQueue<Owed>();
  const entry = { receipts: [owePuback(1)] };
  expect(() => queue.settle(entry)).toThrow();
  queue.take(entry);
  expect(() => queue.take(entry)).toThrow();
  queue.settle(entry);
  expect(() => queue.settle(entry)).toThrow();
  queue.release();
  expect(() => queue.settle(entry)).toThrow();
});

test('receipts are encoded as MQTT says: PUBACK 0x40, PUBREC 0x50, length 2, packet id', () => {
  const bytes = encodeReceipts([
    { receipts: [owePuback(0x1234)] },
    { receipts: [] },
    { receipts: [owePubrec(65_535)] },
  ]);
  expect(bytes.toString('hex')).toBe('40021234' + '5002ffff');
  expect(encodeReceipts([{ receipts: [] }])).toHaveLength(0);
});

test('every receipt carries its packet id in order', () => {
  fc.assert(
    fc.property(entries, (batches) => {
      const bytes = encodeReceipts(batches.map((receipts) => ({ receipts })));
      const ids = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt16BE(index * 4 + 2));
      expect(ids).toEqual(batches.flat().map((owed) => owed & 0xffff));
    }),
  );
});

test('a PUBREC remembers its packet id, a PUBACK is forgotten', () => {
  expect(packetIdOfPubrec(owePubrec(7))).toBe(7);
  expect(packetIdOfPubrec(owePuback(7))).toBeUndefined();
});
