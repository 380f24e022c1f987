/** The alarm events that were published, and those that the recorded points give when they are evaluated again. */
import { compileRules, DeviceAlarms } from '@millrace/alarms';
import { type AlarmEvent, type AlarmRuleConfig, type DataRowList, topics } from '@millrace/contracts';
import type { Stack } from '../stack/index.ts';
import { readTopic } from './read-topic.ts';

/** Event id → what happened; repeats of an id fall together. */
export type Alarms = ReadonlyMap<string, string>;

export async function recordedAlarms(stack: Stack): Promise<Alarms> {
  return alarmsOf((await readTopic<AlarmEvent>(stack, topics.alarmEvents)).map(({ value }) => value));
}

export async function replayedAlarms(stack: Stack): Promise<Alarms> {
  const rules = (await readTopic<AlarmRuleConfig>(stack, topics.configAlarmRules)).map(({ value }) => value);
  const planOf = (tenant: string) => compileRules(rules.filter((rule) => rule.tenant === tenant));
  const devices = new Map<string, DeviceAlarms>();
  const events: AlarmEvent[] = [];
  for (const { key, value } of await readTopic<DataRowList>(stack, topics.points)) {
    const { tenant, deviceUid } = value;
    const device = devices.get(key) ?? new DeviceAlarms(tenant, deviceUid, planOf(tenant));
    devices.set(key, device);
    device.evaluate(value, events);
  }
  return alarmsOf(events);
}

const alarmsOf = (events: readonly AlarmEvent[]): Alarms =>
  new Map(
    events.map(({ eventId, tenant, deviceUid, transition, timeMicros, value }) => [
      eventId.toString('hex'),
      `${tenant}/${deviceUid} ${transition} at ${timeMicros} by ${value}`,
    ]),
  );
