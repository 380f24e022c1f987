import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apart, perRequestMax, planReads, type Register, registerTypes, tables, widthOf } from './register-map.ts';

const registers: fc.Arbitrary<Register> = fc
  .record({
    table: fc.constantFrom(...tables),
    address: fc.integer({ min: 0, max: 600 }),
    type: fc.constantFrom(...registerTypes),
    length: fc.integer({ min: 1, max: 125 }),
  })
  .map(({ table, type, ...rest }) => ({
    name: `${table} ${rest.address} ${type}`,
    table,
    type: table === 'coil' || table === 'discrete' ? 'bool' : type,
    byteOrder: 'ABCD',
    bit: 0,
    scale: 1,
    offset: 0,
    ...rest,
  }));

const maps = fc.uniqueArray(registers, { selector: ({ name }) => name, maxLength: 60 });
const gaps = fc.integer({ min: 0, max: 125 });

/** Addresses of the block that no register of it needs. */
function idle(block: ReturnType<typeof planReads>[number]): number[] {
  const needed = new Set(
    block.registers.flatMap((one) => Array.from({ length: widthOf(one) }, (_, index) => one.address + index)),
  );
  return Array.from({ length: block.count }, (_, index) => block.address + index).filter((at) => !needed.has(at));
}

/** The longest run of neighbours. */
function longestRun(addresses: readonly number[]): number {
  let longest = 0;
  let run = 0;
  for (const [index, address] of addresses.entries()) {
    run = address === (addresses[index - 1] ?? NaN) + 1 ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

test('every register is read once, whole, in a request that the standard allows, over gaps that are allowed', () => {
  fc.assert(
    fc.property(maps, gaps, (map, gapMax) => {
      const plan = planReads(map, gapMax);
      const planned = plan.flatMap((block) => block.registers);
      expect(planned.toSorted(byName)).toEqual(map.toSorted(byName));
      for (const block of plan) {
        expect(block.count).toBeLessThanOrEqual(perRequestMax[block.table]);
        for (const one of block.registers) {
          expect(one.table).toBe(block.table);
          expect(one.address).toBeGreaterThanOrEqual(block.address);
          expect(one.address + widthOf(one)).toBeLessThanOrEqual(block.address + block.count);
        }
        expect(longestRun(idle(block))).toBeLessThanOrEqual(gapMax);
      }
    }),
  );
});

test('two neighbouring requests of a plan could not have been one', () => {
  fc.assert(
    fc.property(maps, gaps, (map, gapMax) => {
      const plan = planReads(map, gapMax);
      for (const [index, block] of plan.entries()) {
        const next = plan[index + 1];
        if (next?.table !== block.table) continue;
        const [first] = next.registers;
        const together = first!.address + widthOf(first!) - block.address;
        const isFar = next.address - (block.address + block.count) > gapMax;
        expect(isFar || together > perRequestMax[block.table]).toBe(true);
      }
    }),
  );
});

test('taken apart, a block is its registers one by one', () => {
  fc.assert(
    fc.property(maps, (map) => {
      for (const block of planReads(map, 125)) {
        const single = apart(block);
        expect(single.map(({ registers: [only] }) => only)).toEqual(block.registers);
        for (const {
          count,
          registers: [only],
        } of single)
          expect(count).toBe(widthOf(only!));
      }
    }),
  );
});

const byName = (a: Register, b: Register): number => a.name.localeCompare(b.name);
