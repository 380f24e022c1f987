/** Entities in a real PostgreSQL: what tenants can see, what is refused, and that the outbox has every change in its order. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Outbox } from './outbox.ts';
import type { AnyResource } from './tables.ts';
import { type ControlDatabase, controlDatabase, deviceBody } from './testing/control-database.ts';

let control: ControlDatabase;
let outbox: Outbox;

beforeAll(async () => {
  control = await controlDatabase();
  outbox = new Outbox(control.database, ['tenants', 'products', 'devices']);
}, 30_000);
afterAll(() => control.drop());

const refusal = (code: string): unknown => expect.objectContaining({ code });

test('a tenant sees and changes its own rows only, though a query forgets to say whose', async () => {
  await control.of('north', (rows) => rows.create('devices', 'own', deviceBody()));
  await control.database.ofTenant('south', async (transaction) => {
    expect(
      await transaction
        .selectFrom('devices' as AnyResource)
        .selectAll()
        .execute(),
    ).toEqual([]);
    const { numUpdatedRows } = await transaction
      .updateTable('devices' as AnyResource)
      .set({ body: '{}' })
      .executeTakeFirst();
    expect(numUpdatedRows).toBe(0n);
    expect(await transaction.selectFrom('outbox').select('id').where('tenant', '=', 'north').execute()).toEqual([]);
  });
  const foreign = control.database.ofTenant('south', (transaction) =>
    transaction
      .insertInto('devices' as AnyResource)
      .values({ tenant: 'north', id: 'x', revision: 0n, body: '{}' })
      .execute(),
  );
  await expect(foreign).rejects.toThrow('row-level security');
});

test('a transaction that names no tenant as the tenants’ role sees nothing', async () => {
  await control.database.transaction(async (transaction) => {
    await sql`SET LOCAL ROLE millrace_tenant`.execute(transaction);
    expect(
      await transaction
        .selectFrom('devices' as AnyResource)
        .selectAll()
        .execute(),
    ).toEqual([]);
  });
});

test('the role of tenants reaches neither what was published nor the installation', async () => {
  for (const table of ['published', 'installation'] as const)
    await expect(
      control.database.ofTenant('north', (transaction) => transaction.selectFrom(table).selectAll().execute()),
    ).rejects.toThrow('permission denied');
});

test('of two creations one is refused; so is a code that another device has', async () => {
  await control.of('north', (rows) => rows.create('devices', 'twice', deviceBody({ identificationCode: 'c1' })));
  const again = control.of('north', (rows) => rows.create('devices', 'twice', deviceBody()));
  await expect(again).rejects.toEqual(refusal('already_exists'));
  const code = control.of('north', (rows) => rows.create('devices', 'other', deviceBody({ identificationCode: 'c1' })));
  await expect(code).rejects.toEqual(refusal('already_exists'));
  await control.of('south', (rows) => rows.create('devices', 'other', deviceBody({ identificationCode: 'c1' })));
});

test('what refers to nothing is refused, and so is the deletion of what is referred to', async () => {
  const lost = control.of('north', (rows) => rows.create('devices', 'lost', deviceBody({ productId: 'absent' })));
  await expect(lost).rejects.toEqual(refusal('unknown_reference'));
  await control.of('north', (rows) => rows.create('devices', 'kept', deviceBody()));
  await expect(control.of('north', (rows) => rows.delete('products', ['pump']))).rejects.toEqual(refusal('in_use'));
});

test('in one transaction what is referred to may come later', async () => {
  await control.of('north', async (rows) => {
    await rows.create('devices', 'early', deviceBody({ productId: 'late' }));
    await rows.create('products', 'late', { name: '', scriptId: null });
  });
  expect(await control.of('north', (rows) => rows.find('devices', 'early'))).toMatchObject({ id: 'early' });
});

test('what is not different is not written', async () => {
  await control.of('north', (rows) => rows.create('devices', 'same', deviceBody()));
  const { last } = await outbox.state();
  await control.of('north', async (rows) => {
    const before = (await rows.lock('devices', 'same'))!;
    const [after] = await rows.write('devices', [{ id: 'same', body: deviceBody(), before }]);
    expect([after, rows.position]).toEqual([before, undefined]);
  });
  expect((await outbox.state()).last).toBe(last);
});

test('a change that is rolled back leaves nothing in the outbox', async () => {
  const { last } = await outbox.state();
  const failing = control.of('north', async (rows) => {
    await rows.create('devices', 'ghost', deviceBody());
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect((await outbox.behind(last, 10)).filter(({ id }) => id === 'ghost')).toEqual([]);
});

test('positions become visible in their order, however transactions overlap', async () => {
  const { last } = await outbox.state();
  const seen: bigint[] = [];
  let writing = true;
  const reading = (async () => {
    let behind = last;
    while (writing || (await outbox.behind(behind, 1)).length > 0) {
      const changes = await outbox.behind(behind, 100);
      seen.push(...changes.map(({ position }) => position));
      behind = changes.at(-1)?.position ?? behind;
    }
  })();
  const writers = Array.from({ length: 60 }, (_, index) =>
    control.of(index % 2 ? 'north' : 'south', async (rows) => {
      await rows.create('devices', `many-${index}`, deviceBody());
      await rows.create('devices', `more-${index}`, deviceBody());
    }),
  );
  await Promise.all(writers);
  writing = false;
  await reading;
  expect(seen).toHaveLength(120);
  expect(seen).toEqual(seen.toSorted((a, b) => (a < b ? -1 : 1)));
  expect(new Set(seen).size).toBe(120);
});

test('thousands are written in one transaction', async () => {
  const count = 3_000;
  await control.of('south', (rows) =>
    rows.write(
      'devices',
      Array.from({ length: count }, (_, n) => ({ id: `bulk-${n}`, body: deviceBody(), before: undefined })),
    ),
  );
  await control.of('south', async (rows) => {
    const all = (await rows.all('devices')).filter(({ id }) => id.startsWith('bulk-'));
    const changed = await rows.write(
      'devices',
      all.map((before) => ({ id: before.id, body: deviceBody({ name: 'x' }), before })),
    );
    expect(changed).toHaveLength(count);
    expect(changed.every(({ body }) => body['name'] === 'x')).toBe(true);
    await rows.delete(
      'devices',
      all.map(({ id }) => id),
    );
  });
});
