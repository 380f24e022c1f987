/** Two owners of one client id at a real Mosquitto, which lets in whoever comes last. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { checkConnection } from './registry.ts';
import { type FakePorts, fakePorts, hastyClock } from './testing/fake-ports.ts';
import { mqttConnection } from './testing/mqtt-connection.ts';
import { type OwnBroker, startMosquitto } from './testing/mosquitto.ts';
import { WireTap } from './testing/wire-tap.ts';

const patient = { timeout: 15_000, interval: 10 };

let broker: OwnBroker;

beforeAll(async () => {
  broker = await startMosquitto(() => ['allow_anonymous true']);
});

afterAll(() => broker.stop());

/** An owner, as far as `claim` says so; its time runs ten times as fast. */
async function ownerOf(clientId: string, protocolVersion: 4 | 5, claim: { owner: string }, name: string) {
  const tap = await WireTap.start(`mqtt://127.0.0.1:${broker.port}`, protocolVersion);
  const ports: FakePorts = fakePorts(hastyClock(10));
  const ending = new AbortController();
  let asked = 0;
  ports.mayConnect = () => {
    asked += 1;
    return Promise.resolve(claim.owner === name || claim.owner === 'both');
  };
  const connection = mqttConnection({ url: tap.url, clientId, protocolVersion, cleanStart: true });
  const session = checkConnection(connection).open(ports, ending.signal);
  onTestFinished(async () => {
    ending.abort();
    await tap.stop();
  });
  return { session, ports, connects: () => tap.seen('connect').length, asked: () => asked };
}

const losses = ({ happened }: FakePorts) => happened.filter(([name]) => name === 'lost').length;

test.each([4, 5] as const)(
  'MQTT version %i: whose session was taken over reads its claim again, and stays away when it is another one',
  async (protocolVersion) => {
    const claim = { owner: 'old' };
    const clientId = randomUUID();
    const before = await ownerOf(clientId, protocolVersion, claim, 'old');
    await vi.waitFor(() => expect(before.session.state.phase).toBe('connected'), patient);
    claim.owner = 'new';
    const after = await ownerOf(clientId, protocolVersion, claim, 'new');
    await vi.waitFor(() => expect(after.session.state.phase).toBe('connected'), patient);
    await vi.waitFor(() => expect(before.asked()).toBeGreaterThan(4), patient);
    expect(losses(before.ports)).toBe(1);
    expect(before.session.state).toMatchObject({ phase: 'waiting', lastError: { code: 'lease_lost' } });
    expect([before.connects(), after.connects()]).toEqual([1, 1]);
    expect(after.ports.happened.map(([name]) => name)).toEqual(['connected']);
  },
);

test.each([4, 5] as const)(
  'MQTT version %i: two who both believe to be the owner connect once for each look at the claim, ever more slowly, until it is settled',
  async (protocolVersion) => {
    const claim = { owner: 'both' };
    const clientId = randomUUID();
    const old = await ownerOf(clientId, protocolVersion, claim, 'old');
    await vi.waitFor(() => expect(old.session.state.phase).toBe('connected'), patient);
    const young = await ownerOf(clientId, protocolVersion, claim, 'young');
    await vi.waitFor(() => expect(Math.min(losses(old.ports), losses(young.ports))).toBeGreaterThan(2), patient);
    for (const { connects, asked, ports } of [old, young]) {
      expect(connects()).toBeLessThanOrEqual(asked());
      const delaysMs = ports.happened.flatMap(([, fields]) => ('retryInMs' in fields ? [fields.retryInMs] : []));
      expect(delaysMs.slice(0, 2)).toEqual([400, 800]);
    }
    claim.owner = 'young';
    await vi.waitFor(() => expect(old.session.state.lastError?.code).toBe('lease_lost'), patient);
    await vi.waitFor(() => expect(young.session.state.phase).toBe('connected'), patient);
    const settled = [old.connects(), young.connects()];
    const asked = old.asked();
    await vi.waitFor(() => expect(old.asked()).toBeGreaterThan(asked), patient);
    expect([old.connects(), young.connects()]).toEqual(settled);
    expect(young.session.state.phase).toBe('connected');
  },
);
