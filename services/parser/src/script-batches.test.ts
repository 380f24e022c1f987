import { systemClock } from '@millrace/kernel';
import { type FunctionCall, ScriptFailure, type ScriptExecutor } from '@millrace/sandbox';
import { expect, test } from 'vitest';
import { ScriptBatches } from './script-batches.ts';
import type { ParsableMessage } from './taken-messages.ts';
import { rawBatch, rawMessage } from './testing/raw-messages.ts';

/** Returns the first byte of each payload; a payload that begins with 255 throws. */
class FirstByte implements ScriptExecutor {
  readonly calls: FunctionCall[] = [];

  call(calls: readonly FunctionCall[]): ReturnType<ScriptExecutor['call']> {
    this.calls.push(...calls);
    for (const { onUsage } of calls) onUsage?.({ cpuMs: 3, heapBytes: undefined });
    return Promise.resolve(
      calls.map(({ inputs }) =>
        inputs.columns[0]!.values.map((value) => {
          const [first] = value as Uint8Array;
          return first === 255 ? new ScriptFailure('script_threw', 'bad', 2) : { returned: { data: { first } } };
        }),
      ),
    );
  }
}

const free = (): void => undefined;
const origin = { topic: 'raw', partition: 0, offset: '0', timestampMs: 0, raw: rawBatch([]) };
const script = (name: string) => ({ name, tenant: 'acme', language: 'javascript', source: '' });
const one = script('one');
const two = script('two');

function message(byte: number, of: typeof one | undefined): ParsableMessage {
  const payload = of ? Buffer.from([byte]) : Buffer.from(`{"first": ${byte}}`);
  const recipe = { script: of, scriptVersion: '', variables: {}, keepRawPayload: false };
  return { message: rawMessage({ payload }), origin, index: 0, recipe };
}

const firsts = (parsed: Awaited<ReturnType<ScriptBatches['parse']>>): readonly unknown[] =>
  parsed.map((result) => ('rows' in result ? result.rows[0]?.value : result));

const never = new AbortController().signal;

test('what several partitions want at once is one call per script, and each gets its own results in order', async () => {
  const executor = new FirstByte();
  const batches = new ScriptBatches({ executor, charge: free }, systemClock);
  const results = await Promise.all([
    batches.parse([message(1, one), message(2, two), message(3, undefined)], never),
    batches.parse([message(4, two), message(5, one)], never),
  ]);
  expect(results.map(firsts)).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  expect(executor.calls.map(({ script: { name }, inputs }) => [name, inputs.count])).toEqual([
    ['one', 2],
    ['two', 2],
  ]);
});

test('a call has at most 500 messages', async () => {
  const executor = new FirstByte();
  const parsed = await new ScriptBatches({ executor, charge: free }, systemClock).parse(
    Array.from({ length: 1_100 }, (_, index) => message(index % 200, one)),
    never,
  );
  expect(executor.calls.map(({ inputs }) => inputs.count)).toEqual([500, 500, 100]);
  expect(firsts(parsed)).toEqual(Array.from({ length: 1_100 }, (_, index) => index % 200));
});

test('a failure names the line of the script', async () => {
  const parsed = await new ScriptBatches({ executor: new FirstByte(), charge: free }, systemClock).parse(
    [message(255, one)],
    never,
  );
  expect(parsed).toEqual([{ code: 'script_threw', detail: 'Line 2: bad' }]);
});

test('scripts get port, time and variables of the message', async () => {
  const executor = new FirstByte();
  const { recipe } = message(1, one);
  const variables = { line: '1' };
  const sent = rawMessage({ payload: Buffer.from([1]), attributes: { fPort: '85' }, timeMicros: 1_500_250 });
  const parsable = { message: sent, origin, index: 0, recipe: { ...recipe, variables } };
  await new ScriptBatches({ executor, charge: free }, systemClock).parse([parsable], never);
  const columns = executor.calls[0]!.inputs.columns.map(({ name, values }) => [name, values[0]]);
  expect(columns).toEqual([
    ['bytes', Buffer.from([1])],
    ['fPort', 85],
    ['recvTime', 1_500.25],
    ['variables', variables],
    ['attributes', { fPort: '85' }],
  ]);
});

test('when the executor is closed everybody who waits is told', async () => {
  const closed: ScriptExecutor = { call: () => Promise.reject(new Error('closed')) };
  await expect(
    new ScriptBatches({ executor: closed, charge: free }, systemClock).parse([message(1, one)], never),
  ).rejects.toThrow('closed');
});

test('a call names the devices, waits no longer than all may wait for it, and costs its tenant what it took', async () => {
  const [executor, costs] = [new FirstByte(), [] as unknown[]];
  const batches = new ScriptBatches({ executor, charge: (...cost) => void costs.push(cost) }, systemClock);
  await batches.parse([message(1, one), message(2, one)], never);
  expect(executor.calls).toMatchObject([{ subjects: ['acme/d1', 'acme/d1'], patienceMs: 250 }]);
  expect(costs).toEqual([['acme', 3]]);
});
