import type { ErrorCode } from '@millrace/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exportAccounting } from './accounting-metrics.ts';
import { Accounting, unexplainedMessages } from './accounting.ts';
import { Metrics } from './metrics.ts';

test('the report has the shape of GET /v1/accounting', () => {
  const accounting = new Accounting('gateway', 'gateway-1', new Date(0));
  const hop = accounting.hop('http');
  hop.in(10);
  hop.out(4);
  hop.rejected('overloaded', 2);
  hop.rejected('overloaded', 1);
  hop.deadLettered(1);
  expect(accounting.report()).toEqual({
    service: 'gateway',
    instance: 'gateway-1',
    startedAt: '1970-01-01T00:00:00.000Z',
    hops: [
      {
        hop: 'http',
        in: 10,
        out: 4,
        rejected: { overloaded: 3 },
        deadLettered: 1,
        parked: 0,
        repeated: 0,
        inFlight: 2,
      },
    ],
  });
});

test('a hop asked for twice is the same hop', () => {
  const accounting = new Accounting('gateway', 'gateway-1');
  accounting.hop('http').in(1);
  accounting.hop('http').in(1);
  expect(accounting.report().hops.map((hop) => hop.in)).toEqual([2]);
});

test('a report does not change after it was made', () => {
  const accounting = new Accounting('gateway', 'gateway-1');
  const hop = accounting.hop('http');
  hop.rejected('overloaded', 1);
  const report = accounting.report();
  hop.rejected('overloaded', 1);
  expect(report.hops[0]?.rejected).toEqual({ overloaded: 1 });
});

test('a message that was forgotten or counted twice is noticed where the queue is measured', () => {
  const accounting = new Accounting('parser', 'parser-1');
  let held = 3;
  const hop = accounting.hop('parse', () => held);
  hop.in(5);
  hop.out(2);
  const unexplained = (): number => unexplainedMessages(accounting.report().hops[0]!);
  expect(unexplained()).toBe(0);
  held = 2;
  expect(unexplained()).toBe(1);
  hop.out(2);
  expect(unexplained()).toBe(-1);
});

const ends = fc.record({
  out: fc.nat(100),
  rejected: fc.dictionary(fc.constantFrom<ErrorCode>('overloaded', 'empty_body', 'unknown_device'), fc.nat(100)),
  deadLettered: fc.nat(100),
  parked: fc.nat(100),
  repeated: fc.nat(100),
  inFlight: fc.nat(100),
});

test('in = out + rejected + deadLettered + parked + repeated + inFlight, whatever happens', () => {
  fc.assert(
    fc.property(ends, ({ out, rejected, deadLettered, parked, repeated, inFlight }) => {
      const accounting = new Accounting('parser', 'parser-1');
      const hop = accounting.hop('parse', () => inFlight);
      const refused = Object.entries(rejected) as [ErrorCode, number][];
      hop.in(refused.reduce((sum, [, count]) => sum + count, out + deadLettered + parked + repeated + inFlight));
      hop.out(out);
      for (const [code, count] of refused) hop.rejected(code, count);
      hop.deadLettered(deadLettered);
      hop.parked(parked);
      hop.repeated(repeated);
      expect(unexplainedMessages(accounting.report().hops[0]!)).toBe(0);
    }),
  );
});

test('Prometheus sees the same numbers, and what the identity misses', async () => {
  const accounting = new Accounting('parser', 'parser-1');
  const metrics = new Metrics('parser');
  exportAccounting(accounting, metrics);
  const hop = accounting.hop('parse', () => 1);
  hop.in(9);
  hop.out(4);
  hop.rejected('empty_body', 2);
  const text = await metrics.registry.metrics();
  expect(text).toContain('millrace_hop_messages_total{hop="parse",end="in"} 9');
  expect(text).toContain('millrace_hop_messages_total{hop="parse",end="rejected_empty_body"} 2');
  expect(text).toContain('millrace_hop_in_flight_messages{hop="parse"} 1');
  expect(text).toContain('millrace_hop_unexplained_messages{hop="parse"} 2');
});
