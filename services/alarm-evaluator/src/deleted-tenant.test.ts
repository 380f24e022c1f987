import { expect, test, vi } from 'vitest';
import { FakeConfiguration, FakeStream, pointOf } from './testing/fakes.ts';
import { Instance, stepsOf } from './testing/instance.ts';

test('points of a deleted tenant make no transition, wait for nothing and leave no letter; they are counted, and neighbours notice nothing', async () => {
  const stream = new FakeStream();
  const configuration = new FakeConfiguration('oven-1', 'oven-2');
  configuration.setDeleted('gone', true);
  stream.append(pointOf('oven-1', 1, 95, 'gone'), pointOf('oven-2', 1, 95), pointOf('oven-9', 2, 95, 'gone'));
  const instance = new Instance(stream, configuration);
  await instance.evaluate();
  expect(stepsOf(stream)).toEqual(['oven-2 raised 1']);
  expect([...stream.states().keys()]).toEqual(['mill/oven-2']);
  expect(instance.letters).toEqual([]);
  expect(instance.hop).toMatchObject({
    in: 3,
    out: 1,
    rejected: { tenant_deleted: 2 },
    deadLettered: 0,
    inFlight: 0,
  });
});

test('points are dropped also when their tenant is deleted while they wait for their device', async () => {
  const stream = new FakeStream();
  stream.append(pointOf('oven-9', 1, 95));
  const configuration = new FakeConfiguration();
  const instance = new Instance(stream, configuration);
  const evaluated = instance.evaluate();
  await vi.waitFor(() => expect(instance.clock.sleeping).toBe(1));
  configuration.setDeleted('mill', true);
  await instance.clock.advance(100);
  await evaluated;
  expect(instance.letters).toEqual([]);
  expect(instance.hop).toMatchObject({ in: 1, out: 0, rejected: { tenant_deleted: 1 } });
});

test('alarms of a deleted tenant go on from where they were once it is active again, in this instance and in the next one', async () => {
  const stream = new FakeStream();
  const configuration = new FakeConfiguration('oven-1');
  stream.append(pointOf('oven-1', 1, 95), pointOf('oven-1', 2, 20), pointOf('oven-1', 3, 96), pointOf('oven-1', 4, 20));
  const first = new Instance(stream, configuration);
  await first.evaluate(0, 1);
  configuration.setDeleted('mill', true);
  await first.evaluate(1, 2);
  configuration.setDeleted('mill', false);
  await first.evaluate(2, 3);
  await new Instance(stream, configuration).evaluate(3);
  expect(stepsOf(stream)).toEqual(['oven-1 raised 1', 'oven-1 cleared 4']);
  expect(stream.committed).toBe(4n);
});
