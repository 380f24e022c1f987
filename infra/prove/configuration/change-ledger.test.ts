import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Answer,
  type Change,
  ChangeLedger,
  type ChangeReconciliation,
  type PublishedChange,
} from './change-ledger.ts';

const clean: ChangeReconciliation = { lost: [], refusedButPublished: [], repeated: [], outOfOrder: [], invented: [] };

const a = (text: string): Change => ({ key: 't/a', text });

function ledgerOf(answers: Readonly<Record<string, Answer>>): ChangeLedger {
  const ledger = new ChangeLedger();
  for (const [text, answer] of Object.entries(answers)) {
    ledger.ask(a(text));
    ledger.answer(a(text), answer);
  }
  return ledger;
}

test('what was accepted and is not published is lost; what was not answered may be there or not', () => {
  const ledger = ledgerOf({ one: 'accepted', two: 'unanswered', three: 'unanswered', four: 'accepted' });
  expect(ledger.reconcile([a('one'), a('three')])).toEqual({ ...clean, lost: [a('four')] });
  expect(['accepted', 'unanswered', 'refused'].map((answer) => ledger.count(answer as Answer))).toEqual([2, 2, 0]);
});

test('what was refused must not be published', () => {
  const ledger = ledgerOf({ one: 'accepted', two: 'refused' });
  expect(ledger.reconcile([a('one'), a('two')])).toEqual({ ...clean, refusedButPublished: [a('two')] });
});

test('a relay that begins again some records back is seen, and is no other order', () => {
  const ledger = ledgerOf({ one: 'accepted', two: 'accepted', three: 'accepted' });
  const records = ['one', 'two', 'three', 'two', 'three'].map(a);
  expect(ledger.reconcile(records)).toEqual({ ...clean, repeated: [a('two'), a('three')] });
});

test('a change that comes after a later one is out of order', () => {
  const ledger = ledgerOf({ one: 'accepted', two: 'unanswered', three: 'accepted' });
  expect(ledger.reconcile(['one', 'three', 'two'].map(a))).toEqual({ ...clean, outOfOrder: [a('two')] });
});

test('another text, another entity and a deletion were asked for by nobody', () => {
  const ledger = ledgerOf({ one: 'accepted' });
  const strange = [a('two'), { key: 't/b', text: 'one' }, { key: 't/a', text: null }];
  expect(ledger.reconcile([a('one'), ...strange])).toEqual({ ...clean, invented: strange });
});

test('a text that was given before is refused by the ledger itself', () => {
  expect(() => ledgerOf({ one: 'accepted' }).ask(a('one'))).toThrow('texts must differ');
});

interface Run {
  readonly ledger: ChangeLedger;
  /** What a right api publishes: keys mixed, each in its order. */
  readonly records: readonly PublishedChange[];
  readonly refused: readonly Change[];
}

const answers: fc.Arbitrary<Answer> = fc.constantFrom('accepted', 'refused', 'unanswered');

const runs: fc.Arbitrary<Run> = fc
  .record({
    asked: fc.array(fc.record({ key: fc.constantFrom('t/a', 't/b', 't/c'), answer: answers, isMade: fc.boolean() }), {
      minLength: 1,
      maxLength: 30,
    }),
    mix: fc.infiniteStream(fc.nat()),
  })
  .map(({ asked, mix }) => {
    const ledger = new ChangeLedger();
    const queues = new Map<string, Change[]>();
    const refused: Change[] = [];
    for (const [index, { key, answer, isMade }] of asked.entries()) {
      const change = { key, text: `change ${index}` };
      ledger.ask(change);
      ledger.answer(change, answer);
      if (answer === 'refused') refused.push(change);
      else if (answer === 'accepted' || isMade) queues.set(key, [...(queues.get(key) ?? []), change]);
    }
    return { ledger, records: mixed([...queues.values()], mix), refused };
  });

function mixed(queues: readonly Change[][], numbers: Iterator<number>): Change[] {
  const records: Change[] = [];
  for (;;) {
    const waiting = queues.filter((queue) => queue.length > 0);
    if (waiting.length === 0) return records;
    records.push(waiting[(numbers.next().value as number) % waiting.length]!.shift()!);
  }
}

test('whatever was answered and however keys are mixed, a right topic breaks nothing', () => {
  fc.assert(
    fc.property(runs, ({ ledger, records }) => {
      expect(ledger.reconcile(records)).toEqual(clean);
    }),
  );
});

test('one record too few, too many, in another place or with another text is seen, as nothing else', () => {
  fc.assert(
    fc.property(runs, fc.nat(), ({ ledger, records, refused }, number) => {
      fc.pre(records.length > 0);
      const place = number % records.length;
      const record = records[place] as Change;
      const rest = records.toSpliced(place, 1);
      const isAccepted = ledger.reconcile(rest).lost.length > 0;
      expect(ledger.reconcile(rest)).toEqual({ ...clean, lost: isAccepted ? [record] : [] });
      expect(ledger.reconcile([...records, record])).toEqual({ ...clean, repeated: [record] });
      const other = { ...record, text: 'nobody’s' };
      expect(ledger.reconcile(records.toSpliced(place, 0, other))).toEqual({ ...clean, invented: [other] });
      for (const change of refused.slice(0, 1))
        expect(ledger.reconcile([...records, change]).refusedButPublished).toEqual([change]);
      const isLastOfKey = !records.slice(place + 1).some(({ key }) => key === record.key);
      expect(ledger.reconcile([...rest, record]).outOfOrder).toEqual(isLastOfKey ? [] : [record]);
    }),
  );
});
