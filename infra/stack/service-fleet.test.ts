import { expect, test } from 'vitest';
import type { ProcessPlan } from './process-plan.ts';
import { type FleetSupervisor, ServiceFleet } from './service-fleet.ts';

const readyMsMax = 1_000;

/** A supervisor whose processes are ready at once, which keeps a book of what it was told. */
class Book implements FleetSupervisor {
  readonly entries: string[] = [];
  readonly plans = new Map<string, ProcessPlan>();
  ready: FleetSupervisor['ready'] = async () => void this.entries.push('ready');

  has(instance: string): boolean {
    return this.plans.has(instance);
  }

  find(instance: string): { readonly plan: ProcessPlan } {
    return { plan: this.plans.get(instance)! };
  }

  start(plan: ProcessPlan): void {
    this.entries.push(`start ${plan.instance}`);
    this.plans.set(plan.instance, plan);
  }

  async remove(instance: string): Promise<void> {
    this.entries.push(`remove ${instance}`);
    this.plans.delete(instance);
  }

  async replace(plan: ProcessPlan): Promise<void> {
    this.entries.push(`replace ${plan.instance}`);
    this.plans.set(plan.instance, plan);
  }
}

async function fleetOf(...names: string[]): Promise<{ fleet: ServiceFleet; book: Book }> {
  const book = new Book();
  const numbers: string[] = [];
  const of = (name: string): number => numbers.indexOf(name);
  const ports = {
    choose: async (wanted: readonly string[]) => void numbers.push(...wanted.filter((name) => !numbers.includes(name))),
    of,
    some: (wanted: readonly string[]) => Object.fromEntries(wanted.map((name) => [name, of(name)])),
  };
  const around = {
    dataDir: '/data',
    adminKey: 'admin.0123456789abcdef',
    secretKey: 'key',
    address: (name: string) => name,
    ports,
    supervisor: book,
  };
  const fleet = new ServiceFleet(around);
  await fleet.start(names, { configDir: '/config' });
  book.entries.length = 0;
  return { fleet, book };
}

const scale = (fleet: ServiceFleet, wanted: Record<string, number>): Promise<void> =>
  fleet.scale(wanted, readyMsMax, () => {});

test('new instances are ready before those too many end, and who knows them all is started anew', async () => {
  const { fleet, book } = await fleetOf('api', 'historian', 'historian', 'parser');
  await scale(fleet, { parser: 3, historian: 1 });
  expect(book.entries).toEqual([
    'start parser-2',
    'start parser-3',
    'ready',
    'remove historian-2',
    'replace api-1',
    'ready',
  ]);
  const urls = book.find('api-1').plan.environment['MILLRACE_ACCOUNTING_URLS']?.split(',');
  expect(urls).toEqual([...book.plans.values()].map(({ url }) => url));
});

test('what is as wanted already is left alone', async () => {
  const { fleet, book } = await fleetOf('api', 'parser');
  await scale(fleet, { parser: 1 });
  expect(book.entries).toEqual(['ready', 'ready']);
});

test('an instance that could not be started does not stand in the way of fewer', async () => {
  const { fleet, book } = await fleetOf('parser');
  book.start = () => {
    throw new Error('no port');
  };
  await expect(scale(fleet, { parser: 2 })).rejects.toThrow('no port');
  await scale(fleet, { parser: 1 });
  expect([...book.plans.keys()]).toEqual(['parser-1']);
});

test.each([
  [{ parsre: 2 }, 'There is no service parsre in this stack; there are api, client-manager, parser.'],
  [{ parser: 0 }, 'parser can have 1 to 12 instances, not 0.'],
  [{ parser: 13 }, 'parser can have 1 to 12 instances, not 13.'],
  [{ parser: 1.5 }, 'parser can have 1 to 12 instances, not 1.5.'],
])('%j is refused and changes nothing', async (wanted, sentence) => {
  const { fleet, book } = await fleetOf('api', 'client-manager', 'parser');
  await expect(scale(fleet, wanted)).rejects.toThrow(sentence);
  expect(book.entries).toEqual([]);
});

test('a second change waits for nobody: it is refused until the first is done', async () => {
  const { fleet, book } = await fleetOf('parser');
  let goOn = (): void => {};
  book.ready = () => new Promise((resolve) => (goOn = resolve));
  const first = scale(fleet, { parser: 2 });
  await expect(scale(fleet, { parser: 3 })).rejects.toThrow('being scaled at this moment');
  book.ready = () => Promise.resolve();
  goOn();
  await first;
  await scale(fleet, { parser: 3 });
  expect([...book.plans.keys()]).toEqual(['parser-1', 'parser-2', 'parser-3']);
});
