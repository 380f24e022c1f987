/** The channels that are configured, opened when first used, each with its own limit and breaker. */
import type { Channel, ChannelFactory } from '@millrace/channels';
import { type ChannelConfig, MillraceError } from '@millrace/contracts';
import { Breaker } from '@millrace/kernel';
import type { GuardedPeer } from '@millrace/observe';
import { ConcurrencyLimit } from './concurrency-limit.ts';

/** Sends of one channel at once: a receiver that is slow for one tenant must not take all there is. */
const sendsMax = 8;

/** A receiver that failed this often is left alone, so that an outage costs the waiting notifications no attempts. */
const failuresMin = 5;
const resetMs = 1_000;

export interface OpenChannel {
  readonly channel: Channel;
  readonly breaker: Breaker;
  readonly limit: ConcurrencyLimit;
}

export interface ChannelLookup {
  readonly channels: ReadonlyMap<string, ChannelConfig>;
  channel(tenant: string, channelId: string): ChannelConfig | undefined;
}

/** Opens what is sealed; throws `configuration_invalid`. */
export type SecretsOf = (config: ChannelConfig) => Readonly<Record<string, string>>;

export class OpenChannels {
  readonly #lookup: ChannelLookup;
  readonly #factories: ReadonlyMap<string, ChannelFactory>;
  readonly #secretsOf: SecretsOf;
  /** By their configuration: a changed one is another object and opens another channel. */
  readonly #open = new WeakMap<ChannelConfig, OpenChannel>();

  constructor(lookup: ChannelLookup, factories: ReadonlyMap<string, ChannelFactory>, secretsOf: SecretsOf) {
    this.#lookup = lookup;
    this.#factories = factories;
    this.#secretsOf = secretsOf;
  }

  /** Throws `configuration_behind` for a channel that is not there (yet), `configuration_invalid` for one that cannot be. */
  channelOf(tenant: string, channelId: string): OpenChannel {
    const config = this.#lookup.channel(tenant, channelId);
    if (!config) throw new MillraceError('configuration_behind', `The tenant has no channel ${channelId}.`);
    const known = this.#open.get(config);
    if (known) return known;
    const opened = this.#openChannel(config);
    this.#open.set(config, opened);
    return opened;
  }

  /** Undefined: there is no such channel. */
  kindOf(tenant: string, channelId: string): string | undefined {
    return this.#lookup.channel(tenant, channelId)?.kind;
  }

  /** The breakers of the channels that were used, by kind. */
  *guarded(): Generator<GuardedPeer> {
    for (const config of this.#lookup.channels.values()) {
      const open = this.#open.get(config);
      if (open) yield { peer: config.kind, state: open.breaker.state };
    }
  }

  #openChannel(config: ChannelConfig): OpenChannel {
    const { tenant, channelId, kind, settings } = config;
    const factory = this.#factories.get(kind);
    if (!factory) throw new MillraceError('configuration_invalid', `There is no kind of channel "${kind}".`);
    return {
      channel: factory.open({ settings, secrets: this.#secretsOf(config) }),
      breaker: new Breaker(`channel ${tenant}/${channelId}`, {
        resetMs,
        failuresMin,
        openCode: 'channel_unavailable',
        isFailure: (error) => error instanceof MillraceError && error.code === 'channel_unavailable',
      }),
      limit: new ConcurrencyLimit(sendsMax),
    };
  }
}
