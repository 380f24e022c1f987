/** Alarm events and checkpoints as records of their topics. */
import { type AlarmEvent, type AlarmStates, deviceKey, topics } from '@millrace/contracts';
import type { OutgoingRecord } from '@millrace/kafka';

export interface AlarmCodecs {
  readonly events: { encode(event: AlarmEvent): Buffer };
  readonly states: { encode(states: AlarmStates): Buffer };
}

/** Who says it, a URI reference as CloudEvents asks for; the same for all instances, because any may make the event again. */
const source = '/millrace/alarm-evaluator';

/**
 * The event in binary mode of the CloudEvents Kafka binding. It goes to the partition of its point: the topics share
 * keys and partition counts.
 */
export function eventRecord(event: AlarmEvent, partition: number, codecs: AlarmCodecs): OutgoingRecord {
  const key = deviceKey(event.tenant, event.deviceUid);
  return {
    topic: topics.alarmEvents.name,
    partition,
    key,
    value: codecs.events.encode(event),
    headers: {
      ce_specversion: '1.0',
      ce_id: event.eventId.toString('hex'),
      ce_type: `io.millrace.alarm.${event.transition}`,
      ce_source: source,
      ce_subject: key,
      ce_time: isoMicros(event.timeMicros),
      'content-type': 'application/avro',
    },
  };
}

/** The checkpoint of one device, replacing the one before. */
export function statesRecord(states: AlarmStates, partition: number, codecs: AlarmCodecs): OutgoingRecord {
  const key = deviceKey(states.tenant, states.deviceUid);
  return { topic: topics.alarmStates.name, partition, key, value: codecs.states.encode(states) };
}

/** RFC 3339 with all six digits: event time is the identity of a transition. */
function isoMicros(timeMicros: number): string {
  const timeMs = Math.floor(timeMicros / 1_000);
  const micros = String(timeMicros - timeMs * 1_000).padStart(3, '0');
  return new Date(timeMs).toISOString().replace('Z', `${micros}Z`);
}
