/** The promise of alarms: the same points in the recorded order give the same events, whatever happens to the process. */
import type { AlarmEvent, DataRowList } from '@millrace/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeviceAlarms } from './device-alarms.ts';
import { compileRules, type RulePlan } from './rule-plan.ts';
import { eventsByDefinition } from './testing/events-by-definition.ts';
import { listOf, rowOf, ruleOf } from './testing/rule-of.ts';

/** Few distinct numbers, so that bounds, equal times and repeats are hit often. */
const value = fc.oneof(fc.integer({ min: -3, max: 13 }), fc.double({ min: -3, max: 13, noNaN: true }));
const bound = fc.integer({ min: 0, max: 10 });

const grade = fc
  .record({
    severity: fc.constantFrom('warning', 'minor', 'major', 'critical'),
    low: fc.option(bound),
    high: fc.option(bound),
  })
  .filter(({ low, high }) => (low ?? -Infinity) < (high ?? Infinity));

const rules = fc
  .array(
    fc.record({
      signal: fc.constantFrom('temperature', 'humidity'),
      grades: fc.array(grade, { minLength: 1, maxLength: 4 }),
      deadband: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((each) => each.map((rule, index) => ruleOf({ ...rule, ruleId: `rule-${index}` })));

const row = fc
  .record({ name: fc.constantFrom('temperature', 'humidity', 'other'), value, timeOffsetMicros: fc.nat(2) })
  .map((overrides) => rowOf(overrides));

const messagesInAnyOrder = fc.array(
  fc.tuple(fc.nat(20), fc.array(row, { maxLength: 3 })).map(([timeMicros, rows]) => listOf(timeMicros, rows)),
  { maxLength: 30 },
);

/** Messages whose points do not go back in time: offsets stay below the step between messages. */
const messagesInTimeOrder = fc
  .array(fc.tuple(fc.nat(2), fc.array(row, { maxLength: 3 })), { maxLength: 30 })
  .map((each) => {
    let timeMicros = 0;
    return each.map(([step, rows]) => {
      timeMicros += 3 * step;
      const inOrder = rows.map((each) => rowOf({ ...each, timeOffsetMicros: 0 }));
      return listOf(timeMicros, inOrder);
    });
  });

function evaluate(device: DeviceAlarms, messages: readonly DataRowList[]): AlarmEvent[] {
  const events: AlarmEvent[] = [];
  for (const message of messages) device.evaluate(message, events);
  return events;
}

function fresh(plan: RulePlan): DeviceAlarms {
  return new DeviceAlarms('mill', 'oven-1', plan);
}

/** What a reader who drops repeats of an event id keeps. */
function withoutRepeats(events: readonly AlarmEvent[]): AlarmEvent[] {
  const seen = new Map(events.toReversed().map((event) => [event.eventId.toString('hex'), event]));
  return [...seen.values()].toReversed();
}

test('the events are those of the definition, point by point', () => {
  fc.assert(
    fc.property(rules, messagesInAnyOrder, (configs, messages) => {
      expect(evaluate(fresh(compileRules(configs)), messages)).toEqual(eventsByDefinition(configs, messages));
    }),
    { numRuns: 2_000 },
  );
});

/**
 * The evaluator's life: batches of any size; after each its events, the states (when there were events) and the offset are
 * stored at once. A crash happens before or after that, and the next process goes on from what is stored.
 */
test('batches of any size and crashes anywhere give the same events, each once', () => {
  const life = fc.array(
    fc.record({ records: fc.integer({ min: 1, max: 7 }), crash: fc.constantFrom('no', 'before', 'after') }),
    {
      minLength: 1,
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(rules, messagesInAnyOrder, life, (configs, messages, batches) => {
      const plan = compileRules(configs);
      const stored = { offset: 0, events: [] as AlarmEvent[], states: fresh(plan).states() };
      let device = fresh(plan);
      for (const { records, crash } of [...batches, { records: messages.length, crash: 'no' }]) {
        const batch = messages.slice(stored.offset, stored.offset + records);
        const events = evaluate(device, batch);
        if (crash !== 'before') {
          stored.offset += batch.length;
          stored.events.push(...events);
          if (events.length > 0) stored.states = device.states();
        }
        if (crash !== 'no') device = new DeviceAlarms('mill', 'oven-1', plan, stored.states.states);
      }
      expect(stored.events).toEqual(evaluate(fresh(plan), messages));
    }),
    { numRuns: 2_000 },
  );
});

test('repeats anywhere after their original change nothing while times do not go back', () => {
  const repeats = fc.array(fc.record({ original: fc.nat(), after: fc.nat() }), { maxLength: 20 });
  fc.assert(
    fc.property(rules, messagesInTimeOrder, repeats, fc.nat(), (configs, messages, chosen, cut) => {
      fc.pre(messages.length > 0);
      const repeated = messages.map((message) => [message]);
      for (const { original, after } of chosen) {
        const index = original % messages.length;
        const at = index + (after % (messages.length - index));
        repeated[at]?.push(messages[index] as DataRowList);
      }
      const plan = compileRules(configs);
      const all = repeated.flat();
      const device = fresh(plan);
      const first = evaluate(device, all.slice(0, cut % all.length));
      const restored = new DeviceAlarms('mill', 'oven-1', plan, device.states().states);
      const events = [...first, ...evaluate(restored, all.slice(cut % all.length))];
      expect(events).toEqual(evaluate(fresh(plan), messages));
    }),
    { numRuns: 2_000 },
  );
});

test('points read again from any earlier offset give repeats of the same events only, while times do not go back', () => {
  fc.assert(
    fc.property(rules, messagesInTimeOrder, fc.nat(), fc.nat(), (configs, messages, crash, back) => {
      const plan = compileRules(configs);
      const end = messages.length === 0 ? 0 : crash % messages.length;
      const start = end === 0 ? 0 : back % end;
      const whole = evaluate(fresh(plan), messages);
      const kept = fresh(plan);
      evaluate(kept, messages.slice(0, start));
      const events = [
        ...evaluate(fresh(plan), messages.slice(0, end)),
        ...evaluate(new DeviceAlarms('mill', 'oven-1', plan, kept.states().states), messages.slice(start)),
      ];
      expect(withoutRepeats(events)).toEqual(whole);
    }),
    { numRuns: 2_000 },
  );
});
