/** All kinds of channels there are. A test compares this list with the folder. */
import type { z } from 'zod';
import type { ChannelFactory } from './channel.ts';
import { dingtalkChannel } from './dingtalk.channel.ts';
import { emailChannel } from './email.channel.ts';

export const channelKinds = [dingtalkChannel, emailChannel] as const;

/** Variables of all kinds, for the environment of the process that sends. */
export const channelEnvironment = { ...dingtalkChannel.environment, ...emailChannel.environment } as const;

export type ChannelEnvironment = z.output<z.ZodObject<typeof channelEnvironment>>;

/** Starts every kind; by the `kind` of a configured channel. */
export function startChannels(environment: ChannelEnvironment): ReadonlyMap<string, ChannelFactory> {
  return new Map(channelKinds.map((member) => [member.kind, member.start(environment)]));
}
