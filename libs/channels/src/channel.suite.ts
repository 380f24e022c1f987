/**
 * What every member of the channel family must do, against a real receiver. A member brings the receiver: a server of the
 * real protocol that can be told to refuse, to hang and to go away.
 */
import { errorKinds, type ErrorCode } from '@millrace/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Channel, Notification } from './channel.ts';

/** As a person's program shows it. */
export interface ReceivedNotification {
  /** By this a repeat is recognised. */
  readonly identity: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly body: string;
}

/** How the receiver answers from now on. */
export type ReceiverMood = 'takes' | 'refuses for now' | 'refuses for ever' | 'hangs';

export interface ChannelReceiver {
  /** Sends to this receiver, with the limits of the product: a busy machine fails no test. */
  readonly channel: Channel;
  /** As `channel`, but soon tired of waiting: for the test that waits until it is. */
  readonly impatient: Channel;
  readonly recipients: readonly [string, string];
  /** Not in the channel's form; some try to smuggle in a second recipient. */
  readonly impossibleRecipients: readonly string[];
  received(): readonly ReceivedNotification[];
  become(mood: ReceiverMood): void;
  /** Nobody listens any more. */
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

const notification: Notification = {
  id: '00112233445566778899aabbccddeeff.1',
  subject: '[critical] Öfen: zu heiß 🔥',
  body: 'temperature is 93.5 °C\n\n.\n..two dots\nFrom here: "quotes" <b>tags</b> ${place} 温度\n',
};

export function testChannel(kind: string, openReceiver: () => Promise<ChannelReceiver>): void {
  let receiver: ChannelReceiver;
  const never = new AbortController().signal;
  beforeEach(async () => {
    receiver = await openReceiver();
  });
  afterEach(() => receiver.close());

  const send = (change: Partial<Notification> = {}, recipient = receiver.recipients[0], signal = never) =>
    receiver.channel.send({ ...notification, ...change }, recipient, signal);
  const sendImpatiently = () => receiver.impatient.send(notification, receiver.recipients[0], never);
  const failure = (code: ErrorCode) => expect.objectContaining({ code, retry: errorKinds[code].retry });

  describe(`the ${kind} channel`, () => {
    test('delivers subject and body as they are to the one recipient', async () => {
      const { detail } = await send();
      expect(detail).not.toMatch(/[\r\n]/);
      const { subject, body } = notification;
      expect(receiver.received()).toEqual([
        { identity: expect.any(String), recipients: [receiver.recipients[0]], subject, body },
      ]);
    });

    test('a repeat carries the same identity, another notification another one', async () => {
      await send();
      await send({ body: 'sent again' });
      await send({ id: '00112233445566778899aabbccddeeff.2' });
      const [first, repeat, other] = receiver.received().map(({ identity }) => identity);
      expect(repeat).toBe(first);
      expect(other).not.toBe(first);
    });

    test('a subject with line breaks stays one subject and adds nothing', async () => {
      await send({ subject: 'a\r\nTo: b@c.example\r\n\r\nbody' });
      expect(receiver.received()).toMatchObject([
        { recipients: [receiver.recipients[0]], subject: 'a To: b@c.example body', body: notification.body },
      ]);
    });

    test('a refusal for ever is final', async () => {
      receiver.become('refuses for ever');
      await expect(send()).rejects.toEqual(failure('recipient_rejected'));
    });

    test('a refusal for now may be tried later, with the same channel', async () => {
      receiver.become('refuses for now');
      await expect(send()).rejects.toEqual(failure('channel_unavailable'));
      receiver.become('takes');
      await send();
      expect(receiver.received()).toHaveLength(1);
    });

    test('a recipient that is none is refused without asking the receiver', async () => {
      await receiver.leave();
      for (const recipient of receiver.impossibleRecipients) {
        await expect(send({}, recipient), recipient).rejects.toEqual(failure('recipient_rejected'));
      }
    });

    test('a receiver that is away may come back, also behind a connection that was used before', async () => {
      await send();
      await receiver.leave();
      await expect(send()).rejects.toEqual(failure('channel_unavailable'));
      await receiver.comeBack();
      await send({}, receiver.recipients[1]);
      expect(receiver.received().map(({ recipients }) => recipients)).toEqual([
        [receiver.recipients[0]],
        [receiver.recipients[1]],
      ]);
    });

    test('a receiver that does not answer is left after a time', async () => {
      receiver.become('hangs');
      await expect(sendImpatiently()).rejects.toEqual(failure('channel_unavailable'));
    });

    test('an abort ends the wait at once, with its reason', async () => {
      receiver.become('hangs');
      const stop = new AbortController();
      const sent = send({}, receiver.recipients[0], stop.signal);
      const reason = new Error('The service stops.');
      const startMs = performance.now();
      stop.abort(reason);
      await expect(sent).rejects.toBe(reason);
      expect(performance.now() - startMs).toBeLessThan(500);
    });

    test('many at once arrive, each once', async () => {
      const ids = Array.from({ length: 40 }, (_, index) => `event.${index}`);
      await Promise.all(ids.map((id) => send({ id, body: id })));
      const bodies = receiver.received().map(({ body }) => body.trim());
      expect(bodies.toSorted()).toEqual(ids.toSorted());
    });
  });
}
