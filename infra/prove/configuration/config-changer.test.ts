import { expect, onTestFinished, test } from 'vitest';
import { ChangeLedger } from './change-ledger.ts';
import { ConfigChanger, type ConfigChangerOptions } from './config-changer.ts';
import { FakeDeviceApi, type FakeDeviceApiOptions, type Mishap } from './testing/fake-device-api.ts';

const changes = 20;
const clean = { lost: [], refusedButPublished: [], repeated: [], outOfOrder: [], invented: [] };

interface Outcome {
  readonly ledger: ChangeLedger;
  readonly changer: ConfigChanger;
  readonly api: FakeDeviceApi;
}

/** Two people make their changes against the fake. */
async function changed(
  fake: Omit<FakeDeviceApiOptions, 'tenant'>,
  options: Partial<ConfigChangerOptions> = {},
  signal = AbortSignal.timeout(20_000),
): Promise<Outcome> {
  const ledger = new ChangeLedger();
  const api = new FakeDeviceApi({ ...fake, tenant: 't' });
  const url = await api.listen();
  onTestFinished(() => api.close());
  const common = { apis: [url, url], apiKey: 'k.s', tenant: 't', productId: 'pump', devices: ['a', 'b'] };
  const changer = new ConfigChanger({ ...common, ...options }, ledger);
  await changer.run(changes, signal);
  return { ledger, changer, api };
}

/** One mishap after the other, each at every fifth request. */
function atTimes(...mishaps: readonly Mishap[]) {
  return (request: number): Mishap | undefined =>
    request % 5 === 4 ? mishaps[Math.floor(request / 5) % mishaps.length] : undefined;
}

test.each([
  ['of creations', ['POST']],
  ['of creations and changes', ['POST', 'PATCH']],
])('every change is accepted and made once by an api that knows keys %s', async (_, remembers) => {
  const { ledger, changer, api } = await changed({ mishapOf: atTimes('lost', 'deaf', 'late', 'busy'), remembers });
  expect(ledger.reconcile(api.published)).toEqual(clean);
  expect([ledger.count('accepted'), api.published.length]).toEqual([2 * changes, 2 * changes]);
  expect(changer.interrupted).toBeGreaterThan(5);
});

test('who gives up goes on from what the device is then, and never knows', async () => {
  const { ledger, api } = await changed({ mishapOf: atTimes('deaf', 'lost', 'late') }, { giveUpEvery: 1 });
  await api.close();
  expect(ledger.reconcile(api.published)).toEqual(clean);
  expect(ledger.count('unanswered')).toBeGreaterThan(5);
  expect(api.published.length).toBeGreaterThan(ledger.count('accepted'));
});

test.each([[['POST']], [['POST', 'PATCH']]])(
  'a change that is sent again after its answer is not made again (%s are remembered)',
  async (remembers) => {
    const { ledger, changer, api } = await changed({ remembers }, { repeatEvery: 1 });
    expect(changer.otherAnswers).toEqual([]);
    expect(ledger.reconcile(api.published)).toEqual(clean);
  },
);

test('an api that forgets the keys of creations is found out', async () => {
  const isCreation = (request: number): boolean => request < 2;
  const { ledger, api } = await changed({ mishapOf: (n) => (isCreation(n) ? 'deaf' : undefined), remembers: [] });
  expect(ledger.reconcile(api.published).refusedButPublished).toHaveLength(2);
  const { changer } = await changed({ remembers: [] }, { repeatEvery: 1 });
  expect(changer.otherAnswers).toHaveLength(2);
});

test('against an api that never answers it ends with the signal, and what it asked for is unanswered', async () => {
  const { ledger, api } = await changed({ mishapOf: () => 'lost' }, {}, AbortSignal.timeout(300));
  expect(ledger.count('unanswered')).toBe(2);
  expect(ledger.reconcile(api.published)).toEqual(clean);
});
