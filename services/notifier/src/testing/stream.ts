/** A tenant on the shared stack: sends alarm events, follows ledger and dead letters. */
import { randomBytes } from 'node:crypto';
import { type AlarmEvent, deviceKey, type NotificationAttempt, topics } from '@millrace/contracts';
import { partitionOf } from '@millrace/kafka';
import { TenantStream } from '@millrace/testkit-stream';
import { eventOf } from './events.ts';

export interface Letter {
  readonly key: string;
  readonly code: string | undefined;
}

export class TestStream extends TenantStream {
  readonly attempts: NotificationAttempt[] = [];
  readonly letters: Letter[] = [];

  constructor() {
    super('notifier');
  }

  async begin(): Promise<void> {
    const codec = await this.registry.codec<NotificationAttempt>(topics.notificationAttempts);
    await Promise.all([
      this.beginAtEnd(topics.alarmEvents),
      this.follow(topics.notificationAttempts, ({ value }) => {
        const attempt = codec.decode(value);
        if (attempt.tenant === this.tenant) this.attempts.push(attempt);
      }),
      this.follow(topics.alarmEventsDeadLetters, ({ key, headers }) => {
        if (this.owns(key)) this.letters.push({ key, code: headers['errors.code'] });
      }),
    ]);
  }

  outcomesOf({ eventId }: Pick<AlarmEvent, 'eventId'>): string[] {
    const attempts = this.attempts.filter((attempt) => attempt.eventId.equals(eventId));
    return attempts.map(({ recipient, attempt, outcome }) => `${recipient.split('@')[0]} ${attempt} ${outcome}`);
  }

  /** An event of this tenant that was received just now. */
  event(ruleId: string): AlarmEvent {
    const receivedAtMicros = Date.now() * 1_000;
    return eventOf({ eventId: randomBytes(16), tenant: this.tenant, ruleId, receivedAtMicros });
  }

  async send(...events: readonly AlarmEvent[]): Promise<void> {
    const codec = await this.registry.codec<AlarmEvent>(topics.alarmEvents);
    await Promise.all(
      events.map((event) => {
        const key = deviceKey(event.tenant, event.deviceUid);
        return this.write(topics.alarmEvents, this.partitionOf(event.deviceUid), key, [codec.encode(event)]);
      }),
    );
  }

  async writeAttempt(attempt: NotificationAttempt): Promise<void> {
    const codec = await this.registry.codec<NotificationAttempt>(topics.notificationAttempts);
    const key = attempt.eventId.toString('hex');
    const topic = topics.notificationAttempts;
    await this.write(topic, partitionOf(key, topic.partitions), key, [codec.encode(attempt)]);
  }
}
