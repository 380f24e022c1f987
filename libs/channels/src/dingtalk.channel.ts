/**
 * DingTalk, by a custom robot of a group: a markdown message to the group that calls one member by the mobile number, all of them,
 * or nobody. A body is markdown here. DingTalk does not recognise repeats, so the id stands at the end for people.
 */
import { MillraceError } from '@millrace/contracts';
import { type Clock, systemClock } from '@millrace/kernel';
import { GuardedCalls, outboundAllowed, type OutboundLimits } from '@millrace/outbound';
import { z } from 'zod';
import type {
  ChannelConfiguration,
  ChannelFactory,
  ChannelKind,
  Notification,
  PacedChannel,
  Receipt,
} from './channel.ts';
import { AskedTooOften, readAnswer } from './dingtalk/answer.ts';
import { signedUrl } from './dingtalk/signature.ts';
import { Pace } from './pace.ts';
import { parseSettings } from './parse-settings.ts';
import { oneLine, withoutControls } from './plain-text.ts';

const environment = { MILLRACE_OUTBOUND_ALLOWED: outboundAllowed };

const settings = z.strictObject({
  /** Another one than the vendor's: a proxy, or a receiver of one's own. */
  url: z.url({ protocol: /^https?$/ }).default('https://oapi.dingtalk.com/robot/send'),
});

const secrets = z.strictObject({
  /** Of the robot's webhook address. */
  accessToken: z.string().min(1),
  /** Of the security setting "additional signature"; begins with SEC. */
  secret: z.string().min(1),
});

export interface DingtalkLimits extends OutboundLimits {
  /** By the vendor, per robot; who exceeds it is shut out for ten minutes. */
  readonly messagesPerMinuteMax: number;
}

const defaults: DingtalkLimits = { connectionsMax: 4, callMsMax: 10_000, messagesPerMinuteMax: 20 };

/** A message may have 20,000 bytes; the rest is for its frame and for escapes of JSON. */
const textBytesMax = 16_000;

/** A mobile number, with a country code where it is not China's; or everybody; or nobody in particular. */
const recipientPattern = /^(?:(?:\+\d{1,4}-)?\d{6,15}|all|group)$/;

export const dingtalkChannel: ChannelKind<typeof environment> = {
  kind: 'dingtalk',
  environment,
  settings,
  start: (variables) => startDingtalk(variables, defaults, systemClock),
};

/** The factory with limits and a clock of one's own. */
export function startDingtalk(
  { MILLRACE_OUTBOUND_ALLOWED: allowed }: z.output<z.ZodObject<typeof environment>>,
  limits: DingtalkLimits,
  clock: Clock,
): ChannelFactory {
  const calls = new GuardedCalls(allowed, limits, 'channel_unavailable');
  return {
    open: (configured) => new DingtalkChannel(configured, calls, limits, clock),
    close: () => calls.close(),
  };
}

class DingtalkChannel implements PacedChannel {
  readonly #url: URL;
  readonly #secrets: z.output<typeof secrets>;
  readonly #calls: GuardedCalls;
  readonly #pace: Pace;
  readonly #clock: Clock;

  constructor(configured: ChannelConfiguration, calls: GuardedCalls, limits: DingtalkLimits, clock: Clock) {
    this.#url = new URL(parseSettings('dingtalk', settings, configured.settings).url);
    this.#secrets = parseSettings('dingtalk', secrets, configured.secrets, 'secrets');
    this.#calls = calls;
    this.#pace = new Pace(limits.messagesPerMinuteMax, 60_000, clock);
    this.#clock = clock;
  }

  get pauseMs(): number {
    return this.#pace.pauseMs;
  }

  async send({ id, subject, body }: Notification, recipient: string, signal: AbortSignal): Promise<Receipt> {
    signal.throwIfAborted();
    if (!recipientPattern.test(recipient))
      throw new MillraceError(
        'recipient_rejected',
        'Give a mobile number such as 13800000000 or +49-1510000000, all or group.',
      );
    const { pauseMs } = this;
    if (pauseMs > 0) throw new MillraceError('channel_unavailable', `The robot may be used again in ${pauseMs} ms.`);
    this.#pace.take();
    const title = oneLine(subject);
    const isAtAll = recipient === 'all';
    const atMobiles = isAtAll || recipient === 'group' ? [] : [recipient];
    // DingTalk calls whom both `at` and the text name.
    const called = atMobiles.map((mobile) => ` @${mobile}`).join('');
    const text = `#### ${this.escape(title)}\n\n${cut(body)}\n\n> ${id}${called}`;
    const { accessToken, secret } = this.#secrets;
    const url = signedUrl(this.#url, accessToken, secret, this.#clock.nowMs());
    const message = { msgtype: 'markdown', markdown: { title, text }, at: { atMobiles, isAtAll } };
    try {
      return { detail: readAnswer(await this.#calls.postJson(url, message, signal)) };
    } catch (error) {
      if (error instanceof AskedTooOften) this.#pace.exceeded();
      throw error;
    }
  }

  /** One line without the characters of markdown's inline forms, links and images among them. */
  escape(value: string): string {
    return withoutControls(value)
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/[\\`*_[\]()<>#!|~]/g, String.raw`\$&`);
  }
}

/** At most `textBytesMax` of UTF-8, without half characters. */
function cut(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(textBytesMax));
  return read < text.length ? `${text.slice(0, read)}…` : text;
}
