/** A second, slow way from points to events: every point looks at the whole history of its rule, as the definition reads. */
import type { AlarmEvent, AlarmGrade, AlarmRuleConfig, DataRowList } from '@millrace/contracts';
import { eventIdOf } from '../event-id.ts';

const order = ['none', 'warning', 'minor', 'major', 'critical'];

export function eventsByDefinition(rules: readonly AlarmRuleConfig[], messages: readonly DataRowList[]): AlarmEvent[] {
  const events: AlarmEvent[] = [];
  for (const message of messages) {
    for (const row of message.rows) {
      if (typeof row.value !== 'number') continue;
      for (const rule of rules.filter(({ signal }) => signal === row.name)) {
        const history = events.filter(({ ruleId }) => ruleId === rule.ruleId);
        const event = nextEvent(rule, history, row.value, message.timeMicros + row.timeOffsetMicros, message);
        if (event) events.push(event);
      }
    }
  }
  return events;
}

function nextEvent(
  rule: AlarmRuleConfig,
  history: readonly AlarmEvent[],
  value: number,
  timeMicros: number,
  { messageId, receivedAtMicros, tenant, deviceUid }: DataRowList,
): AlarmEvent | undefined {
  const last = history.at(-1);
  if (last && timeMicros <= last.timeMicros) return undefined;
  const severityBefore = last?.severity ?? 'none';
  const worst = rule.grades
    .filter((grade) => distance(grade, value) === undefined)
    .reduce<AlarmGrade | undefined>(
      (a, b) => (a && order.indexOf(a.severity) >= order.indexOf(b.severity) ? a : b),
      undefined,
    );
  const severity = worst?.severity ?? 'none';
  const lower = order.indexOf(severity) < order.indexOf(severityBefore);
  const near = rule.grades
    .filter((grade) => grade.severity === severityBefore)
    .some((grade) => (distance(grade, value) ?? -1) < rule.deadband);
  if (severity === severityBefore || (lower && near)) return undefined;
  const { ruleId, version: ruleVersion, name: ruleName, signal, deadband } = rule;
  const eventId = eventIdOf({ tenant, deviceUid, ruleId, ruleVersion, signal, timeMicros, severity });
  return {
    eventId,
    alarmId:
      history.findLast(({ transition }) => transition === 'raised' && severityBefore !== 'none')?.eventId ?? eventId,
    tenant,
    deviceUid,
    ruleId,
    ruleVersion,
    ruleName,
    signal,
    transition: severityBefore === 'none' ? 'raised' : severity === 'none' ? 'cleared' : 'changed',
    severityBefore,
    severity,
    timeMicros,
    value,
    low: worst?.low ?? null,
    high: worst?.high ?? null,
    deadband,
    messageId,
    receivedAtMicros,
  };
}

/** How far the value is outside of the interval; undefined: inside. */
function distance({ low, high }: AlarmGrade, value: number): number | undefined {
  if (low !== null && value < low) return low - value;
  if (high !== null && value >= high) return value - high;
  return undefined;
}
