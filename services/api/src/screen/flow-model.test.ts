import { expect, test } from 'vitest';
import type { Flow, Hop } from './answer-types.ts';
import { type BoxId, flowModel } from './flow-model.ts';

const hop = (service: string, name: string, rest: Partial<Hop> = {}): Hop => ({
  service,
  hop: name,
  inPerSecond: 10,
  outPerSecond: 9,
  in: 100,
  out: 90,
  rejected: 0,
  deadLettered: 0,
  parked: 0,
  repeated: 0,
  inFlight: 0,
  ...rest,
});

const names = ['gateway', 'client-manager', 'parser', 'historian', 'alarm-evaluator', 'notifier'];

const flow: Flow = {
  at: '2026-03-01T12:00:00.000Z',
  services: names.map((service) => ({ service, instances: 1, answering: 1, waiting: [] })),
  hops: [
    hop('gateway', 'http'),
    hop('client-manager', 'mqtt', { inPerSecond: 5, outPerSecond: 5 }),
    hop('parser', 'parse', { deadLettered: 1, parked: 2, outPerSecond: 8 }),
    hop('parser', 'parse-parked', { inPerSecond: 1, outPerSecond: 1 }),
    hop('historian', 'store'),
    hop('historian', 'store-alarm-events', { inPerSecond: 1 }),
  ],
  lags: [
    { service: 'historian', topic: 'telemetry.points.v1', records: 3 },
    { service: 'historian', topic: 'alarm.events.v1', records: 4 },
  ],
  stores: [
    { name: 'Kafka', answers: true },
    { name: 'QuestDB', answers: true },
    { name: 'Redis', answers: true },
  ],
};

const linesOf = (id: BoxId, of: Flow = flow) => flowModel(of).boxes.find((box) => box.id === id)?.lines;

test('what comes in by all ways is added where it meets', () => {
  expect(linesOf('devices')).toEqual(['15.0/s']);
  expect(linesOf('raw')).toEqual(['14.0/s']);
});

test('a message that was parked is taken once, and given when it was worked off', () => {
  expect([linesOf('parser'), linesOf('points')]).toEqual([['10.0/s'], ['9.0/s']]);
});

test('lag and dead letters stand where they occur, and only there', () => {
  expect(linesOf('parser')).toEqual(['10.0/s']);
  expect(flowModel(flow).boxes.flatMap(({ id, loss }) => (loss === '' ? [] : [`${id}: ${loss}`]))).toEqual([
    'parser: 1 dead letter',
  ]);
  expect(linesOf('historian')).toEqual(['10.0/s', 'lag 7']);
  expect(linesOf('gateway')).toEqual(['10.0/s']);
});

test('a flow in which all parts answer has no problems', () => {
  expect(flowModel(flow).problems).toEqual([]);
});

test('a part that is away is named, the stores first, and its lag stays in sight', () => {
  const services = flow.services.map((one) => (one.service === 'historian' ? { ...one, answering: 0 } : one));
  const stores = flow.stores.map((one) => (one.name === 'QuestDB' ? { ...one, answers: false } : one));
  const broken = { ...flow, services, stores };
  expect(flowModel(broken).problems).toEqual(['QuestDB does not answer.', 'The historian does not answer.']);
  expect(linesOf('historian', broken)).toEqual(['no answer', 'lag 7']);
  expect(linesOf('stores', broken)).toEqual(['no answer', 'QuestDB']);
});

test('a service that was never seen is down, one that waits says why', () => {
  const services = [
    ...flow.services.filter(({ service }) => service !== 'notifier' && service !== 'parser'),
    { service: 'unknown', instances: 1, answering: 0, waiting: [] },
    { service: 'parser', instances: 2, answering: 1, waiting: ['A consumer group has not given its partitions yet.'] },
  ];
  expect(flowModel({ ...flow, services }).problems).toEqual([
    '1 of 2 instances of the parser answer.',
    'The notifier does not answer.',
    'Parser: A consumer group has not given its partitions yet.',
  ]);
});

test('services outside of the picture are named when they are away', () => {
  const services = [
    ...flow.services,
    { service: 'statistics-scheduler', instances: 1, answering: 0, waiting: [] },
    { service: 'unknown', instances: 1, answering: 0, waiting: [] },
  ];
  expect(flowModel({ ...flow, services }).problems).toEqual([
    'The statistics scheduler does not answer.',
    'The service that was never seen does not answer.',
  ]);
});

test('a rate that is not known yet is not zero', () => {
  expect(linesOf('devices', { ...flow, hops: [hop('gateway', 'http', { inPerSecond: null })] })).toEqual(['…']);
});
