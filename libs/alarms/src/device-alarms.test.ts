import type { AlarmEvent, AlarmRuleConfig } from '@millrace/contracts';
import { describe, expect, test } from 'vitest';
import { DeviceAlarms } from './device-alarms.ts';
import { eventIdOf } from './event-id.ts';
import { compileRules } from './rule-plan.ts';
import { listOf, rowOf, ruleOf } from './testing/rule-of.ts';

const graded = ruleOf({
  grades: [
    { severity: 'warning', low: 70, high: 90 },
    { severity: 'critical', low: 90, high: null },
  ],
  deadband: 2,
});

function deviceWith(...rules: readonly AlarmRuleConfig[]): DeviceAlarms {
  return new DeviceAlarms('mill', 'oven-1', compileRules(rules));
}

/** Evaluates one value per message; times are microseconds. */
function feed(device: DeviceAlarms, points: readonly (readonly [timeMicros: number, value: number])[]): AlarmEvent[] {
  const events: AlarmEvent[] = [];
  for (const [timeMicros, value] of points) device.evaluate(listOf(timeMicros, [rowOf({ value })]), events);
  return events;
}

const steps = (events: readonly AlarmEvent[]): string[] =>
  events.map(({ transition, severityBefore, severity, timeMicros }) =>
    [timeMicros, transition, severityBefore, severity].join(' '),
  );

describe('the events of a device', () => {
  test('an alarm is raised, changes its grade and is cleared, each once', () => {
    const device = deviceWith(graded);
    const events = feed(device, [
      [1, 20],
      [2, 75],
      [3, 80],
      [4, 95],
      [5, 89],
      [6, 60],
      [7, 20],
    ]);
    expect(steps(events)).toEqual(['2 raised none warning', '4 changed warning critical', '6 cleared critical none']);
  });

  test('all events of an alarm carry the id of its raise, the next alarm has another', () => {
    const events = feed(deviceWith(graded), [
      [1, 75],
      [2, 95],
      [3, 0],
      [4, 75],
    ]);
    const [raised, changed, cleared, again] = events.map(({ eventId, alarmId }) => ({ eventId, alarmId }));
    expect(raised?.alarmId).toEqual(raised?.eventId);
    expect(changed?.alarmId).toEqual(raised?.eventId);
    expect(cleared?.alarmId).toEqual(raised?.eventId);
    expect(again?.alarmId).toEqual(again?.eventId);
    expect(again?.alarmId).not.toEqual(raised?.alarmId);
  });

  test('an event explains itself', () => {
    const device = deviceWith(graded);
    const list = listOf(1_000, [rowOf({ value: 75, timeOffsetMicros: -10 })]);
    const events: AlarmEvent[] = [];
    device.evaluate(list, events);
    const identity = {
      tenant: 'mill',
      deviceUid: 'oven-1',
      ruleId: 'too-hot',
      ruleVersion: 1,
      signal: 'temperature',
      timeMicros: 990,
      severity: 'warning',
    };
    const eventId = eventIdOf(identity);
    expect(events).toEqual([
      {
        ...identity,
        eventId,
        alarmId: eventId,
        ruleName: 'Too hot',
        transition: 'raised',
        severityBefore: 'none',
        value: 75,
        low: 70,
        high: 90,
        deadband: 2,
        messageId: list.messageId,
        receivedAtMicros: list.receivedAtMicros,
      },
    ]);
  });

  test('an open end of the interval and a cleared alarm have no bounds', () => {
    const [raised, cleared] = feed(deviceWith(graded), [
      [1, 95],
      [2, 0],
    ]);
    expect([raised?.low, raised?.high]).toEqual([90, null]);
    expect([cleared?.low, cleared?.high]).toEqual([null, null]);
  });

  test('a point that is not later than the last transition changes nothing', () => {
    const device = deviceWith(graded);
    expect(
      steps(
        feed(device, [
          [5, 95],
          [5, 0],
          [4, 0],
          [6, 0],
        ]),
      ),
    ).toEqual(['5 raised none critical', '6 cleared critical none']);
  });

  test('an excursion that is reported late, but after the last transition, is still reported', () => {
    const device = deviceWith(graded);
    expect(
      steps(
        feed(device, [
          [10, 20],
          [5, 95],
          [11, 20],
        ]),
      ),
    ).toEqual(['5 raised none critical', '11 cleared critical none']);
  });

  test('known limit: after a late point caused a transition, a repeat of a newer point is taken for a new one', () => {
    const device = deviceWith(graded);
    expect(
      steps(
        feed(device, [
          [10, 20],
          [5, 95],
          [10, 20],
        ]),
      ),
    ).toEqual(['5 raised none critical', '10 cleared critical none']);
  });

  test.each([null, 'hot', true, NaN, Infinity])('the value %s is not evaluated', (value) => {
    const device = deviceWith(graded, ruleOf({ ruleId: 'cold', grades: [{ severity: 'minor', low: null, high: 5 }] }));
    const events: AlarmEvent[] = [];
    device.evaluate(listOf(1, [rowOf({ value: 95 })]), events);
    expect(device.evaluate(listOf(2, [rowOf({ value })]), events)).toBe(0);
    expect(steps(events)).toEqual(['1 raised none critical']);
  });

  test('rules on one signal do not know of each other', () => {
    const device = deviceWith(graded, ruleOf({ ruleId: 'cold', grades: [{ severity: 'minor', low: null, high: 5 }] }));
    expect(
      feed(device, [
        [1, 95],
        [2, 0],
      ]).map(({ ruleId, transition }) => `${ruleId} ${transition}`),
    ).toEqual(['too-hot raised', 'too-hot cleared', 'cold raised']);
  });
});

describe('the checkpoint of a device', () => {
  test('it holds every rule that had a transition, also when the alarm is over', () => {
    const device = deviceWith(graded, ruleOf({ ruleId: 'cold', grades: [{ severity: 'minor', low: null, high: 5 }] }));
    const [raised] = feed(device, [[1, 95]]);
    const state = { ruleId: 'too-hot', ruleVersion: 1, signal: 'temperature' };
    expect(device.states()).toEqual({
      tenant: 'mill',
      deviceUid: 'oven-1',
      states: [{ ...state, severity: 'critical', sinceMicros: 1, alarmId: raised?.eventId }],
    });
    feed(device, [[2, 20]]);
    expect(device.states().states).toEqual([{ ...state, severity: 'none', sinceMicros: 2, alarmId: null }]);
  });

  test('a new version of a rule starts without an alarm, other rules keep theirs', () => {
    const other = ruleOf({ ruleId: 'warm', grades: [{ severity: 'minor', low: 50, high: null }] });
    const device = deviceWith(graded, other);
    feed(device, [[1, 95]]);
    device.replan(compileRules([other, { ...graded, version: 2 }]));
    expect(device.states().states.map(({ ruleId }) => ruleId)).toEqual(['warm']);
    const events = feed(device, [[2, 95]]);
    expect(events.map(({ ruleId, ruleVersion, transition }) => [ruleId, ruleVersion, transition])).toEqual([
      ['too-hot', 2, 'raised'],
    ]);
  });

  test('a state of another version in the checkpoint is dropped', () => {
    const device = deviceWith(graded);
    feed(device, [[1, 95]]);
    const plan = compileRules([{ ...graded, version: 2 }]);
    expect(new DeviceAlarms('mill', 'oven-1', plan, device.states().states).states().states).toEqual([]);
  });
});
