/** What every connector promises, whatever its protocol. A member's test brings the other side: a broker, a machine. */
import { setImmediate } from 'node:timers/promises';
import { errorKinds } from '@millrace/contracts';
import { describe, expect, test } from 'vitest';
import { ownershipSuite } from './ownership.suite.ts';
import { checkConnection } from './registry.ts';
import { ConnectorBench, type ConnectorMember } from './testing/connector-bench.ts';
import { soon } from './testing/soon.ts';

/** Enough for whoever does not wait to be through. */
const eventLoopTurns = 20;

export function connectorSuite(member: ConnectorMember): void {
  ownershipSuite(member);

  describe(`the ${member.kind} connector`, () => {
    const bench = new ConnectorBench(member);

    test('hands over what the other side says, under its device', async () => {
      bench.open();
      await bench.connected();
      bench.other.say(7);
      await bench.said(7);
      expect(bench.ports.sink.taken[0]).toMatchObject({ tenant: 'acme', deviceUid: 'd1', repeated: false });
      expect(bench.handle.state.lastError).toBeNull();
      expect(bench.happened()).toEqual(['connected']);
    });

    test('a message is acknowledged when the sink has made it durable, not before', async () => {
      bench.open();
      await bench.connected();
      bench.other.say(1);
      await bench.taken();
      expect(bench.handle.state).toMatchObject({ acknowledged: 0, unacknowledged: bench.handle.state.received });
      bench.ports.sink.open = true;
      bench.ports.sink.release();
      await soon(() => expect(bench.handle.state.acknowledged).toBeGreaterThan(0));
    });

    test('what comes while the sink has no room waits, and is handed over in its order', async () => {
      bench.ports.sink.overloaded = true;
      bench.open();
      await bench.connected();
      for (const value of [1, 2, 3]) {
        const { received } = bench.handle.state;
        bench.other.say(value);
        if (value > 1) continue;
        await bench.other.asked?.();
        await soon(() => expect(bench.handle.state.received).toBeGreaterThan(received));
      }
      expect(bench.ports.sink.taken).toEqual([]);
      bench.ports.sink.open = true;
      bench.ports.sink.overloaded = false;
      await bench.said(1);
      await bench.said(3);
      const values = bench.ports.sink.payloads.map((text) => (JSON.parse(text) as { value: number }).value);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    });

    test('comes back by itself when the connection is lost, and says why', async () => {
      bench.ports.sink.open = true;
      bench.open();
      await bench.connected();
      bench.other.cut();
      await soon(() => expect(bench.happened()).toEqual(['connected', 'lost', 'connected']));
      const [, loss] = bench.ports.happened.find(([name]) => name === 'lost') ?? [];
      expect(Object.keys(errorKinds)).toContain((loss as { readonly code: string }).code);
      bench.other.say(8);
      await bench.said(8);
    });

    test('shows that the other side is away, and goes on when it is back', async () => {
      bench.ports.sink.open = true;
      await bench.other.leave();
      bench.open();
      await soon(() => expect(bench.handle.state.lastError?.code).toBe(member.awayCode));
      expect(['waiting', 'connecting']).toContain(bench.handle.state.phase);
      await bench.other.comeBack();
      await bench.connected();
      bench.other.say(9);
      await bench.said(9);
    });

    test('a message of a device that nobody knows is kept as a dead letter, and counted', async () => {
      bench.open('absent');
      await bench.connected();
      bench.other.say(1);
      await soon(() => expect(bench.ports.counts['unknown_sender']).toBeGreaterThan(0));
      expect(bench.ports.kept[0]).toMatchObject({ code: 'unknown_sender', message: { tenant: 'acme' } });
      expect(bench.ports.sink.taken).toEqual([]);
      expect(bench.happened()).toContain('messagesRejected');
    });

    test('closing takes no more, waits until what was taken is durable, and leaves nothing uncounted', async () => {
      bench.open();
      await bench.connected();
      bench.other.say(1);
      await bench.taken();
      let over = false;
      const closed = bench.handle.close(new AbortController().signal).then(() => (over = true));
      const { received } = bench.handle.state;
      bench.other.say(2);
      for (let turn = 0; turn < eventLoopTurns; turn += 1) await setImmediate();
      expect(over).toBe(false);
      bench.ports.sink.open = true;
      bench.ports.sink.release();
      await closed;
      expect(bench.handle.state).toMatchObject({
        phase: 'closed',
        received,
        acknowledged: received,
        unacknowledged: 0,
      });
      expect(bench.ports.counts['in']).toBe(bench.ports.counts['out']);
    });

    test('closing with an aborted signal leaves at once', async () => {
      bench.open();
      await bench.connected();
      bench.other.say(1);
      await bench.taken();
      await bench.handle.close(AbortSignal.abort());
      expect(bench.handle.state.phase).toBe('closed');
    });

    test('what is wrong with a connection is said by the name of its field', () => {
      const wrong = { ...bench.other.connection('d1'), url: 'pigeon://wrong.example' };
      expect(() => checkConnection(wrong)).toThrow(
        expect.objectContaining({
          code: 'configuration_invalid',
          errors: [expect.objectContaining({ field: '/url' })],
        }),
      );
    });
  });
}
