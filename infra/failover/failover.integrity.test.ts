/**
 * Promise: whatever happens to a client manager or to what it needs, its connections get another owner, no former owner has an effect
 * any more, and no message is lost that a broker had.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Attack, attacks, left } from './attacks.ts';
import { FailoverStack } from './failover-stack.ts';
import { NumberedSenders } from './numbered-senders.ts';
import { attackOnce, type RoundResult } from './round.ts';

const instances = 3;
const connections = 12;
const messagesPerSecond = 120;
const roundMsMax = 120_000;
/** Long enough for a failover. */
const parserStopSeconds = 4;

const stopping = new AbortController();
const results: RoundResult[] = [];
let plant: FailoverStack;
let senders: NumberedSenders;
let sending: Promise<void>;

beforeAll(async () => {
  const { signal } = stopping;
  plant = await FailoverStack.start({
    instances,
    connections,
    leaseTtlMs: 1_500,
    startsPerSecond: 200,
    signal,
    report: () => {},
  });
  await plant.createAll(signal);
  await plant.settled(60_000, signal);
  senders = new NumberedSenders(
    plant.connections.map(({ device }) => device),
    messagesPerSecond,
  );
  sending = senders.run(signal);
}, 240_000);

afterAll(async () => {
  stopping.abort();
  await plant?.stop();
}, 60_000);

test.for<Attack>(attacks(parserStopSeconds))(
  '$name: every connection has one owner afterwards, none had two at a time, and nothing is lost',
  { timeout: roundMsMax },
  async (attack) => {
    const result = await attackOnce(plant, senders, attack, victimOf(attack), stopping.signal);
    results.push(result);
    expect(result).toMatchObject({ lost: 0, overlapping: 0, faults: [] });
    expect(result.published).toBeGreaterThan(0);
  },
);

test('afterwards every message that a broker had has had its effect, and what former owners wrote had none', async () => {
  stopping.abort();
  await sending;
  const nothingLeft = { lost: [], overlapping: [], pending: 0 };
  await vi.waitFor(() => expect(plant.witness.findings(senders.published)).toMatchObject(nothingLeft), 20_000);
  expect(results).toHaveLength(attacks(parserStopSeconds).length);
  expect(results.reduce((sum, { staleRefused }) => sum + staleRefused, 0)).toBeGreaterThan(0);
  expect(senders.publishedCount).toBeGreaterThan(3_000);
});

/** Another one each time; the youngest is the one that leaves. */
function victimOf({ name }: Attack): string {
  const { instances: all } = plant;
  return name === left.name ? all.at(-1)! : all[results.length % all.length]!;
}
