/** What stands between a script that broke out of its isolate and the machine, as the child itself finds it. */
export interface Wall {
  readonly name: WallName;
  readonly up: boolean;
  /** One sentence. */
  readonly detail: string;
}

export const wallNames = ['environment', 'descriptors', 'privileges', 'new privileges', 'network', 'files'] as const;

export type WallName = (typeof wallNames)[number];

/** The body of a child's hello. */
export function readWalls(body: string): readonly Wall[] {
  return JSON.parse(body) as readonly Wall[];
}
