/** One transition told to one recipient on one channel: the unit that is never sent twice knowingly. */
import { hash } from 'node:crypto';
import type { AlarmEvent, AlarmRuleConfig } from '@millrace/contracts';

export interface Delivery {
  readonly event: AlarmEvent;
  /** Of the event, hex. */
  readonly eventId: string;
  readonly channelId: string;
  readonly templateId: string;
  readonly recipient: string;
}

/** Who is told of the event; two targets with the same channel and recipient are one delivery, with the first's template. */
export function deliveriesOf(event: AlarmEvent, rule: Pick<AlarmRuleConfig, 'notify'>): readonly Delivery[] {
  const eventId = event.eventId.toString('hex');
  const deliveries = new Map<string, Delivery>();
  for (const { channelId, templateId, recipients } of rule.notify) {
    for (const recipient of recipients) {
      const delivery = { event, eventId, channelId, templateId, recipient };
      const name = deliveryName(delivery);
      if (!deliveries.has(name)) deliveries.set(name, delivery);
    }
  }
  return [...deliveries.values()];
}

/** Tells the deliveries of one event apart; a channel's id has no space. */
export function deliveryName({ channelId, recipient }: Pick<Delivery, 'channelId' | 'recipient'>): string {
  return `${channelId} ${recipient}`;
}

/** The same for every attempt, on every machine: receivers recognise a repeat by it. 16 hex digits tell recipients apart. */
export function notificationId(delivery: Delivery): string {
  return `${delivery.eventId}.${hash('sha256', deliveryName(delivery)).slice(0, 16)}`;
}
