/** What every connector promises to whoever owns its connection by a lease. A part of the suite of connectors. */
import { setImmediate } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { describe, expect, test, vi } from 'vitest';
import { ConnectorBench, type ConnectorMember } from './testing/connector-bench.ts';
import { soon } from './testing/soon.ts';

/** Enough for whoever does not wait to be through. */
const eventLoopTurns = 20;

export function ownershipSuite(member: ConnectorMember): void {
  describe(`the ${member.kind} connector under a lease`, () => {
    const bench = new ConnectorBench(member);

    test('says that it is connected before it hands over the first message', async () => {
      const accept = vi.spyOn(bench.ports.sink, 'accept');
      const saidBefore: (readonly string[])[] = [];
      accept.mockImplementation((messages) => {
        saidBefore.push(bench.happened());
        bench.ports.sink.taken.push(...messages);
        return Promise.resolve([]);
      });
      bench.other.say(1);
      bench.open();
      await bench.connected();
      bench.other.say(2);
      await bench.taken();
      expect(saidBefore[0]).toEqual(['connected']);
    });

    test('stays away while it may not connect, asks again, and comes when it may', async () => {
      const answers = [() => false, () => Promise.resolve(false), () => Promise.reject(new Error('Not known.'))];
      let asked = 0;
      let may = false;
      bench.ports.mayConnect = () => {
        asked += 1;
        return may || answers[asked % answers.length]!();
      };
      bench.open();
      await soon(() => expect(asked).toBeGreaterThan(3));
      expect(bench.handle.state).toMatchObject({
        phase: 'waiting',
        lastError: { code: expect.stringMatching(/^(lease_lost|internal)$/) },
      });
      expect(bench.other.visits()).toBe(0);
      may = true;
      await bench.connected();
      expect(bench.happened()).toEqual(['connected']);
    });

    test('asks once for each attempt', async () => {
      let asked = 0;
      bench.ports.mayConnect = () => (asked += 1) > 0;
      bench.open();
      await bench.connected();
      bench.other.cut();
      await soon(() => expect(bench.happened()).toEqual(['connected', 'lost', 'connected']));
      expect(asked).toBe(2);
    });

    test('when the lease is over it ends at once, acknowledges nothing, and comes back only when it may', async () => {
      let may = true;
      bench.ports.mayConnect = () => may;
      bench.open();
      await bench.connected();
      bench.ports.sink.refusal = new MillraceError('lease_lost', 'Over.');
      may = false;
      bench.other.say(1);
      await soon(() => expect(bench.ports.happened.at(-1)).toMatchObject(['lost', { code: 'lease_lost' }]));
      expect(bench.handle.state.acknowledged).toBe(0);
      expect(bench.ports.counts['lease_lost']).toBeGreaterThan(0);
      await soon(() =>
        expect(bench.handle.state).toMatchObject({ phase: 'waiting', lastError: { code: 'lease_lost' } }),
      );
      bench.ports.sink.refusal = undefined;
      bench.ports.sink.open = true;
      may = true;
      bench.other.say(2);
      await bench.connected();
      bench.other.say(3);
      await bench.said(3);
    });

    test('the signal ends it at once, in the middle of what the other side says, and while it waits to be allowed', async () => {
      bench.open();
      await bench.connected();
      await bench.other.stall();
      const { received } = bench.handle.state;
      bench.ending.abort();
      for (let turn = 0; turn < eventLoopTurns; turn += 1) await setImmediate();
      expect(bench.handle.state).toMatchObject({ phase: 'closed', received });
      await bench.handle.close(new AbortController().signal);

      bench.ending = new AbortController();
      bench.ports.mayConnect = () => new Promise<boolean>(() => {});
      bench.open();
      bench.ending.abort();
      for (let turn = 0; turn < eventLoopTurns; turn += 1) await setImmediate();
      expect(bench.handle.state.phase).toBe('closed');
    });
  });
}
