/**
 * The alarms of one device: a pure function of its points in recorded order.
 *
 * State changes only at transitions, and a point that is not later than the last transition is not evaluated. So a
 * checkpoint taken at the last transition is as good as one taken at the last point, and what happened stays as it happened.
 *
 * Limit: a repeat of a point is without effect only when no *late* point caused a transition between the two. With times
 * that do not go back per signal (what devices send) that is always so; knowing more would need a write per point.
 */
import type { AlarmEvent, AlarmState, AlarmStates, DataRowList } from '@millrace/contracts';
import { eventIdOf } from './event-id.ts';
import { gradeAt, rankAfter } from './grade.ts';
import type { CompiledRule, RulePlan } from './rule-plan.ts';
import { rankNone, rankOf, severityOf } from './severity.ts';

/** Of one rule. */
interface Slot {
  rank: number;
  /** Event time of the last transition; -Infinity: none yet. */
  sinceMicros: number;
  alarmId: Buffer | null;
}

export class DeviceAlarms {
  readonly tenant: string;
  readonly deviceUid: string;
  #plan: RulePlan;
  #slots: readonly Slot[];

  /** `restored`: the last checkpoint; states of rules or versions that the plan does not have are dropped without an event. */
  constructor(tenant: string, deviceUid: string, plan: RulePlan, restored: readonly AlarmState[] = []) {
    this.tenant = tenant;
    this.deviceUid = deviceUid;
    this.#plan = plan;
    this.#slots = slotsOf(plan, restored);
  }

  get plan(): RulePlan {
    return this.#plan;
  }

  /** Takes changed rules: states of rules whose version is unchanged stay, a new version starts without an alarm. */
  replan(plan: RulePlan): void {
    if (plan === this.#plan) return;
    this.#slots = slotsOf(plan, this.states().states);
    this.#plan = plan;
  }

  /** Evaluates the rows in their order and appends an event per transition; returns how many rows a rule looked at. */
  evaluate(list: DataRowList, events: AlarmEvent[]): number {
    const { bySignal } = this.#plan;
    if (bySignal.size === 0) return 0;
    const { rows, timeMicros } = list;
    let evaluated = 0;
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] as DataRowList['rows'][number];
      const { value } = row;
      if (typeof value !== 'number' || !Number.isFinite(value)) continue;
      const rules = bySignal.get(row.name);
      if (rules === undefined) continue;
      evaluated++;
      const pointMicros = timeMicros + row.timeOffsetMicros;
      for (let position = 0; position < rules.length; position++) {
        const rule = rules[position] as CompiledRule;
        const slot = this.#slots[rule.slot] as Slot;
        if (pointMicros <= slot.sinceMicros) continue;
        const rank = rankAfter(rule, slot.rank, value);
        if (rank !== slot.rank) events.push(this.#transition(rule, slot, rank, value, pointMicros, list));
      }
    }
    return evaluated;
  }

  /** The checkpoint: states of all rules that ever had a transition. */
  states(): AlarmStates {
    const states = this.#plan.rules.flatMap(({ config, slot }): AlarmState[] => {
      const { rank, sinceMicros, alarmId } = this.#slots[slot] as Slot;
      if (sinceMicros === -Infinity) return [];
      const { ruleId, version, signal } = config;
      return [{ ruleId, ruleVersion: version, signal, severity: severityOf(rank), sinceMicros, alarmId }];
    });
    return { tenant: this.tenant, deviceUid: this.deviceUid, states };
  }

  #transition(
    rule: CompiledRule,
    slot: Slot,
    rank: number,
    value: number,
    timeMicros: number,
    list: DataRowList,
  ): AlarmEvent {
    const { ruleId, version: ruleVersion, name: ruleName, signal, deadband } = rule.config;
    const { tenant, deviceUid } = this;
    const severity = severityOf(rank);
    const eventId = eventIdOf({ tenant, deviceUid, ruleId, ruleVersion, signal, timeMicros, severity });
    const before = slot.rank;
    const alarmId = slot.alarmId ?? eventId;
    slot.rank = rank;
    slot.sinceMicros = timeMicros;
    slot.alarmId = rank === rankNone ? null : alarmId;
    return {
      eventId,
      alarmId,
      tenant,
      deviceUid,
      ruleId,
      ruleVersion,
      ruleName,
      signal,
      transition: before === rankNone ? 'raised' : rank === rankNone ? 'cleared' : 'changed',
      severityBefore: severityOf(before),
      severity,
      timeMicros,
      value,
      ...boundsAt(rule, value),
      deadband,
      messageId: list.messageId,
      receivedAtMicros: list.receivedAtMicros,
    };
  }
}

/** Interval of the grade that matched; open ends and "no grade" are null. */
function boundsAt(rule: CompiledRule, value: number): Pick<AlarmEvent, 'low' | 'high'> {
  const grade = gradeAt(rule, value);
  if (grade === undefined) return { low: null, high: null };
  return { low: finiteOrNull(grade.low), high: finiteOrNull(grade.high) };
}

function finiteOrNull(bound: number): number | null {
  return Number.isFinite(bound) ? bound : null;
}

function slotsOf(plan: RulePlan, restored: readonly AlarmState[]): readonly Slot[] {
  return plan.rules.map(({ config }) => {
    const state = restored.find(
      ({ ruleId, ruleVersion }) => ruleId === config.ruleId && ruleVersion === config.version,
    );
    if (!state) return { rank: rankNone, sinceMicros: -Infinity, alarmId: null };
    return { rank: rankOf(state.severity) ?? rankNone, sinceMicros: state.sinceMicros, alarmId: state.alarmId };
  });
}
