/** Which registers a machine is asked for, and in how few requests (MODBUS Application Protocol 1.1b3, sections 4.3 and 6). */

export const tables = ['coil', 'discrete', 'input', 'holding'] as const;
export type Table = (typeof tables)[number];

export const registerTypes = ['bool', 'int16', 'uint16', 'int32', 'uint32', 'float32', 'float64', 'string'] as const;
export type RegisterType = (typeof registerTypes)[number];

/** Addresses of a table: 0 to 65,535. */
export const addressesMax = 0x1_0000;

/** What one request may ask for, by the standard. */
export const perRequestMax: Readonly<Record<Table, number>> = {
  coil: 2_000,
  discrete: 2_000,
  input: 125,
  holding: 125,
};

export interface Register {
  readonly name: string;
  readonly table: Table;
  /** From 0, as it is sent. */
  readonly address: number;
  readonly type: RegisterType;
  /** Of a value ABCD: as the standard says, words swapped, bytes of each word swapped, both. */
  readonly byteOrder: 'ABCD' | 'CDAB' | 'BADC' | 'DCBA';
  /** Of a bool in an input or holding register, 0 is the lowest. */
  readonly bit: number;
  /** Of a string, in registers. */
  readonly length: number;
  readonly scale: number;
  readonly offset: number;
}

/** One request, and the registers whose values are in its answer. */
export interface Block {
  readonly table: Table;
  readonly address: number;
  readonly count: number;
  readonly registers: readonly Register[];
}

const widths: Readonly<Record<Exclude<RegisterType, 'string'>, number>> = {
  bool: 1,
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  float32: 2,
  float64: 4,
};

/** Addresses that a value takes. */
export function widthOf({ type, length }: Pick<Register, 'type' | 'length'>): number {
  return type === 'string' ? length : widths[type];
}

/**
 * Every register in one block; registers of one table travel together when no more than `gapMax` addresses between them are
 * read for nothing.
 */
export function planReads(registers: readonly Register[], gapMax: number): readonly Block[] {
  const sorted = registers.toSorted((a, b) => a.table.localeCompare(b.table) || a.address - b.address);
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const register of sorted) {
    const joined = open && joinedBlock(open, register, gapMax);
    if (joined) blocks.pop();
    open = joined ?? blockOf(register);
    blocks.push(open);
  }
  return blocks;
}

/** Each register in a request of its own: another one may be the reason why the machine refuses. */
export function apart({ registers }: Block): readonly Block[] {
  return registers.map(blockOf);
}

function blockOf(register: Register): Block {
  return { table: register.table, address: register.address, count: widthOf(register), registers: [register] };
}

function joinedBlock(block: Block, register: Register, gapMax: number): Block | undefined {
  const { table, address } = block;
  const end = address + block.count;
  const count = Math.max(end, register.address + widthOf(register)) - address;
  if (table !== register.table || register.address - end > gapMax || count > perRequestMax[table]) return undefined;
  return { table, address, count, registers: [...block.registers, register] };
}
