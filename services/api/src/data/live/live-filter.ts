/** What a reader of a live stream wants of its tenant. */

export const liveKinds = ['points', 'alarms'] as const;

export type LiveKind = (typeof liveKinds)[number];

/** Undefined: all. */
export interface LiveFilter {
  readonly kinds: ReadonlySet<LiveKind>;
  readonly devices: ReadonlySet<string> | undefined;
  readonly signals: ReadonlySet<string> | undefined;
  /** Of alarms only. */
  readonly severities: ReadonlySet<string> | undefined;
}

/** The same for filters that want the same. */
export function filterKeyOf({ kinds, devices, signals, severities }: LiveFilter): string {
  return JSON.stringify([kinds, devices, signals, severities].map((one) => one && [...one].toSorted()));
}
