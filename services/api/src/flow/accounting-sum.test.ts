import { Accounting } from '@millrace/observe';
import { expect, test } from 'vitest';
import { sumOf } from './accounting-sum.ts';

test('hops of the same name are added within a service, and only there', () => {
  const [a, b, parser] = [
    new Accounting('gateway', 'a'),
    new Accounting('gateway', 'b'),
    new Accounting('parser', 'c'),
  ];
  a.hop('http').in(10);
  a.hop('http').out(7);
  a.hop('http').rejected('overloaded', 1);
  b.hop('http').in(5);
  b.hop('http').rejected('overloaded', 2);
  b.hop('http').rejected('unauthenticated', 3);
  parser.hop('http').in(1);
  expect(sumOf([a.report(), b.report(), parser.report()])).toEqual([
    {
      service: 'gateway',
      hop: 'http',
      instances: 2,
      in: 15,
      out: 7,
      rejected: { overloaded: 3, unauthenticated: 3 },
      deadLettered: 0,
      parked: 0,
      repeated: 0,
      inFlight: 2,
    },
    expect.objectContaining({ service: 'parser', instances: 1, in: 1 }),
  ]);
});
