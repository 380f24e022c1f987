/** An entity as it is kept. */
import type { Body } from './tables.ts';

export interface Resource {
  readonly tenant: string;
  readonly id: string;
  readonly revision: bigint;
  readonly body: Body;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** As the tables have it. */
export interface ResourceRow {
  readonly tenant: string;
  readonly id: string;
  readonly revision: bigint;
  readonly body: Body;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export function resourceOf({ created_at, updated_at, ...row }: ResourceRow): Resource {
  return { ...row, createdAt: created_at, updatedAt: updated_at };
}
