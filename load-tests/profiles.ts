/** How hard and how long: the four profiles as k6 scenarios with an open arrival rate, and what each must not exceed. */

export const profileNames = ['smoke', 'average', 'stress', 'soak'] as const;
export type ProfileName = (typeof profileNames)[number];

interface Step {
  /** Share of the peak that is reached at the end of the step. */
  readonly share: number;
  readonly seconds: number;
}

interface Profile {
  /** Messages per second at the peak, unless the run says otherwise. */
  readonly messagesPerSecond: number;
  readonly warmUp: readonly Step[];
  /** Seconds at the peak, unless the run says otherwise. */
  readonly seconds: number;
  readonly afterwards: readonly Step[];
  /** From the request to the receipt, which comes when Kafka has the messages. */
  readonly receiptMsMax: { readonly p95: number; readonly p99: number };
}

/** 5,000 messages of three points a second is a plant of 5,000 devices that report once a second. */
const profiles: Readonly<Record<ProfileName, Profile>> = {
  smoke: {
    messagesPerSecond: 500,
    warmUp: [],
    seconds: 10,
    afterwards: [],
    receiptMsMax: { p95: 2_000, p99: 5_000 },
  },
  average: {
    messagesPerSecond: 5_000,
    warmUp: [{ share: 1, seconds: 30 }],
    seconds: 180,
    afterwards: [],
    receiptMsMax: { p95: 250, p99: 500 },
  },
  stress: {
    messagesPerSecond: 15_000,
    warmUp: [
      { share: 1 / 3, seconds: 30 },
      { share: 1 / 3, seconds: 30 },
      { share: 2 / 3, seconds: 30 },
      { share: 2 / 3, seconds: 30 },
      { share: 1, seconds: 30 },
    ],
    seconds: 120,
    afterwards: [{ share: 1 / 3, seconds: 30 }],
    receiptMsMax: { p95: 1_000, p99: 2_000 },
  },
  soak: {
    messagesPerSecond: 5_000,
    warmUp: [{ share: 1, seconds: 60 }],
    seconds: 3_600,
    afterwards: [],
    receiptMsMax: { p95: 250, p99: 500 },
  },
};

export interface Load {
  readonly profile: ProfileName;
  readonly messagesPerRequest: number;
  readonly messagesPerSecond: number | undefined;
  readonly seconds: number | undefined;
}

/** The arrival rate over time, in requests a minute: as fine as k6 counts, whole numbers. */
export function arrivals(load: Load): {
  readonly startRate: number;
  readonly timeUnit: string;
  readonly stages: { readonly target: number; readonly duration: string }[];
  readonly seconds: number;
} {
  const { warmUp, afterwards, seconds: usualSeconds } = profiles[load.profile];
  const peak = Math.max(1, Math.round((peakOf(load) / load.messagesPerRequest) * 60));
  const steps: readonly Step[] = [...warmUp, { share: 1, seconds: load.seconds ?? usualSeconds }, ...afterwards];
  return {
    startRate: warmUp.length === 0 ? peak : 0,
    timeUnit: '1m',
    stages: steps.map(({ share, seconds }) => ({ target: Math.round(share * peak), duration: `${seconds}s` })),
    seconds: steps.reduce((sum, step) => sum + step.seconds, 0),
  };
}

/** Messages a second at the peak. */
export const peakOf = ({ profile, messagesPerSecond }: Load): number =>
  messagesPerSecond ?? profiles[profile].messagesPerSecond;

/** Virtual users: requests that may be on their way at once. All are made before the start, so that k6 drops nothing for want of them. */
export function usersOf(load: Load): number {
  const waitSecondsMax = 1;
  return Math.min(2_000, Math.max(20, Math.ceil((peakOf(load) / load.messagesPerRequest) * waitSecondsMax)));
}

export const receiptMsMax = (profile: ProfileName): Profile['receiptMsMax'] => profiles[profile].receiptMsMax;
