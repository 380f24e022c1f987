/** Gives the fleet its values, by the door that devices use. */
import { setTimeout as sleep } from 'node:timers/promises';
import { queryNumber } from '../questdb-query.ts';
import { randomFrame, standardLoad } from '../standard-load.ts';
import { table } from '../stored.ts';
import type { FeedFigures } from './api-report.ts';
import { benchTenant, fleetDevice } from './fleet.ts';
import { Connections, type Subject } from './subject.ts';

/** Devices with more than their latest value: those of a question about ranges. */
export const historyDevices = 100;
const historyMs = 3_600_000;
const messagesPerRequest = 500;
const requestsAtOnce = 4;
const storedMsMax = 300_000;
const askAgainMs = 100;
/** Devices in one question for latest values. */
const latestDevices = 1_000;

export interface Message {
  readonly device: string;
  readonly time: string;
  readonly payload: string;
}

/** A message of each device, and an hour of `historyMessages` of some; resolves when all of it can be asked for. */
export async function feed(
  subject: Subject,
  { devices, historyMessages }: { readonly devices: number; readonly historyMessages: number },
  signal: AbortSignal,
): Promise<FeedFigures> {
  const startedMs = performance.now();
  const sent = (await sendAll(subject, history(historyMessages))) + (await sendAll(subject, latest(devices)));
  const points = sent * standardLoad.pointsPerMessage;
  const sql = `SELECT count() FROM ${table} WHERE tenant = '${benchTenant}'`;
  const stored = async (): Promise<boolean> => (await queryNumber(subject.questdb, sql)) >= points;
  await wait(stored, 'The points are not stored in time.', signal);
  const connections = new Connections(subject.api, subject.key, 1);
  let found = 0;
  const complete = async (): Promise<boolean> => (found = await devicesWithValues(connections, devices)) === devices;
  try {
    await wait(complete, 'Not every device has a latest value in time.', signal);
  } finally {
    connections.close();
  }
  return { messages: sent, points, devicesWithValues: found, seconds: (performance.now() - startedMs) / 1_000 };
}

export function messageOf(index: number, timeMs: number): Message {
  const payload = randomFrame().toString('base64');
  return { device: fleetDevice(index).deviceUid, time: new Date(timeMs).toISOString(), payload };
}

/** Sends in requests of hundreds; gives how many were accepted, which is all. */
export async function sendAll(subject: Subject, messages: Iterable<Message>): Promise<number> {
  const connections = new Connections(subject.gateway, subject.key, requestsAtOnce);
  const batches = batchesOf(messages);
  let sent = 0;
  const sender = async (): Promise<void> => {
    for (const batch of batches) {
      await connections.json(batchRequest(batch));
      sent += batch.length;
    }
  };
  try {
    await Promise.all(Array.from({ length: requestsAtOnce }, sender));
  } finally {
    connections.close();
  }
  return sent;
}

export const batchRequest = (messages: readonly Message[]) => ({
  method: 'POST',
  path: '/v1/messages/batch',
  body: JSON.stringify({ messages }),
});

function* latest(devices: number): Generator<Message> {
  for (let index = 0; index < devices; index += 1) yield messageOf(index, Date.now());
}

/** In the order of time. */
function* history(messages: number): Generator<Message> {
  const firstMs = Date.now() - historyMs;
  for (let message = 0; message < messages; message += 1)
    for (let index = 0; index < historyDevices; index += 1)
      yield messageOf(index, firstMs + Math.floor((message * historyMs) / messages));
}

function* batchesOf(messages: Iterable<Message>): Generator<readonly Message[]> {
  let batch: Message[] = [];
  for (const message of messages) {
    batch.push(message);
    if (batch.length < messagesPerRequest) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function devicesWithValues(connections: Connections, devices: number): Promise<number> {
  let found = 0;
  for (let first = 0; first < devices; first += latestDevices) {
    const count = Math.min(latestDevices, devices - first);
    const uids = Array.from({ length: count }, (_, index) => fleetDevice(first + index).deviceUid);
    const body = JSON.stringify({ devices: uids });
    const answer = await connections.json<Latest>({ method: 'POST', path: '/v1/points/latest', body });
    found += answer.devices.filter((one) => Object.keys(one.signals).length > 0).length;
  }
  return found;
}

interface Latest {
  readonly devices: readonly { readonly signals: object }[];
}

async function wait(condition: () => Promise<boolean>, sentence: string, signal: AbortSignal): Promise<void> {
  const endMs = performance.now() + storedMsMax;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(sentence);
    await sleep(askAgainMs, undefined, { signal });
  }
}
