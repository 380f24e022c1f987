/** Shows the breakers of a process to Prometheus. */
import type { BreakerState } from '@millrace/kernel';
import { common, gauge } from './metric-definition.ts';
import type { Metrics } from './metrics.ts';

export const breakerMetrics = {
  breakers: common(
    gauge(
      'peer_breakers',
      'Breakers by what they guard and by their state: closed, open (the peer is away) or half-open.',
      ['peer', 'state'],
    ),
  ),
} as const;

export interface GuardedPeer {
  /** What is guarded, one of few: a store, a kind of channel. */
  readonly peer: string;
  readonly state: BreakerState;
}

const states: readonly BreakerState[] = ['closed', 'open', 'half-open'];

/** `peers` are always shown, also while nothing guards them yet. */
export function exportBreakers(metrics: Metrics, peers: readonly string[], read: () => Iterable<GuardedPeer>): void {
  metrics.measured(breakerMetrics.breakers, () => {
    const guarded = [...read()];
    return peers.flatMap((peer) =>
      states.map((state) => ({
        labels: { peer, state },
        value: guarded.filter((one) => one.peer === peer && one.state === state).length,
      })),
    );
  });
}
